"""Policy texts that were kept before a change: listing them, and finding one to put back."""

from collections.abc import Sequence

from rootsteward.cli.options import Session
from rootsteward.cli.render import Column, Row
from rootsteward.domain.errors import InputError
from rootsteward.storage.documents import StoredDocument


def show_backups(session: Session, kinds: Sequence[str], *, heading: str) -> None:
    """All kept texts of these kinds, newest first. `heading` is that of whose policy it is."""
    rows: list[Row] = [
        {
            "backup": kept.id,
            "policy": kept.key,
            "at": kept.at,
            "kind": kept.kind,
        }
        for kept in _backups(session, kinds)
    ]
    columns = [Column("backup", "backup"), Column("policy", heading), Column("at", "kept at")]
    if len(kinds) > 1:
        columns.append(Column("kind", "kind"))
    session.screen.rows("Policy backups", columns, rows, empty="there are none")


def find_backup(
    session: Session, kinds: Sequence[str], number: int, *, listed_by: str
) -> StoredDocument:
    """One kept text.

    Raises:
        InputError: when none of these kinds has the number; `listed_by` is the command that lists.
    """
    found = next((kept for kept in _backups(session, kinds) if kept.id == number), None)
    if found is None:
        raise InputError(
            f"there is no policy backup `{number}`",
            help=f"`rootsteward {listed_by}` lists the ones that can be restored here",
        )
    return found


def _backups(session: Session, kinds: Sequence[str]) -> list[StoredDocument]:
    documents = session.runtime.documents
    found = [kept for kind in kinds for kept in documents.list(kind)]
    return sorted(found, key=lambda kept: kept.id, reverse=True)
