"""One database: opened, locked for writing, closed."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.storage.errors import translated
from rootsteward.storage.migrations import current_version, migrate, migrations

_BUSY_SECONDS = 30.0
_OWNER_ONLY = 0o600
_OWNER_ONLY_FOLDER = 0o700
_WRITES = "rootsteward_writes"


class Database:
    """Reads and writes in transactions; safe for threads. Close it when done.

    On SQLite any number of processes may share the file: readers never wait, writers take turns.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database."""
        with translated(self.name), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the database's write lock from its start.

        WHY: what is appended depends on what is last, so nobody may append in between. Taking the
        lock at the first write would be too late, and on SQLite could fail half way.
        """
        with translated(self.name), self._engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def lock(self, connection: Connection, table: Table) -> None:
        """Keep every other writer off a table until the transaction ends.

        On SQLite `writing` has done that already.
        """
        if connection.dialect.name == "postgresql":
            name = connection.dialect.identifier_preparer.format_table(table)
            connection.exec_driver_sql(f"LOCK TABLE {name} IN EXCLUSIVE MODE")

    def engine_for_a_library(self) -> Engine:
        """Another engine on the same database, for a library that keeps tables of its own in it.

        On SQLite the driver opens the library's transactions, and each that writes takes the write
        lock at its start, so that none fails half way for want of it. The caller disposes of it.
        """
        engine = create_engine(self._engine.url, connect_args=_connect_args(self._engine.url))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _configure_sqlite_for_a_library)
        return engine

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def open_database(where: str | Path) -> Database:
    """Open a database, made and migrated when needed.

    Args:
        where: a path for SQLite, or a `sqlite:///…` or `postgresql://…` URL. A new SQLite file
            can be read by its owner only, and so can the folder when it is made here.

    Raises:
        OperatorError: when it is not a database, was made by a newer rootsteward, cannot be
            written or reached, or stays locked.
    """
    url = _url(where)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        _prepare_file(path)
        name, engine = str(path), create_engine(url, connect_args=_connect_args(url))
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        name, engine = url.render_as_string(hide_password=True), _create_postgresql(url)
    database = Database(engine, name)
    try:
        _bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _url(where: str | Path) -> URL:
    text = str(where)
    if isinstance(where, Path) or "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("")
    if url.get_backend_name() not in {"sqlite", "postgresql"} or (
        url.get_backend_name() == "sqlite" and not url.database
    ):
        # WHY the text is not shown: it may hold a password.
        raise InputError(
            "the database address is neither a path, nor sqlite:///…, nor postgresql://…",
            help="for example --database-url postgresql://user@host/rootsteward",
        )
    return url


def _create_postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        return create_engine(url)
    except ModuleNotFoundError as error:
        raise OperatorError(
            f"the PostgreSQL driver `{error.name}` is not installed",
            help="install psycopg with its binary extra into the environment of rootsteward",
        ) from error


def _prepare_file(path: Path) -> None:
    """Make the file before SQLite does, so that at no moment others can read it."""
    try:
        path.parent.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
        if stat.S_IMODE(path.stat().st_mode) & ~_OWNER_ONLY:
            path.chmod(_OWNER_ONLY)
    except FileExistsError as error:
        raise _not_writable(path, f"`{path.parent}` is not a folder") from error
    except OSError as error:
        raise _not_writable(path, (error.strerror or str(error)).lower()) from error


def _not_writable(path: Path, why: str) -> OperatorError:
    return OperatorError(
        f"the database `{path}` cannot be written: {why}",
        help="name a file in a folder that you may write, with --database-url",
    )


def _bring_up_to_date(database: Database) -> None:
    with database.reading() as connection:
        ready = current_version(connection) == migrations()[-1].version
    if not ready:
        with database.writing() as connection:
            migrate(connection)


def _configure_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # WHY isolation_level None: the driver would open transactions of its own, later than we
    # need the lock; `_begin_sqlite` opens them instead.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _configure_sqlite_for_a_library(
    connection: sqlite3.Connection, record: ConnectionPoolEntry
) -> None:
    _configure_sqlite(connection, record)
    # WHY less than `FULL`: what such a library forgets when the power fails, the tables of this
    # schema still know.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.isolation_level = "IMMEDIATE"


def _connect_args(url: URL) -> dict[str, float]:
    return {"timeout": _BUSY_SECONDS} if url.get_backend_name() == "sqlite" else {}


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
