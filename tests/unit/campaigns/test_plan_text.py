import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from campaign_stage import plan_for, three_accounts
from fake_gateway import DEV, FakeGateway
from rootsteward.campaigns.plan import Plan, plan_from_text
from rootsteward.campaigns.plan_file import read_plan, write_plan
from rootsteward.domain.errors import InputError
from rootsteward.domain.outcome import LeftOut


@pytest.fixture
def plan() -> Plan:
    made = plan_for(FakeGateway(three_accounts()))
    return replace(made, left_out=(LeftOut(DEV, "überall geschützt"),))


def reread(plan: Plan, change: Callable[[dict[str, Any]], object]) -> Plan:
    """What becomes of a plan file that somebody has edited."""
    document = json.loads(plan.to_text())
    change(document)
    return plan_from_text(json.dumps(document).encode(), "p.json")


def test_a_plan_survives_its_file(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, plan)
    again = read_plan(path)
    assert again == plan
    assert again.id == plan.id
    assert again.to_text() == plan.to_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_account_has_a_line_of_its_own(plan: Plan) -> None:
    lines = plan.to_text().splitlines()
    assert sum('"key": "' in line for line in lines) == len(plan.items)


def test_who_made_it_and_when_are_part_of_its_id(plan: Plan) -> None:
    others = [
        replace(plan, asked="something else"),
        replace(plan, organization_id="o-other"),
        replace(plan, items=plan.items[:1]),
        replace(plan, facts={}),
        replace(plan, left_out=()),
        replace(plan, made_by=replace(plan.made_by, arn="arn:aws:iam::100000000000:role/Else")),
    ]
    assert len({plan.id, *(other.id for other in others)}) == 7


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["items"][0].update(acts=False),
        lambda document: document["items"].pop(),
        lambda document: document["items"][0]["body"]["credentials"].append(
            {"kind": "access_keys", "identifier": "AKIAEVIL", "evidence": ""}
        ),
        lambda document: document["facts"].clear(),
        lambda document: document.update(made_at="2030-01-01T00:00:00+00:00"),
        lambda document: document["made_by"].update(arn="arn:aws:iam::100000000000:role/Else"),
        lambda document: document.update(id="0" * 16),
    ],
)
def test_a_plan_that_was_edited_is_refused(
    plan: Plan, change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(InputError, match="was changed after it was made") as raised:
        reread(plan, change)
    assert "not by editing" in raised.value.help


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("items"), "field `items` is missing"),
        (lambda d: d.pop("id"), "field `id` is missing"),
        (lambda d: d["items"][1].pop("key"), "field `items[1].key` is missing"),
        (lambda d: d["items"][0].update(acts="yes"), "field `items[0].acts`"),
        (lambda d: d["made_by"].update(account="12"), "field `made_by.account`"),
        (lambda d: d.update(made_at="yesterday"), "field `made_at`"),
        (lambda d: d.update(format="else"), "this is no plan"),
        (lambda d: d.pop("format"), "this is no plan"),
    ],
)
def test_a_damaged_field_is_named(
    plan: Plan, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(InputError) as raised:
        reread(plan, change)
    assert said in raised.value.message
    assert "`p.json`" in raised.value.message


def test_a_newer_version_is_refused_by_its_number(plan: Plan) -> None:
    with pytest.raises(InputError, match="has version 2, and this program reads up to 1"):
        reread(plan, lambda document: document.update(version=2))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "is not JSON: line 1, column 2"),
        (b"\xff", "not UTF-8 text at byte 1"),
        (b"[]", "an object with fields"),
        (b'{"format": "rootsteward-snapshot"}', "this is no plan"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: bytes, said: str) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(text)
    with pytest.raises(InputError) as raised:
        read_plan(path)
    assert said in raised.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file") as raised:
        read_plan(tmp_path / "none.json")
    assert "--plan FILE" in raised.value.help


def test_calls_and_findings_follow_from_the_items(plan: Plan) -> None:
    assert [item.key for item in plan.acting] == [DEV, "333333333333"]
    assert plan.calls["sts:AssumeRoot"] == 2
    assert plan.calls["iam:DeleteAccessKey"] == 2
    assert plan.calls["iam:GetLoginProfile"] == 4
    assert {finding.account for finding in plan.findings(["eu-west-1"])} <= {
        item.key for item in plan.acting
    }
