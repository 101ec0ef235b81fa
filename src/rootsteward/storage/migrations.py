"""Brings a database to the present schema, one numbered migration after the other."""

import re
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import Connection, insert, inspect, select

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.schema import SCHEMA_VERSION

_HEADING = re.compile(r"^-- migration (\d+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; `statements` run in order, in one transaction with the record of the step."""

    version: int
    name: str
    statements: tuple[str, ...]


def migrations() -> tuple[Migration, ...]:
    """All steps, in order, from `migrations.sql`."""
    text = files("rootsteward.storage").joinpath("migrations.sql").read_text(encoding="utf-8")
    _, *parts = _HEADING.split(text)
    return tuple(
        Migration(int(number), name, _statements(sql))
        for number, name, sql in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )


def migrate(connection: Connection) -> None:
    """Apply what is missing. The connection must hold the database's write lock.

    Raises:
        OperatorError: when the database was made by a newer rootsteward.
    """
    SCHEMA_VERSION.create(connection, checkfirst=True)
    known = migrations()
    present = current_version(connection)
    if present > known[-1].version:
        raise OperatorError(
            f"the database has schema {present}, and this rootsteward knows {known[-1].version}",
            help="use the newer rootsteward that made it, or another database",
        )
    for migration in known[present:]:
        for statement in migration.statements:
            connection.exec_driver_sql(statement)
        connection.execute(
            insert(SCHEMA_VERSION).values(version=migration.version, name=migration.name)
        )


def current_version(connection: Connection) -> int:
    """The number of the last migration applied; 0 for a database that is empty."""
    if not inspect(connection).has_table(SCHEMA_VERSION.name):
        return 0
    versions = connection.execute(select(SCHEMA_VERSION.c.version)).scalars()
    return max(versions, default=0)


def _statements(sql: str) -> tuple[str, ...]:
    return tuple(
        part.strip() for part in re.split(r";\s*$", sql, flags=re.MULTILINE) if part.strip()
    )
