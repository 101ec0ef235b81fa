"""Protocols only: what the tool needs from the outside."""
