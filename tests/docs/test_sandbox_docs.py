"""What docs/sandbox.md says of faults and paths is what there is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from rootsteward.sandbox.admin.app import ROUTES
from rootsteward.sandbox.behaviour import FaultKind, FaultRules
from rootsteward.sandbox.propagation import DELAYS, DEREGISTERED_MAY_CALL
from rootsteward.sandbox.server import ADMIN_PREFIX
from rootsteward.sandbox.services.registry import OPERATIONS


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "sandbox.md").read_text("utf-8")


def test_the_example_of_fault_rules_is_accepted(page: str) -> None:
    found = re.search(r"-d '(\{.*?\})'", page, re.DOTALL)
    assert found is not None
    rules = FaultRules.model_validate_json(found.group(1))
    assert [rule.kind for rule in rules.rules] == ["throttle", "latency", "reset"]


def test_every_kind_of_fault_has_its_row(page: str) -> None:
    section = page.partition("| Kind |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(get_args(FaultKind))


def test_every_path_of_the_admin_api_has_its_row(page: str) -> None:
    section = page.partition("## The admin API")[2].partition("## The clock")[0]
    rows = dict(re.findall(r"^\| `(/[\w-]*)` \| ([A-Z, ]+) \|", section, re.MULTILINE))
    served: dict[str, list[str]] = {}
    for path, _, method in ROUTES:
        served.setdefault(path, []).append(method)
    assert {path: methods.split(", ") for path, methods in rows.items()} == {
        path: methods for path, methods in served.items() if not path.endswith(".css")
    }
    assert ADMIN_PREFIX in page


def test_every_operation_has_its_place(page: str) -> None:
    section = page.partition("## Operations")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", section, re.MULTILINE)
    listed = [(service, name) for service, names in rows for name in re.findall(r"`(\w+)`", names)]
    assert listed == sorted(OPERATIONS)


def test_the_delays_are_the_ones_in_the_table(page: str) -> None:
    section = page.partition("## Realistic delays")[2]
    turns = [f"{seconds:g} s" for seconds, _ in DEREGISTERED_MAY_CALL[1:]]
    delays = [
        DELAYS.trust_off_seconds,
        DELAYS.password_seconds,
        DELAYS.control_policy_seconds,
        DELAYS.attachment_published_seconds,
        DELAYS.content_published_seconds,
        DELAYS.queue_attributes_seconds,
    ]
    for said in [*turns, *(f"after {seconds:g} s" for seconds in delays)]:
        assert said in section
