import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from rootsteward.domain.errors import BugError
from rootsteward.domain.secret import Secret
from rootsteward.ledger.chain import EMPTY, Head
from rootsteward.ledger.entry import GENESIS
from rootsteward.ledger.ledger import Ledger
from rootsteward.ports.journal import JsonValue
from rootsteward.storage.database import Database

if TYPE_CHECKING:
    from rootsteward.ports.journal import Journal

    def _is_a_journal(ledger: Ledger) -> Journal:
        return ledger


def test_entries_are_numbered_from_one_and_come_back_as_they_were(ledger: Ledger) -> None:
    body: dict[str, JsonValue] = {
        "seen": {"password": True, "keys": ["AKIA1"]},
        "n": 1.5,
        "x": None,
    }
    assert ledger.record("delete-credentials.intent", "222222222222", body) == 1
    assert ledger.record("delete-credentials.result", "222222222222", {}) == 2
    first, second = ledger.entries()
    assert (first.seq, first.kind, first.subject, first.value) == (
        1,
        "delete-credentials.intent",
        "222222222222",
        body,
    )
    assert second.value == {}
    assert first.at == "2026-10-05T12:00:01.000000+00:00"


def test_entries_after_a_number_leave_out_the_ones_before(ledger: Ledger) -> None:
    for number in range(1, 6):
        ledger.record("act", str(number), {})
    assert [entry.subject for entry in ledger.entries(after=3)] == ["4", "5"]


def test_the_hash_is_sha256_over_the_previous_hash_and_the_canonical_entry(ledger: Ledger) -> None:
    ledger.record("act", "s", {"b": 2, "a": "ü"})
    (entry,) = ledger.entries()
    canonical = (
        '{"at":"2026-10-05T12:00:01.000000+00:00","body":{"a":"\\u00fc","b":2},"kind":"act",'
        f'"previous_hash":"{GENESIS}","seq":1,"subject":"s"}}'
    )
    assert entry.hash == sha256(f"{GENESIS}\n{canonical}".encode()).hexdigest()


def test_an_empty_ledger_holds_and_has_an_empty_head(ledger: Ledger) -> None:
    assert ledger.head() == EMPTY
    assert ledger.verify().ok


def test_a_ledger_that_nobody_touched_holds_to_its_head(ledger: Ledger) -> None:
    for number in range(20):
        ledger.record("act", str(number), {"n": number})
    verdict = ledger.verify()
    assert verdict.ok
    assert verdict.head == ledger.head()
    assert ledger.head().seq == 20


TAMPERINGS = {
    "UPDATE chain_entry SET body = '{\"n\":99}' WHERE seq = 3": (
        3,
        "entry 3 was changed after it was written",
    ),
    "UPDATE chain_entry SET body = '{\"n\": 3}' WHERE seq = 3": (
        3,
        "entry 3 was changed after it was written",
    ),
    "UPDATE chain_entry SET body = 'nonsense' WHERE seq = 3": (
        3,
        "entry 3 was changed after it was written",
    ),
    "UPDATE chain_entry SET at = '2026-10-05T13:00:00.000000+00:00' WHERE seq = 2": (
        2,
        "entry 2 was changed after it was written",
    ),
    "UPDATE chain_entry SET subject = 'x' WHERE seq = 5": (
        5,
        "entry 5 was changed after it was written",
    ),
    "DELETE FROM chain_entry WHERE seq = 1": (
        2,
        "entry 2 follows entry 0: entries are missing or out of order",
    ),
    "DELETE FROM chain_entry WHERE seq = 4": (
        5,
        "entry 5 follows entry 3: entries are missing or out of order",
    ),
    "UPDATE chain_entry SET hash = 'f' WHERE seq = 4": (
        4,
        "entry 4 was changed after it was written",
    ),
    "UPDATE chain_entry SET previous_hash = 'f' WHERE seq = 4": (
        4,
        "entry 4 does not carry on from the hash of entry 3",
    ),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_the_first_bad_entry_is_named(ledger: Ledger, database: Database, tampering: str) -> None:
    for number in range(1, 7):
        ledger.record("act", str(number), {"n": number})
    with database.writing() as connection:
        connection.execute(text(tampering.replace(":", "\\:")))
    verdict = ledger.verify()
    assert (verdict.first_bad, verdict.why) == TAMPERINGS[tampering]
    assert verdict.head.seq < (verdict.first_bad or 0)


def test_many_threads_append_without_losing_or_doubling_an_entry(ledger: Ledger) -> None:
    def append(worker: int) -> list[int]:
        return [ledger.record("act", f"{worker}", {"n": n}) for n in range(10)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for batch in pool.map(append, range(8)) for number in batch]
    assert sorted(numbers) == list(range(1, 81))
    assert ledger.verify().head.seq == 80


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"session": Secret("hunter2")}, "body.session"),
        ({"list": [{"deep": Secret("hunter2")}]}, "body.list[0].deep"),
        ({"SecretAccessKey": "hunter2"}, "body.SecretAccessKey"),
        ({"credentials": {"session_token": "hunter2"}}, "body.credentials.session_token"),
        ({"headers": {"Authorization": "hunter2"}}, "body.headers.Authorization"),
    ],
)
def test_a_secret_never_enters(
    ledger: Ledger, path: Path, body: dict[str, JsonValue], place: str
) -> None:
    with pytest.raises(BugError) as caught:
        ledger.record("act", "s", body)
    assert str(caught.value) == f"a secret was about to enter the ledger at `{place}`"
    assert ledger.head() == EMPTY
    assert b"hunter2" not in path.read_bytes()


@pytest.mark.parametrize("body", [{"n": float("nan")}, {"s": {1, 2}}, {"o": object()}, {1: "x"}])
def test_a_body_that_is_not_json_is_refused(ledger: Ledger, body: dict[str, JsonValue]) -> None:
    with pytest.raises(BugError, match="a ledger entry is not JSON"):
        ledger.record("act", "s", body)
    assert ledger.head() == Head(0, GENESIS)


def test_the_kinds_of_credentials_are_not_taken_for_secrets(ledger: Ledger) -> None:
    seen: dict[str, JsonValue] = {"password": "present", "access_keys": ["AKIAEXAMPLE"], "mfa": 1}
    ledger.record("audit.result", "222222222222", seen)
    assert json.loads(next(ledger.entries()).body) == seen
