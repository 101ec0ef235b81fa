"""The tables, as SQLAlchemy Core sees them. No business words: a chain, documents, jobs.

`migrations.sql` makes them; a test keeps the two in agreement.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

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
    Index("chain_entry_by_subject", "subject", "seq"),
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

# Long work: one job of many items. `state` and `outcome` are the words of whoever uses it.
JOB = Table(
    "job",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("changed_at", String(32), nullable=False),
    Column("body", Text, nullable=False),
)

JOB_ITEM = Table(
    "job_item",
    METADATA,
    Column("job_id", Text, ForeignKey("job.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("begun_at", String(32)),
    Column("ended_at", String(32)),
    Column("planned", Text, nullable=False),
    Column("result", Text),
    Index("job_item_by_outcome", "job_id", "state", "outcome"),
)

# What a job holds, so that no other job begins with it.
CLAIM = Table(
    "claim",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("job_id", Text, ForeignKey("job.id"), nullable=False),
)

# The processes that work on jobs, and when each was last alive.
EXECUTOR = Table(
    "executor",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("seen_at", String(32), nullable=False),
)

SCHEMA_VERSION = Table(
    "schema_version",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)
