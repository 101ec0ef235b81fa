"""One database: opened, locked for writing, closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, event

from rootsteward.storage.address import parse_address, passwords_in, public_name
from rootsteward.storage.errors import stayed_locked, translated
from rootsteward.storage.migrations import current_version, migrate, migrations
from rootsteward.storage.postgresql import begin_postgresql, postgresql_engine, reading_options
from rootsteward.storage.sqlite import begin_sqlite, sqlite_engine, sqlite_engine_for_a_library

_BUSY_SECONDS = 30.0
_WRITES = "rootsteward_writes"


class Database:
    """Reads and writes in transactions; safe for threads. Close it when done.

    Any number of processes may share it: readers never wait, writers take turns.
    """

    def __init__(self, engine: Engine, name: str, hidden: tuple[str, ...] = ()) -> None:
        self._engine = engine
        self._hidden = hidden
        self._reading = reading_options() if engine.dialect.name == "postgresql" else {}
        # WHY: threads of one process then wait for each other in order and without polling, and
        # hold no connection while they wait.
        self._turn = Lock()
        self.name = name
        event.listen(engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database."""
        with self._translated(), self._engine.connect() as connection:
            connection.execution_options(**self._reading)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the database's one write lock from its start.

        What is appended depends on what is last, so nobody may append in between. Not to be
        nested.
        """
        with self._translated(), self._my_turn(), self._engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(self.name, self._hidden):
            yield

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=_BUSY_SECONDS):
            raise stayed_locked(self.name)
        try:
            yield
        finally:
            self._turn.release()

    def engine_for_a_library(self) -> Engine:
        """Another engine on the same database, for a library that keeps tables of its own in it.

        On SQLite the driver opens the library's transactions, and each that writes takes the write
        lock at its start, so that none fails half way for want of it. The caller disposes of it.
        """
        url = self._engine.url
        if url.get_backend_name() == "sqlite":
            return sqlite_engine_for_a_library(url, busy_seconds=_BUSY_SECONDS)
        return postgresql_engine(url, busy_seconds=_BUSY_SECONDS)

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
            can be read by its owner only, and so can the folder when it is made here. A
            PostgreSQL database must exist; the tables are made in it.

    Raises:
        OperatorError: when it is not a database, was made by a newer rootsteward, cannot be
            written or reached, or stays locked.
    """
    url = parse_address(where)
    make_engine = sqlite_engine if url.get_backend_name() == "sqlite" else postgresql_engine
    engine = make_engine(url, busy_seconds=_BUSY_SECONDS)
    database = Database(engine, public_name(url), passwords_in(url))
    try:
        _bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _bring_up_to_date(database: Database) -> None:
    with database.reading() as connection:
        ready = current_version(connection) == migrations()[-1].version
    if not ready:
        with database.writing() as connection:
            migrate(connection)


def _begin(connection: Connection) -> None:
    writes = bool(connection.get_execution_options().get(_WRITES, False))
    if connection.dialect.name == "sqlite":
        begin_sqlite(connection, writes=writes)
    else:
        begin_postgresql(connection, writes=writes)
