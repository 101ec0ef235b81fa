"""Every recorded decision of the real service holds."""

import json
from pathlib import Path
from typing import Any

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    Decision,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import evaluate

_USER = "arn:aws:iam::123456789012:user/tagged"
_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_REAL_CALLS = ("cond_sets.json", "cond_strings.json", "cond_values.json", "cond_ip.json")
_ASKED_ABOUT_IDENTITY = "arn:aws:iam::123456789012:user/caller"

Case = dict[str, Any]


def _load(path: Path) -> list[Case]:
    loaded: list[Case] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _is_allowed(statements: list[Case], request: AccessRequest) -> bool:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    answer = evaluate(request, PolicySet(identity_policies=(NamedDocument("recorded", text),)))
    assert answer.decision is not Decision.DEPENDS, answer
    return answer.decision is Decision.ALLOWED


def _decide_tag_user(case: Case) -> bool:
    tested = {
        "Effect": "Deny" if case["deny"] else "Allow",
        "Action": "iam:TagUser",
        "Resource": "*",
        "Condition": case["condition"],
    }
    base = [_EVERYTHING] if case.get("base_allow", case["deny"]) else []
    context: dict[str, str | tuple[str, ...]] = {
        f"aws:RequestTag/{key}": value for key, value in case["tags"].items()
    }
    if case["tags"]:
        context["aws:TagKeys"] = tuple(case["tags"])
    request = AccessRequest(_ASKED_ABOUT_IDENTITY, "iam:TagUser", _USER, context)
    return _is_allowed([tested, *base], request)


@pytest.mark.parametrize("name", _REAL_CALLS)
def test_every_recorded_call_is_decided_as_the_service_did(shared_data: Path, name: str) -> None:
    cases = [c for c in _load(shared_data / "recordings" / name) if "authorised" in c]

    wrong = [c for c in cases if _decide_tag_user(c) is not c["authorised"]]

    assert len(cases) > 30
    assert wrong == []


def _context(case: Case) -> dict[str, str | tuple[str, ...]]:
    single: dict[str, str | tuple[str, ...]] = {}
    for key, entry in case.get("context", {}).items():
        values = tuple(entry["values"])
        single[key] = values if entry["type"].endswith("List") else values[0]
    return single


def test_every_simulated_string_comparison_is_decided_as_recorded(shared_data: Path) -> None:
    cases = _load(shared_data / "recordings" / "cond_strings_simulated.json")

    wrong = [
        (case, action)
        for case in cases
        for action, decision in case["decisions"].items()
        if _is_allowed(
            case["policy"]["Statement"],
            AccessRequest(_ASKED_ABOUT_IDENTITY, action, case["resource"], _context(case)),
        )
        is not (decision == "allowed")
    ]

    assert cases
    assert wrong == []


def test_every_simulated_value_comparison_is_decided_as_recorded(shared_data: Path) -> None:
    recorded = _load(shared_data / "recordings" / "cond_values_simulated_and_stored.json")
    cases = [c for c in recorded if "decision" in c]

    for case in cases:
        statement = {**_EVERYTHING, "Action": case["action"], "Condition": case["condition"]}
        request = AccessRequest(
            _ASKED_ABOUT_IDENTITY, case["action"], case["resource"], _context(case)
        )
        assert _is_allowed([statement], request) is case["authorised"], case

    assert cases


def test_the_recorded_simulation_of_an_absent_key_holds(shared_data: Path) -> None:
    for case in _load(shared_data / "recordings" / "cond_simulate_basic.json"):
        request = AccessRequest(_ASKED_ABOUT_IDENTITY, case["action"], case["resources"][0])
        assert _is_allowed(case["policy"]["Statement"], request) is case["authorised"]
