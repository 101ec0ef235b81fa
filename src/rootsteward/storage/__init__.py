"""The database: engine, schema, migrations. No business words."""
