"""Worlds without FullAWSAccess, and generated ones with deep units and policies."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.scenarios.refusal import ScenarioError
from rootsteward.sandbox.world.control_policies import SCP
from rootsteward.sandbox.world.world import World

ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def scenario(**changes: object) -> dict[str, Any]:
    return {
        "regions": ["us-east-1"],
        "organization": {
            "management": {
                "id": "111111111111",
                "name": "management",
                "email": "aws@example.com",
                "users": [
                    {
                        "name": "administrator",
                        "managed_policies": ["AdministratorAccess"],
                        "access_keys": [{"profile": "management"}],
                    }
                ],
            },
            "units": [{"name": "Listed"}],
            "policies": [{"name": "list", "attach": ["Listed"], "content": ALLOW}],
            "without_full_access": ["Listed"],
        },
        **changes,
    }


def load(tmp_path: Path, given: dict[str, Any]) -> World:
    path = tmp_path / "world.yaml"
    # WHY JSON: it is YAML, too.
    path.write_text(json.dumps(given, indent=1))
    return load_scenario(path, now=lambda: datetime.now(UTC))


def problems(tmp_path: Path, given: dict[str, Any]) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, given)
    return f"{caught.value.message} {caught.value.help}"


def test_full_access_is_gone_where_the_scenario_says(tmp_path: Path) -> None:
    organization = load(tmp_path, scenario()).organization
    (listed,) = organization.units
    attached = organization.policies.attached_to(listed, SCP)
    assert [organization.policies.policies[i].name for i in attached] == ["list"]
    assert organization.policies.attached_to(organization.org_root_id, SCP) == ("p-FullAWSAccess",)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Listed", "Lsted"], "is `Lsted`, which is not here"),
        (["Root"], "which has no other SCP"),
        (["Listed", "Listed"], "again"),
    ],
)
def test_full_access_goes_only_where_another_scp_is(
    tmp_path: Path, names: list[str], expected: str
) -> None:
    given = scenario()
    given["organization"]["without_full_access"] = names
    assert expected in problems(tmp_path, given)


def test_generated_units_are_as_deep_and_as_full_as_asked(tmp_path: Path) -> None:
    generated = {"accounts": 200, "accounts_per_unit": 25, "unit_levels": 4}
    organization = load(tmp_path, scenario(generated=generated)).organization
    members = [a for a in organization.accounts.values() if a.name.startswith("generated-")]
    assert {len(organization.path_to(a.parent_id)) - 1 for a in members} == {4}
    assert set(Counter(a.parent_id for a in members).values()) == {25}


def test_copies_of_policies_are_attached_to_their_number_of_units(tmp_path: Path) -> None:
    policy = {"name": "copy", "copies": 3, "units": 2, "content": ALLOW}
    generated = {"accounts": 100, "accounts_per_unit": 25, "policies": [policy]}
    policies = load(tmp_path, scenario(generated=generated)).organization.policies
    places = {p.name: len(list(policies.targets_of(p.id))) for p in policies.of_type(SCP)}
    assert {name: places[name] for name in ("copy-001", "copy-002", "copy-003")} == {
        "copy-001": 2,
        "copy-002": 2,
        "copy-003": 2,
    }


def test_no_unit_gets_more_policies_than_aws_allows(tmp_path: Path) -> None:
    policy = {"name": "copy", "copies": 30, "units": 5, "content": ALLOW}
    generated = {"accounts": 50, "accounts_per_unit": 25, "policies": [policy]}
    organization = load(tmp_path, scenario(generated=generated)).organization
    attached = [len(organization.policies.attached_to(unit, SCP)) for unit in organization.units]
    assert max(attached) == 10


@pytest.mark.parametrize(
    ("generated", "expected"),
    [
        ({"accounts": 50_000, "accounts_per_unit": 25}, "makes 2000 units"),
        ({"accounts": 5, "policies": [{"name": "a", "units": 1, "content": "{"}]}, "is not JSON"),
        (
            {"accounts": 5, "policies": [{"name": "a", "units": 1, "content": "{}"}] * 2},
            "is `a`, taken",
        ),
        ({"accounts": 5, "unit_levels": 6}, "2 to 5"),
    ],
)
def test_mistakes_in_generated_worlds_are_named(
    tmp_path: Path, generated: dict[str, Any], expected: str
) -> None:
    assert expected in problems(tmp_path, scenario(generated=generated))
