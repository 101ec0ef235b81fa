"""The tables, as SQLAlchemy Core sees them. No business words: a chain and documents.

`migrations.sql` makes them; a test keeps the two in agreement.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

# WHY text for times: ISO 8601 in UTC sorts as time does, is the same in every database, and is
# exactly the text that was hashed.
CHAIN_ENTRY = Table(
    "chain_entry",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
)

STORED_DOCUMENT = Table(
    "stored_document",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Index("stored_document_by_key", "kind", "key", "id"),
)

SCHEMA_VERSION = Table(
    "schema_version",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)
