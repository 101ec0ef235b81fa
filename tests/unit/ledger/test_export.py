import json

import pytest

from rootsteward.ledger.export import verify_export
from rootsteward.ledger.ledger import Ledger


@pytest.fixture
def lines(ledger: Ledger) -> list[str]:
    for number in range(1, 6):
        ledger.record("act", f"account {number}", {"n": number, "text": "naïve\n"})
    return list(ledger.export_lines())


def test_an_export_holds_offline_and_ends_with_the_head(ledger: Ledger, lines: list[str]) -> None:
    verdict = verify_export(line + "\n" for line in lines)
    assert verdict.ok
    assert verdict.head == ledger.head()
    assert json.loads(lines[-1]) == {"head": {"hash": ledger.head().hash, "seq": 5}}
    assert json.loads(lines[0])["body"] == {"n": 1, "text": "naïve\n"}
    assert len(lines) == 6


def test_an_empty_ledger_exports_its_head_alone(ledger: Ledger) -> None:
    lines = list(ledger.export_lines())
    assert len(lines) == 1
    assert verify_export(lines).ok


def changed(line: str, **members: object) -> str:
    value = {**json.loads(line), **members}
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def test_a_changed_member_is_found_at_its_entry(lines: list[str]) -> None:
    for member, value in {
        "at": "2026-10-05T12:00:09.000000+00:00",
        "kind": "other",
        "subject": "account 9",
        "body": {"n": 9},
        "hash": "0" * 64,
    }.items():
        tampered = [*lines[:2], changed(lines[2], **{member: value}), *lines[3:]]
        verdict = verify_export(tampered)
        assert (verdict.first_bad, verdict.why) == (3, "entry 3 was changed after it was written")


def test_a_missing_entry_is_found_at_the_one_after_it(lines: list[str]) -> None:
    verdict = verify_export(lines[:1] + lines[2:])
    assert verdict.first_bad == 3
    assert verdict.why == "entry 3 follows entry 1: entries are missing or out of order"


def test_two_entries_in_each_others_place_are_found(lines: list[str]) -> None:
    verdict = verify_export([lines[0], lines[2], lines[1], *lines[3:]])
    assert verdict.first_bad == 3


def test_an_export_without_its_closing_line_is_cut_short(lines: list[str]) -> None:
    verdict = verify_export(lines[:-1])
    assert (verdict.first_bad, verdict.why) == (6, "the export is cut short after entry 5")


def test_last_entries_that_were_cut_out_do_not_fit_the_closing_line(lines: list[str]) -> None:
    verdict = verify_export([*lines[:3], lines[-1]])
    assert verdict.first_bad == 4
    assert verdict.why == "the closing line does not fit the last entry, 3"


def test_lines_after_the_closing_line_are_refused(lines: list[str]) -> None:
    verdict = verify_export([*lines, lines[0]])
    assert verdict.why == "line 7 follows the closing line"


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        '{"seq":2}',
        "",
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_entry_is_named(lines: list[str], line: str) -> None:
    verdict = verify_export([lines[0], line, *lines[2:]])
    assert (verdict.first_bad, verdict.why) == (
        2,
        "line 2 is not an entry as the ledger writes it",
    )


def test_a_second_spelling_of_the_same_values_is_found(lines: list[str]) -> None:
    # A reader that takes the first of two members would see another number than the hash covers.
    doubled = lines[1].replace('"body":{', '"body":{"n":999,')
    assert json.loads(doubled) == json.loads(lines[1])
    assert verify_export([lines[0], doubled, *lines[2:]]).first_bad == 2


def test_a_number_given_as_text_or_as_a_boolean_is_not_an_entry(lines: list[str]) -> None:
    assert verify_export([changed(lines[0], seq=True), *lines[1:]]).first_bad == 1
    assert verify_export([changed(lines[0], seq="1"), *lines[1:]]).first_bad == 1
