"""Every recorded decision of the real service holds in `spec`."""

import json
from pathlib import Path
from typing import Any

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    ContextValue,
    Decision,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.domain.errors import OperatorError
from rootsteward.spec import judge, read_document

RECORDINGS = Path(__file__).parents[4] / "shared" / "data" / "recordings"
REAL = ("cond_sets", "cond_strings", "cond_values", "cond_ip")
USER = "arn:aws:iam::123456789012:user/probe"
TARGET = "arn:aws:iam::123456789012:user/target"
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings of the real service are not beside the project"
)


def cases(name: str) -> list[dict[str, Any]]:
    if not RECORDINGS.is_dir():
        return []
    found: list[dict[str, Any]] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return found


def document(case: dict[str, Any]) -> str:
    statement = {
        "Effect": "Deny" if case["deny"] else "Allow",
        "Action": "iam:TagUser",
        "Resource": "*",
        "Condition": case["condition"],
    }
    beside = [ALLOW_ALL] if case.get("base_allow", case["deny"]) else []
    return json.dumps({"Version": "2012-10-17", "Statement": [statement, *beside]})


def context_of(case: dict[str, Any]) -> dict[str, ContextValue]:
    tags: dict[str, str] = case["tags"]
    context: dict[str, ContextValue] = {f"aws:RequestTag/{k}": v for k, v in tags.items()}
    if tags:
        context["aws:TagKeys"] = tuple(tags)
    return context


def decide(text: str, action: str, resource: str, context: dict[str, ContextValue]) -> Decision:
    request = AccessRequest(USER, action, resource, context)
    policies = PolicySet(identity_policies=(NamedDocument("inline", text),))
    return judge(request, policies).decision


@pytest.mark.parametrize(
    "case", [c for name in REAL for c in cases(name) if "authorised" in c], ids=json.dumps
)
def test_a_real_call_is_decided_as_it_was(case: dict[str, Any]) -> None:
    text = document(case)
    decision = decide(text, "iam:TagUser", TARGET, context_of(case))
    refused = Decision.EXPLICIT_DENY if case["deny"] else Decision.IMPLICIT_DENY
    assert decision is (Decision.ALLOWED if case["authorised"] else refused)
    read_document(text, PolicyType.SESSION)


@pytest.mark.parametrize(
    "case",
    [c for name in REAL for c in cases(name) if "MalformedPolicyDocument" in c["code"]],
    ids=json.dumps,
)
def test_a_document_that_was_not_stored_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(OperatorError):
        read_document(document(case), PolicyType.IDENTITY)


def simulated(raw: dict[str, Any]) -> dict[str, ContextValue]:
    return {key: given["values"][0] for key, given in raw.items()}


SIMULATED = [
    (case, action) for case in cases("cond_strings_simulated") for action in case["decisions"]
]


@pytest.mark.parametrize(("case", "action"), SIMULATED, ids=json.dumps)
def test_a_simulated_string_is_decided_as_it_was(case: dict[str, Any], action: str) -> None:
    decision = decide(
        json.dumps(case["policy"]), action, case["resource"], simulated(case["context"])
    )
    allowed = case["decisions"][action] == "allowed"
    assert decision is (Decision.ALLOWED if allowed else Decision.IMPLICIT_DENY)


@pytest.mark.parametrize(
    "case",
    [c for c in cases("cond_values_simulated_and_stored") if "decision" in c],
    ids=json.dumps,
)
def test_a_simulated_value_is_decided_as_it_was(case: dict[str, Any]) -> None:
    statement = ALLOW_ALL | {"Condition": case["condition"]}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    decision = decide(text, case["action"], case["resource"], simulated(case["context"]))
    assert (decision is Decision.ALLOWED) == case["authorised"]


@pytest.mark.parametrize(
    "case",
    [c for c in cases("cond_values_simulated_and_stored") if c.get("accepted")],
    ids=json.dumps,
)
def test_a_stored_condition_is_accepted(case: dict[str, Any]) -> None:
    statement = ALLOW_ALL | {"Condition": case["condition"]}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    assert read_document(text, PolicyType.IDENTITY).statements[0].clauses


@pytest.mark.parametrize(
    "case",
    [c for c in cases("cond_values_simulated_and_stored") if c.get("accepted") is False],
    ids=json.dumps,
)
def test_a_condition_that_was_not_stored_is_refused(case: dict[str, Any]) -> None:
    statement = ALLOW_ALL | {"Condition": case["condition"]}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    with pytest.raises(OperatorError):
        read_document(text, PolicyType.IDENTITY)


@pytest.mark.parametrize("case", cases("cond_simulate_basic"), ids=json.dumps)
def test_a_basic_simulation_is_decided_as_it_was(case: dict[str, Any]) -> None:
    text = json.dumps(case["policy"])
    for resource, wanted in zip(case["resources"], case["resource_decisions"], strict=True):
        decision = decide(text, case["action"], resource, {})
        assert (decision is Decision.ALLOWED) == (wanted == "allowed")


# LIMIT: whether a service has resource control policies is not part of the language.
NOT_LANGUAGE = {"syntax_unknown_service"}


@pytest.mark.parametrize(
    "case",
    [c for c in cases("rcp_syntax") if c["name"] not in NOT_LANGUAGE],
    ids=lambda case: case["name"],
)
def test_a_resource_control_policy_is_accepted_as_it_was(case: dict[str, Any]) -> None:
    text = json.dumps(case["content"])
    if case["accepted"]:
        assert read_document(text, PolicyType.RCP).statements
        return
    with pytest.raises(OperatorError):
        read_document(text, PolicyType.RCP)
