"""Checks a chain of entries; pure, so that it works on a database and on an export alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest

from rootsteward.ledger.entry import GENESIS, Entry


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash; number 0 and `GENESIS` when there is none.

    Kept elsewhere, a head proves later that nothing up to it was changed or cut off.
    """

    seq: int
    hash: str


EMPTY = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """Whether a chain holds. `first_bad` is the number of the first entry that does not.

    `head` is the last entry that holds. For an export `first_bad` may also be a line's number,
    when the line cannot be read; `why` says which.
    """

    head: Head
    first_bad: int | None = None
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether every entry holds."""
        return self.first_bad is None


def check(entries: Iterable[Entry]) -> ChainVerdict:
    """Follow the chain from its beginning to the first entry that does not hold.

    LIMIT: a chain whose last entries were all cut off holds; only a head kept elsewhere shows
    the loss. An export ends with one.
    """
    head = EMPTY
    for entry in entries:
        why = _fault(head, entry)
        if why:
            return ChainVerdict(head, entry.seq, why)
        head = Head(entry.seq, entry.hash)
    return ChainVerdict(head)


def _fault(head: Head, entry: Entry) -> str:
    if entry.seq != head.seq + 1:
        return f"entry {entry.seq} follows entry {head.seq}: entries are missing or out of order"
    if not compare_digest(entry.previous_hash, head.hash):
        return f"entry {entry.seq} does not carry on from the hash of entry {head.seq}"
    if not compare_digest(entry.hash, entry.expected_hash()):
        return f"entry {entry.seq} was changed after it was written"
    return ""
