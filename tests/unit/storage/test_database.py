import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.database import Database, open_database


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_database_and_its_folder_belong_to_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "made" / "ledger.db"
    with open_database(path) as database, database.writing() as connection:
        connection.execute(text("SELECT 1"))
        files = sorted(path.parent.iterdir())
        assert path in files
        assert {mode(file) for file in files} == {0o600}
    assert mode(path.parent) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch(mode=0o644)
    path.chmod(0o644)
    open_database(path).close()
    assert mode(path) == 0o600


def test_a_database_is_opened_with_wal_full_sync_and_foreign_keys(tmp_path: Path) -> None:
    with open_database(tmp_path / "ledger.db") as database, database.reading() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert settings == ["wal", 2, 1, 30000]


def test_a_path_and_a_sqlite_url_name_the_same_database(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_database(f"sqlite:///{path}") as database, database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE mark (n INTEGER)")
    with open_database(str(path)) as database, database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM mark").scalar_one() == 0


def half_a_write(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (0, 'half done')")
        raise ZeroDivisionError


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with open_database(tmp_path / "ledger.db") as database:
        with pytest.raises(ZeroDivisionError):
            half_a_write(database)
        with database.reading() as connection:
            lowest = connection.exec_driver_sql("SELECT min(version) FROM schema_version")
            assert lowest.scalar_one() == 1


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and not a database at all\n" * 50)
    before = path.read_bytes()
    with pytest.raises(OperatorError) as caught:
        open_database(path)
    assert str(caught.value) == f"`{path}` is not a database"
    assert caught.value.help == "name another file; this one was left as it is"
    assert path.read_bytes() == before


def test_a_database_of_a_newer_rootsteward_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_database(path) as database, database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (99, 'from the future')")
    with pytest.raises(OperatorError) as caught:
        open_database(path)
    assert str(caught.value) == "the database has schema 99, and this rootsteward knows 2"
    assert "newer rootsteward" in caught.value.help


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "ledger.db"
    with pytest.raises(OperatorError) as caught:
        open_database(path)
    assert (
        str(caught.value)
        == f"the database `{path}` cannot be written: `{path.parent}` is not a folder"
    )


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        open_database(tmp_path)
    assert str(caught.value) == f"the database `{tmp_path}` cannot be written: is a directory"


def test_a_database_that_stays_locked_is_said_to_be_in_use(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_database(path) as database:
        with database.reading() as connection:
            # The wait itself is SQLite's; here only what is said at its end counts.
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
        holder = sqlite3.connect(path, isolation_level=None)
        try:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperatorError) as caught, database.writing():
                pass
        finally:
            holder.close()
    assert str(caught.value) == f"the database `{path}` is in use and stayed locked"


@pytest.mark.parametrize("address", ["mysql://host/x", "sqlite://", "://", "postgresqll://h/d"])
def test_an_address_of_no_known_database_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(OperatorError) as caught:
        open_database(address)
    assert str(caught.value) == (
        "the database address is neither a path, nor sqlite:///…, nor postgresql://…"
    )


def test_a_damaged_table_is_the_operators_to_restore(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_database(path) as database, database.writing() as connection:
        for number in range(2, 400):
            connection.exec_driver_sql(
                "INSERT INTO schema_version VALUES (?, ?)", (-number, "x" * 200)
            )
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)
    with pytest.raises(OperatorError) as caught:
        open_database(path).close()
    assert str(caught.value) == f"the database `{path}` is damaged"
