"""Checks a chain of entries; pure, so that it works on a database and on an export alike."""

import re
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

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


EMPTY = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A head that was kept elsewhere; the chain may have grown since. `seq` may be unknown."""

    hash: str
    seq: int | None = None

    def fault_at(self, entry: Entry) -> str:
        """What is wrong with the entry that has the kept number, or nothing."""
        if entry.seq != self.seq or compare_digest(entry.hash, self.hash):
            return ""
        return f"entry {entry.seq} is not the one whose hash was kept: the ledger was rewritten"

    def is_at(self, head: Head) -> bool:
        """Whether this is that place in the chain."""
        return self.seq in {None, head.seq} and compare_digest(head.hash, self.hash)


_KEPT = re.compile(r"(?:(\d+):)?([0-9a-f]{64})", re.ASCII)


def kept_head(text: str) -> KeptHead | None:
    """`SEQ:HASH` or `HASH`, as `str(Head)` and an export give it; None when it is neither."""
    found = _KEPT.fullmatch(text.strip())
    if found is None:
        return None
    return KeptHead(found[2], None if found[1] is None else int(found[1]))


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


def check(entries: Iterable[Entry], kept: KeptHead | None = None) -> ChainVerdict:
    """Follow the chain from its beginning to the first entry that does not hold.

    Args:
        entries: in order.
        kept: a head that was kept elsewhere and must be in the chain.

    LIMIT: without `kept`, a chain whose last entries were all cut off holds, and so does one that
    was written anew from the beginning. An export ends with a head, against the first of the two.
    """
    head = EMPTY
    met = kept is None or kept.is_at(EMPTY)
    for entry in entries:
        why = _fault(head, entry) or (kept.fault_at(entry) if kept else "")
        if why:
            return ChainVerdict(head, entry.seq, why)
        head = Head(entry.seq, entry.hash)
        met = met or (kept is not None and kept.is_at(head))
    if not met:
        return ChainVerdict(head, head.seq + 1, _not_met(head, kept))
    return ChainVerdict(head)


def _not_met(head: Head, kept: KeptHead | None) -> str:
    if kept is not None and kept.seq is not None:
        return f"the ledger is cut short after entry {head.seq}: entry {kept.seq} was kept"
    return f"no entry up to {head.seq} has the hash that was kept: cut short, or rewritten"


def _fault(head: Head, entry: Entry) -> str:
    if entry.seq != head.seq + 1:
        return f"entry {entry.seq} follows entry {head.seq}: entries are missing or out of order"
    if not compare_digest(entry.previous_hash, head.hash):
        return f"entry {entry.seq} does not carry on from the hash of entry {head.seq}"
    if not compare_digest(entry.hash, entry.expected_hash()):
        return f"entry {entry.seq} was changed after it was written"
    return ""
