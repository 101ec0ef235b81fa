"""Worlds to start from: YAML files, their schema, and the loader."""
