"""Keeps texts under a kind and a key, every version of them: backups of policies, for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.database import Database
from rootsteward.storage.schema import STORED_DOCUMENT


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One version of a text. `id` grows with time; `at` is aware UTC."""

    id: int
    kind: str
    key: str
    at: datetime
    body: str


class DocumentStore:
    """Saves and finds texts; never changes or deletes one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, kind: str, key: str, body: str, *, at: datetime) -> int:
        """Keep a new version and return its id.

        Args:
            kind: what it is, such as `control-policy`.
            key: whose it is, such as a policy id or a bucket's ARN.
            body: the text, kept to the letter.
            at: aware.
        """
        with self._database.writing() as connection:
            document_id = _next_id(connection)
            connection.execute(
                insert(STORED_DOCUMENT).values(
                    id=document_id, kind=kind, key=key, at=at.isoformat(), body=body
                )
            )
        return document_id

    def get(self, document_id: int) -> StoredDocument:
        """One version.

        Raises:
            OperatorError: when there is none with this id.
        """
        found = self._read(select(STORED_DOCUMENT).where(STORED_DOCUMENT.c.id == document_id))
        if not found:
            raise OperatorError(
                f"there is no stored document `{document_id}`",
                help="list the stored documents to see their ids",
            )
        return found[0]

    def latest(self, kind: str, key: str) -> StoredDocument | None:
        """The newest version of a key, or None."""
        found = self._read(_versions(kind, key).limit(1))
        return found[0] if found else None

    def list(self, kind: str, key: str | None = None) -> tuple[StoredDocument, ...]:
        """Every version of a key, or of a whole kind, newest first."""
        return self._read(_versions(kind, key))

    def _read(self, query: Select[Any]) -> tuple[StoredDocument, ...]:
        with self._database.reading() as connection:
            return tuple(_document(row) for row in connection.execute(query).mappings())


def _versions(kind: str, key: str | None) -> Select[Any]:
    query = select(STORED_DOCUMENT).where(STORED_DOCUMENT.c.kind == kind)
    if key is not None:
        query = query.where(STORED_DOCUMENT.c.key == key)
    return query.order_by(STORED_DOCUMENT.c.id.desc())


def _next_id(connection: Connection) -> int:
    last = connection.execute(select(func.max(STORED_DOCUMENT.c.id))).scalar_one()
    return 1 if last is None else int(last) + 1


def _document(row: RowMapping | Mapping[str, Any]) -> StoredDocument:
    return StoredDocument(
        id=row["id"],
        kind=row["kind"],
        key=row["key"],
        at=datetime.fromisoformat(row["at"]),
        body=row["body"],
    )
