from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect

from rootsteward.storage.database import open_database
from rootsteward.storage.migrations import current_version, migrate, migrations
from rootsteward.storage.schema import METADATA

Shape = dict[str, object]


def shape(connection: Connection) -> Shape:
    """Everything the inspector knows about every table."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            ],
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "indexes": sorted(
                (index["name"], tuple(index["column_names"]), bool(index["unique"]))
                for index in inspector.get_indexes(table)
            ),
            "unique": sorted(
                tuple(constraint["column_names"])
                for constraint in inspector.get_unique_constraints(table)
            ),
        }
        for table in sorted(inspector.get_table_names())
    }


@pytest.fixture
def declared() -> Shape:
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            METADATA.create_all(connection)
            return shape(connection)
    finally:
        engine.dispose()


def test_the_migrations_make_exactly_the_declared_tables(tmp_path: Path, declared: Shape) -> None:
    with open_database(tmp_path / "ledger.db") as database, database.reading() as connection:
        assert shape(connection) == declared
    assert set(declared) == {
        "chain_entry",
        "claim",
        "executor",
        "job",
        "job_item",
        "schema_version",
        "stored_document",
    }


def test_migrations_are_numbered_from_one_without_a_gap_and_have_names() -> None:
    found = migrations()
    assert [migration.version for migration in found] == list(range(1, len(found) + 1))
    assert found[0].name == "the chain and the documents"
    assert all(migration.statements for migration in found)


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    with open_database(tmp_path / "ledger.db") as database, database.writing() as connection:
        before = shape(connection)
        migrate(connection)
        assert shape(connection) == before
        assert current_version(connection) == migrations()[-1].version
