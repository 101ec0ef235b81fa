"""The report's figures, and the page made of them."""

import re
from datetime import UTC, datetime, timedelta

from rootsteward.campaigns.campaign import Campaign, Settings, State
from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.report import KindChange, Report, make_report
from rootsteward.campaigns.report_page import report_page
from rootsteward.campaigns.store import Item
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import (
    AccessKey,
    Basis,
    Holding,
    NotSeen,
    NotSeenReason,
    Password,
    RootCredentials,
    Seen,
)
from rootsteward.storage.jobs import ItemState

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
CAMPAIGN = Campaign(
    id="0123456789abcdef",
    slug="delete-credentials",
    organization_id="o-example",
    state=State.PAUSED,
    reason="stopped by Ctrl-C",
    created_at=NOW,
    changed_at=NOW,
    asked="rootsteward delete-credentials --all",
    started_by="arn:aws:iam::100000000000:user/ops",
    settings=Settings(),
)


def holding(passwords: int = 0, keys: int = 0) -> RootCredentials:
    return RootCredentials(
        password=Seen(Holding(passwords, (Password(),) * passwords), Basis.LISTED),
        access_keys=Seen(Holding(keys, (AccessKey("AKIA"),) * keys), Basis.LISTED),
        certificates=Seen(Holding(0), Basis.LISTED),
        mfa=Seen(Holding(0), Basis.LISTED),
    )


UNSEEN = NotSeen(NotSeenReason.DENIED, "an SCP said no")


def item(position: int, name: str, place: str, result: ItemResult | None) -> Item:
    planned = PlannedItem(
        key=f"{position:012}",
        name=name,
        acts=True,
        intention="delete",
        details=("evidence",),
        calls=(),
        body={},
        place=place,
    )
    state = ItemState.WAITING if result is None else ItemState.ENDED
    ended_at = None if result is None else NOW + timedelta(seconds=position)
    return Item(position, planned, state, NOW, ended_at, result)


DELETED = ItemResult(
    Outcome.DELETED, sessions=("ASIA1",), before=holding(1, 2), after=holding(), seconds=0.7
)
DENIED = ItemResult(
    Outcome.DENIED,
    "explicit deny",
    denied_by=("SCP DenyRoot (p-1) statement Root at OU Prod, line 4",),
    before=holding(1),
    after=RootCredentials(UNSEEN, UNSEEN, UNSEEN, UNSEEN),
    seconds=3.0,
)


def report() -> Report:
    return make_report(
        CAMPAIGN,
        [
            item(1, "shop", "Prod", DELETED),
            item(2, "<b>bank</b>", "Prod", DENIED),
            item(3, "play", "Dev / Play", None),
        ],
    )


def test_every_item_is_counted_also_what_was_not_done() -> None:
    made = report()
    assert made.outcomes == {"deleted": 1, "not done": 1, "denied": 1}
    assert made.places == (("Dev / Play", {"not done": 1}), ("Prod", {"deleted": 1, "denied": 1}))


def test_what_nobody_could_look_at_afterwards_is_not_counted_as_gone() -> None:
    assert report().kinds == (
        KindChange("passwords", before=2, after=0, unseen=1),
        KindChange("access keys", before=2, after=0, unseen=1),
    )
    assert report().rows[1].after == (
        "passwords: denied, access keys: denied, certificates: denied, MFA devices: denied"
    )


def test_durations_are_of_steps_that_were_made() -> None:
    made = report()
    assert made.durations == (
        ("up to 0.5 s", 0),
        ("up to 1 s", 1),
        ("up to 2 s", 0),
        ("up to 5 s", 1),
    )
    assert (made.median_seconds, made.longest_seconds) == (1.85, 3.0)


def test_the_page_shows_names_as_text_and_loads_nothing() -> None:
    page = report_page(report(), NOW)
    assert "&lt;b&gt;bank&lt;/b&gt;" in page
    assert "<b>bank" not in page
    assert "SCP DenyRoot (p-1) statement Root at OU Prod, line 4" in page
    assert "ASIA1" in page
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "<script" not in page


def test_a_report_without_items_is_a_page_too() -> None:
    assert "Every item" in report_page(make_report(CAMPAIGN, []), NOW)
