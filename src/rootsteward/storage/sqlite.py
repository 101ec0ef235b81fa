"""SQLite: the owner's file, durable at every commit, one writer at a time."""

import os
import sqlite3
import stat
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from rootsteward.domain.errors import OperatorError

_OWNER_ONLY = 0o600
_OWNER_ONLY_FOLDER = 0o700
_PRAGMAS = (
    "journal_mode=WAL",
    # WHY FULL: with WAL and NORMAL a power cut may take the last commits back, and with them the
    # intent of an act that AWS has carried out. FULL syncs the log at every commit.
    "synchronous=FULL",
    "foreign_keys=ON",
)


def sqlite_engine(url: URL, *, busy_seconds: float) -> Engine:
    """An engine on a file that only its owner can read; it is made when it is not there.

    Raises:
        OperatorError: when the file cannot be made or written.
    """
    _prepare_file(Path(url.database or ""))
    engine = create_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _configure)
    return engine


def sqlite_engine_for_a_library(url: URL, *, busy_seconds: float) -> Engine:
    """An engine on a file that `sqlite_engine` has made, whose transactions the driver opens."""
    engine = create_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _configure_for_a_library)
    return engine


def begin_sqlite(connection: Connection, *, writes: bool) -> None:
    """Open the transaction that the driver was told not to open.

    WHY IMMEDIATE: taking the write lock at the first write would be too late, and could fail half
    way when somebody else wrote meanwhile.
    """
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


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
        help="name a file in a folder that you may write, with --database",
    )


def _configure(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # WHY isolation_level None: the driver would open transactions of its own, later than we
    # need the lock; `begin_sqlite` opens them instead.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _configure_for_a_library(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    _configure(connection, record)
    # WHY less than `FULL`: what such a library forgets when the power fails, the tables of this
    # schema still know.
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.isolation_level = "IMMEDIATE"
