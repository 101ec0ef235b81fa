"""The append-only record of every act, in the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import Connection, RowMapping, insert, select

from rootsteward.ledger.chain import EMPTY, ChainVerdict, Head, KeptHead, check
from rootsteward.ledger.entry import Entry, canonical_body, make_entry
from rootsteward.ledger.export import export
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import JsonValue
from rootsteward.storage.database import Database
from rootsteward.storage.group_commit import GroupCommit
from rootsteward.storage.schema import CHAIN_ENTRY

_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Draft:
    """An entry before it has its number, time and place in the chain."""

    kind: str
    subject: str
    body: str


class Ledger:
    """Implements `rootsteward.ports.journal.Journal`; safe for threads and processes.

    INVARIANT: entries are only ever added, and `record` returns after the entry is on disk. The
    database's write lock is held from reading the head to writing the entries.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._commits = GroupCommit(self._append)

    def record(self, kind: str, subject: str, body: Mapping[str, JsonValue]) -> int:
        """Append one entry and return its number, counted from 1.

        Raises:
            BugError: when the body is not JSON or holds something secret.
            OperatorError: when the database cannot be written.
        """
        return self._commits.write(_Draft(kind, subject, canonical_body(body)))

    def _append(self, drafts: Sequence[_Draft]) -> Sequence[int]:
        with self._database.writing() as connection:
            head = _head(connection)
            entries: list[Entry] = []
            for draft in drafts:
                # WHY the time is taken under the lock: it then never runs against the numbers.
                at = self._clock.now().astimezone(UTC).isoformat(timespec="microseconds")
                entry = make_entry(
                    head.seq + 1, at, draft.kind, draft.subject, draft.body, head.hash
                )
                entries.append(entry)
                head = Head(entry.seq, entry.hash)
            connection.execute(insert(CHAIN_ENTRY), [_row(entry) for entry in entries])
        return [entry.seq for entry in entries]

    def entries(self, *, after: int = 0) -> Iterator[Entry]:
        """Entries with a number above `after`, in order, read in batches."""
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(
                    select(CHAIN_ENTRY)
                    .where(CHAIN_ENTRY.c.seq > after)
                    .order_by(CHAIN_ENTRY.c.seq)
                    .limit(_BATCH)
                ).mappings()
                batch = [_entry(row) for row in rows]
            if not batch:
                return
            yield from batch
            after = batch[-1].seq

    def about(self, subject: str) -> tuple[Entry, ...]:
        """Every entry about one subject, in order."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(CHAIN_ENTRY)
                .where(CHAIN_ENTRY.c.subject == subject)
                .order_by(CHAIN_ENTRY.c.seq)
            ).mappings()
            return tuple(_entry(row) for row in rows)

    def head(self) -> Head:
        """The last entry's number and hash."""
        with self._database.reading() as connection:
            return _head(connection)

    def verify(self, kept: KeptHead | None = None) -> ChainVerdict:
        """Check the whole chain, and that `kept` is in it; names the first bad entry."""
        return check(self.entries(), kept)

    def export_lines(self) -> Iterator[str]:
        """The ledger as JSON Lines, closed by a line with its head; see `verify_export`."""
        return export(self.entries())


def _head(connection: Connection) -> Head:
    row = connection.execute(
        select(CHAIN_ENTRY.c.seq, CHAIN_ENTRY.c.hash).order_by(CHAIN_ENTRY.c.seq.desc()).limit(1)
    ).first()
    return EMPTY if row is None else Head(row.seq, row.hash)


def _row(entry: Entry) -> dict[str, int | str]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "subject": entry.subject,
        "body": entry.body,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _entry(row: RowMapping) -> Entry:
    return Entry(
        seq=row["seq"],
        at=row["at"],
        kind=row["kind"],
        subject=row["subject"],
        body=row["body"],
        previous_hash=row["previous_hash"],
        hash=row["hash"],
    )
