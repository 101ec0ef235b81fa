"""A head that was kept elsewhere shows what the chain alone cannot."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from rootsteward.aws.clock import SystemClock
from rootsteward.ledger.chain import EMPTY, Head, KeptHead, kept_head
from rootsteward.ledger.export import export, verify_export
from rootsteward.ledger.ledger import Ledger
from rootsteward.storage.database import Database, open_database
from rootsteward.storage.schema import CHAIN_ENTRY

HASH = "ab" * 32


def fill(ledger: Ledger, count: int, text: str = "x") -> None:
    for number in range(count):
        ledger.record("act", "222222222222", {"n": number, "text": text})


def kept(head: Head, *, with_number: bool = True) -> KeptHead:
    found = kept_head(str(head) if with_number else head.hash)
    assert found is not None
    return found


@pytest.mark.parametrize("with_number", [True, False])
def test_a_ledger_that_has_grown_since_holds(ledger: Ledger, *, with_number: bool) -> None:
    for count in (0, 3):
        fill(ledger, count)
        mine = kept(ledger.head(), with_number=with_number)
        assert ledger.verify(mine).ok
        fill(ledger, 2)
        assert ledger.verify(mine).ok
        assert verify_export(ledger.export_lines(), mine).ok


@pytest.mark.parametrize(
    ("with_number", "why"),
    [
        (True, "the ledger is cut short after entry 3: entry 5 was kept"),
        (False, "no entry up to 3 has the hash that was kept: cut short, or rewritten"),
    ],
)
def test_entries_cut_off_the_end_are_missed(
    ledger: Ledger, database: Database, *, with_number: bool, why: str
) -> None:
    fill(ledger, 5)
    mine = kept(ledger.head(), with_number=with_number)
    with database.writing() as connection:
        connection.execute(delete(CHAIN_ENTRY).where(CHAIN_ENTRY.c.seq > 3))
    assert ledger.verify().ok
    for verdict in (ledger.verify(mine), verify_export(ledger.export_lines(), mine)):
        assert (verdict.ok, verdict.first_bad, verdict.why) == (False, 4, why)


def test_a_ledger_that_was_written_anew_is_found_out(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger, 4)
    mine = kept(ledger.head())
    with open_database(tmp_path / "anew.db") as other:
        anew = Ledger(other, SystemClock())
        fill(anew, 6, "another story")
        assert anew.verify().ok
        verdict = anew.verify(mine)
        assert verify_export(export(anew.entries()), mine) == verdict
    assert verdict.first_bad == 4
    assert verdict.why == "entry 4 is not the one whose hash was kept: the ledger was rewritten"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"12:{HASH}", KeptHead(HASH, 12)),
        (f" {HASH}\n", KeptHead(HASH)),
        (str(EMPTY), KeptHead(EMPTY.hash, 0)),
        ("12", None),
        (HASH[:-1], None),
        (f"-1:{HASH}", None),
        (HASH.upper(), None),
    ],
)
def test_a_kept_head_is_read_from_what_was_printed(text: str, read: KeptHead | None) -> None:
    assert kept_head(text) == read
