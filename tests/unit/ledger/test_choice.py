from datetime import UTC, datetime, timedelta, timezone

import pytest

from rootsteward.ledger.choice import Choice, readable_body
from rootsteward.ledger.entry import Entry

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
TOKYO = timezone(timedelta(hours=9))
ENTRY = Entry(
    7,
    "2026-10-05T12:00:00.000000+00:00",
    "scp-repair.intent",
    "p-1",
    '{"act":"organizations:UpdatePolicy","plan":"0123"}',
    "",
    "",
)


@pytest.mark.parametrize(
    ("choice", "taken"),
    [
        (Choice(), True),
        (Choice(subject="p-1"), True),
        (Choice(subject="p-2"), False),
        (Choice(kind="scp-repair"), True),
        (Choice(kind="scp-repair.intent"), True),
        (Choice(kind="scp-repair.result"), False),
        (Choice(kind="scp"), False),
        (Choice(plan="0123"), True),
        (Choice(plan="012"), False),
        (Choice(since=NOON), True),
        (Choice(since=NOON + timedelta(microseconds=1)), False),
        (Choice(since=datetime(2026, 10, 5, 21, tzinfo=TOKYO)), True),
        (Choice(subject="p-1", plan="other"), False),
    ],
)
def test_every_given_condition_must_hold(choice: Choice, taken: bool) -> None:  # noqa: FBT001 (a row of the table)
    assert choice.takes(ENTRY) is taken


@pytest.mark.parametrize("body", ["{", "[]"])
def test_a_body_that_was_tampered_with_is_shown_as_it_is(body: str) -> None:
    entry = Entry(1, ENTRY.at, "act", "s", body, "", "")
    assert readable_body(entry) == {"unreadable": body}
    assert not Choice(plan="0123").takes(entry)
