"""The only place that picks real AWS or the sandbox, the database and the clock."""
