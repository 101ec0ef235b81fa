"""The snapshot's text: an equal snapshot comes back, and every mistake is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import (
    Account,
    AccountState,
    Organization,
    OrganizationalUnit,
    OrgRoot,
)
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Seen
from rootsteward.operations.controls import SCP_TYPE
from rootsteward.operations.snapshot_format import VERSION, from_text, to_text
from unit.snapshot.conftest import a_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootsteward.operations.snapshot import Snapshot
    from unit.snapshot.conftest import Change

    Changed = Callable[[Change], Snapshot]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
IDS = st.text("abcdefgh0123456789-", min_size=1, max_size=12)
# WHY offsets and not zones: a time that a zone's clocks show twice equals no time in UTC (PEP 495).
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def test_a_snapshot_reads_back_equal(snapshot: Snapshot) -> None:
    assert from_text(to_text(snapshot).encode(), "org.json") == snapshot


def test_the_same_snapshot_is_the_same_text(snapshot: Snapshot) -> None:
    assert to_text(snapshot) == to_text(from_text(to_text(snapshot).encode(), "org.json"))


def test_tags_that_nobody_asked_for_differ_from_none_seen(snapshot: Snapshot) -> None:
    unasked = replace(snapshot, tags=None)
    unseen = replace(snapshot, tags=NotSeen(NotSeenReason.UNKNOWN, "no answer"))
    assert from_text(to_text(unasked).encode(), "f").tags is None
    assert from_text(to_text(unseen).encode(), "f").tags == unseen.tags


@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    names = draw(st.lists(IDS, unique=True, min_size=1, max_size=8))
    parents: list[str] = [f"r-{names[0]}"]
    units = []
    for name in names[1:]:
        units.append(OrganizationalUnit(f"ou-{name}", draw(TEXT), draw(st.sampled_from(parents))))
        parents.append(units[-1].id)
    account_ids = draw(
        st.lists(st.from_regex(r"[0-9]{12}", fullmatch=True), unique=True, min_size=1, max_size=5)
    )
    accounts = [
        Account(
            id=AccountId(account_id),
            name=draw(TEXT),
            email=draw(TEXT),
            state=draw(st.sampled_from(AccountState)),
            parent_id=draw(st.sampled_from(parents)),
            joined_at=draw(st.none() | st.datetimes(timezones=OFFSETS)),
            tags=draw(st.dictionaries(TEXT, TEXT, max_size=3)),
        )
        for account_id in account_ids
    ]
    return Organization(
        "o-1", accounts[0].id, OrgRoot(parents[0], frozenset([SCP_TYPE])), tuple(units),
        tuple(accounts),
    )  # fmt: skip


@st.composite
def control_policies(draw: st.DrawFn) -> ControlPolicies:
    ids = draw(st.lists(IDS, unique=True, max_size=4))
    policies = {
        i: ControlPolicy(
            i, draw(TEXT), draw(TEXT), draw(TEXT), SCP_TYPE, draw(st.booleans()), draw(TEXT)
        )
        for i in ids
    }
    some = st.lists(st.sampled_from(ids), unique=True).map(tuple) if ids else st.just(())
    return ControlPolicies(
        SCP_TYPE,
        enabled=draw(st.booleans()),
        policies=policies,
        attached=draw(st.dictionaries(IDS, some, max_size=4)),
        attached_everywhere=draw(some),
    )


@given(organizations(), control_policies())
def test_any_organization_reads_back_equal(
    organization: Organization, scps: ControlPolicies
) -> None:
    snapshot = replace(a_snapshot(), organization=organization, scps=Seen(scps, Basis.LISTED))
    assert from_text(to_text(snapshot).encode(), "org.json") == snapshot


def test_fields_that_are_not_known_are_ignored(snapshot: Snapshot, changed: Changed) -> None:
    def add(held: dict[str, Any]) -> None:
        held["from_the_future"] = [1]
        held["accounts"][0]["shoe_size"] = 43

    assert changed(add) == snapshot


def put(*path: str | int, value: object) -> Change:
    def change(held: dict[str, Any]) -> None:
        place: Any = held
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    def change(held: dict[str, Any]) -> None:
        place: Any = held
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


WORK = "ou-ab12-work0000"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("accounts"), "field `accounts` is missing"),
        (put("accounts", value={}), "field `accounts` is an object, expected a list"),
        (drop("accounts", 3, "email"), "field `accounts[3].email` is missing"),
        (put("accounts", 3, value="x"), "field `accounts[3]` is `x`, expected an object"),
        (
            put("accounts", 2, "id", value="12"),
            "field `accounts[2].id` is `12`, expected an account id, which is twelve digits",
        ),
        (put("accounts", 2, "id", value=5), "field `accounts[2].id` is a number, expected"),
        (
            put("accounts", 1, "state", value="GONE"),
            "field `accounts[1].state` is `GONE`, expected one of PENDING_ACTIVATION, ACTIVE",
        ),
        (put("accounts", 1, "state", value=[]), "field `accounts[1].state` is a list"),
        (
            put("accounts", 0, "joined_at", value="2020-01-01T00:00:00"),
            "field `accounts[0].joined_at` is `2020-01-01T00:00:00`, expected a time like",
        ),
        (
            put("accounts", 0, "joined_at", value="0001-01-01T00:00:00+23:00"),
            "field `accounts[0].joined_at` is",
        ),
        (put("accounts", 0, "tags", value={"a": 1}), "field `accounts[0].tags['a']` is a number"),
        (put("accounts", 0, "name", value="\ud800"), "`accounts[0].name` holds half of a surrog"),
        (
            put("accounts", 1, "parent_id", value="ou-none"),
            "field `accounts[1].parent_id` `ou-none` is not the org root and no unit",
        ),
        (put("accounts", 1, "id", value="100000000000"), "`accounts[1].id` `100000000000` is the"),
        (put("units", 0, "parent_id", value=WORK), "field `units[0].parent_id` `ou-ab12-work0"),
        (put("units", 1, "id", value=WORK), "field `units[1].id` `ou-ab12-work0000` is there twi"),
        (
            put("organization", "management_account_id", value="999999999999"),
            "field `organization.management_account_id` `999999999999` is none of the accounts",
        ),
        (put("org_root", "enabled_policy_types", value=[1]), "`org_root.enabled_policy_types[0]`"),
        (put("taken_at", value=None), "field `taken_at` is null, expected text"),
        (put("taken_by", "standing", value="king"), "field `taken_by.standing` is `king`"),
        (put("trusted_access", "seen", value=1), "field `trusted_access.seen` is a number, expe"),
        (put("trusted_access", value={}), "field `trusted_access.not_seen` is missing"),
        (put("delegated_administrators", "not_seen", value="?"), "`delegated_administrators.not_"),
        (put("root_features", "seen", value=["X"]), "field `root_features.seen[0]` is `X`"),
        (put("tags", "seen", value=True), "field `tags.seen` is true, expected a whole number"),
        (put("tags", "seen", value=-1), "field `tags.seen` is a number, expected a whole number"),
        (drop("scps", "seen", "policies", 0, "content"), "`scps.seen.policies[0].content` is mis"),
        (
            put("scps", "seen", "attached", "r-ab12", value=["p-none"]),
            "field `scps.seen.attached['r-ab12'][0]` names `p-none`, which is none of the policies",
        ),
        (put("version", value="1"), "field `version` is `1`, expected a whole number"),
        (put("version", value=0), "field `version` is 0, expected 1 or more"),
        (put("version", value=True), "field `version` is true"),
        (put("format", value="x"), "field `format` is not `rootsteward-snapshot`"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_field(
    changed: Changed, change: Change, message: str
) -> None:
    with pytest.raises(InputError) as raised:
        changed(change)
    assert raised.value.message.startswith("snapshot `org.json`: field `")
    assert message in raised.value.message


def test_a_newer_version_says_what_to_do_before_anything_else(changed: Changed) -> None:
    def modern(held: dict[str, Any]) -> None:
        held["version"] = VERSION + 1
        del held["accounts"]

    with pytest.raises(InputError, match="has version 2, and this program reads up to 1") as raised:
        changed(modern)
    assert "update rootsteward" in raised.value.help


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "line 1, column 1: expecting value"),
        (b'{"format": 1,\n }', "line 2, column 2: expecting property name"),
        (b'{"format": "\xff"}', "it is not UTF-8 text at byte 13"),
        (b"[" * 200_000, "nested too deeply"),
        (b"1" * 5_000, "a number that is too long"),
    ],
    ids=["empty", "broken", "bytes", "deep", "long"],
)
def test_what_is_not_json_is_named_with_its_place(document: bytes, message: str) -> None:
    with pytest.raises(InputError) as raised:
        from_text(document, "org.json")
    assert raised.value.message.startswith("snapshot `org.json` is not JSON: ")
    assert message in raised.value.message


def test_things_people_look_for_have_a_line_each(snapshot: Snapshot) -> None:
    lines = to_text(snapshot).splitlines()
    for account in snapshot.organization.accounts:
        (line,) = (text for text in lines if f'"id": "{account.id}"' in text)
        assert json.loads(line.rstrip(","))["name"] == account.name
    assert all(len(line) < 1_000 for line in lines)
