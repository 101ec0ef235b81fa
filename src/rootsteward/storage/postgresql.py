"""PostgreSQL: many machines, one writer at a time, durable at every commit."""

import os
from collections.abc import Callable

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from rootsteward.domain.errors import OperatorError

_CONNECT_SECONDS = 10
# The two numbers of the lock that every writer of a rootsteward database takes.
_WRITERS = (0x726F6F74, 1)
# WHY: a server may be set to answer before a commit is on disk. Stronger settings are left alone.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)


def postgresql_engine(url: URL, *, busy_seconds: float) -> Engine:
    """An engine on a server. Connects to nothing yet.

    Raises:
        OperatorError: when the driver is not installed.
    """
    defaults: dict[str, object] = {"fallback_application_name": "rootsteward"}
    if "connect_timeout" not in url.query and "PGCONNECT_TIMEOUT" not in os.environ:
        defaults["connect_timeout"] = _CONNECT_SECONDS
    try:
        # WHY pre_ping: a campaign may outlive a restart of the server or an idle connection.
        engine = create_engine(url, connect_args=defaults, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise OperatorError(
            f"the PostgreSQL driver `{error.name}` is not installed",
            help="install rootsteward with its extra `postgres`",
        ) from error
    event.listen(engine, "connect", _configurer(busy_seconds))
    return engine


def begin_postgresql(connection: Connection, *, writes: bool) -> None:
    """For a writer, wait for the other writers of this database, then see what they committed.

    WHY an advisory lock: every lock on a table that keeps writers apart also keeps autovacuum
    away. It ends with the transaction. Each statement after it sees all that was committed before,
    which is what READ COMMITTED means.
    """
    if writes:
        connection.execute(select(func.pg_advisory_xact_lock(*_WRITERS)))


def reading_options() -> dict[str, object]:
    """A read-only view that stays the same from its first statement to its last."""
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _configurer(busy_seconds: float) -> Callable[[DBAPIConnection, ConnectionPoolEntry], None]:
    settings = (f"SET lock_timeout = '{round(busy_seconds * 1000)}ms'", _DURABLE)

    def configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for statement in settings:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return configure
