"""The ledger as JSON Lines: written from entries, checked without a database."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rootsteward.ledger.chain import EMPTY, ChainVerdict, Head, KeptHead, check
from rootsteward.ledger.entry import Entry, canonical, entry_from_line

_MEMBERS = {
    "seq": int,
    "at": str,
    "kind": str,
    "subject": str,
    "body": dict,
    "previous_hash": str,
    "hash": str,
}


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """Lines without line ends: each entry, then the closing `{"head":{"hash":…,"seq":…}}`."""
    head = EMPTY
    for entry in entries:
        yield entry.line()
        head = Head(entry.seq, entry.hash)
    yield _closing_line(head)


def verify_export(lines: Iterable[str], kept: KeptHead | None = None) -> ChainVerdict:
    """Check an export offline, its closing line included; names the first bad entry.

    Entry n is on line n, so a line that cannot be read is named by the same number. Every line
    must be exactly what `export` writes: a change that leaves the values alone is found too.

    LIMIT: whoever can rewrite the whole export can write another that holds. Only `kept`, a head
    that was kept elsewhere, shows that.
    """
    reader = _Reader()
    verdict = check(reader.entries(lines), kept)
    end = verdict.head
    # WHY first: a line that cannot be read ends the entries, and they may fail to reach `kept`.
    if reader.unreadable:
        return ChainVerdict(end, end.seq + 1, reader.unreadable)
    if not verdict.ok:
        return verdict
    if reader.closing is None:
        return ChainVerdict(end, end.seq + 1, f"the export is cut short after entry {end.seq}")
    if reader.closing != _closing_line(end):
        return ChainVerdict(
            end, end.seq + 1, f"the closing line does not fit the last entry, {end.seq}"
        )
    return verdict


class _Reader:
    """Yields entries up to the closing line or the first line that is neither."""

    def __init__(self) -> None:
        self.closing: str | None = None
        self.unreadable = ""

    def entries(self, lines: Iterable[str]) -> Iterator[Entry]:
        for number, raw in enumerate(lines, start=1):
            line = raw.rstrip("\r\n")
            if self.closing is not None:
                self.unreadable = f"line {number} follows the closing line"
                return
            if line.startswith('{"head":'):
                self.closing = line
                continue
            entry = _entry(line)
            if entry is None:
                self.unreadable = f"line {number} is not an entry as the ledger writes it"
                return
            yield entry


def _entry(line: str) -> Entry | None:
    try:
        # WHY Any: the line may hold anything; the members are checked one by one.
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or set(value) != set(_MEMBERS):
        return None
    # WHY `type` and not `isinstance`: a boolean is an int to Python and not to the ledger.
    if any(type(value[name]) is not kind for name, kind in _MEMBERS.items()):
        return None
    entry = entry_from_line(value)
    return entry if entry.line() == line else None


def _closing_line(head: Head) -> str:
    return canonical({"head": {"seq": head.seq, "hash": head.hash}})
