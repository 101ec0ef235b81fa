"""Opening, migrating, reading and writing, on SQLite and on a real PostgreSQL server alike."""

import pytest
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.database import Database, open_database
from rootsteward.storage.migrations import current_version, migrate, migrations
from rootsteward.storage.schema import METADATA


def count(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM schema_version").scalar_one())


def test_the_migrations_make_exactly_the_declared_tables(database: Database) -> None:
    with database.reading() as connection:
        inspector = inspect(connection)
        made = {
            table: [
                (column["name"], str(column["type"].as_generic()), column["nullable"])
                for column in inspector.get_columns(table)
            ]
            for table in inspector.get_table_names()
        }
    assert made == {
        table.name: [
            (column.name, str(column.type.as_generic()), column.nullable)
            for column in table.columns
        ]
        for table in METADATA.tables.values()
    }


def test_opening_again_changes_nothing(database: Database, database_address: str) -> None:
    with open_database(database_address) as again, again.writing() as connection:
        migrate(connection)
        assert current_version(connection) == migrations()[-1].version
        assert count(connection) == len(migrations())
    assert again.name == database.name


def test_a_database_of_a_newer_rootsteward_is_refused(
    database: Database, database_address: str
) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (99, 'from the future')")
    with pytest.raises(OperatorError) as caught:
        open_database(database_address)
    assert str(caught.value).startswith("the database has schema 99, and this rootsteward knows ")


def half_a_write(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (0, 'half done')")
        raise ZeroDivisionError


def test_a_write_that_fails_leaves_nothing_and_the_next_one_gets_its_turn(
    database: Database,
) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            half_a_write(database)
    with database.reading() as connection:
        assert count(connection) == len(migrations())


def test_a_view_stays_the_same_while_others_write(
    database: Database, database_address: str
) -> None:
    with database.reading() as connection, open_database(database_address) as other:
        before = count(connection)
        with other.writing() as writer:
            writer.exec_driver_sql("INSERT INTO schema_version VALUES (-1, 'meanwhile')")
        assert count(connection) == before
    with database.reading() as connection:
        assert count(connection) == before + 1


def test_what_the_driver_says_becomes_ours(database: Database) -> None:
    with pytest.raises(OperatorError) as caught, database.reading() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    assert str(caught.value).startswith(f"the database `{database.name}` failed: ")
    assert isinstance(caught.value.__cause__, DBAPIError)
