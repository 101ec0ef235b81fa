"""What `read_document` takes and refuses, and what `judge` makes of the refused."""

import json
from typing import Any

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.domain.errors import BugError, OperatorError
from rootsteward.spec import judge, read_document

ROOT_USER = "arn:aws:iam::111111111111:root"
DENY: dict[str, Any] = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ANYONE = {"Principal": "*"}


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def condition(given: object) -> dict[str, Any]:
    return DENY | {"Condition": given}


REFUSED = {
    "not JSON: Expecting": "{",
    "nested too deeply": "[" * 100_000,
    "given twice": '{"Statement": [], "Statement": []}',
    "not a JSON object": "[]",
    "no `Statement`": "{}",
    "`Version` must be": '{"Version": "2012-10-18", "Statement": []}',
    "`Comment` is not an element": json.dumps({"Comment": "x", "Statement": DENY}),
    "`Id` must be a string": '{"Id": [], "Statement": []}',
    "half of a surrogate pair": '{"Id": "\\ud800", "Statement": []}',
    "statement 1: `Effect`": policy(ALLOW, DENY | {"Effect": "deny"}),
    "no `Action`": policy({"Effect": "Deny", "Resource": "*"}),
    "both `Action` and `NotAction`": policy(DENY | {"NotAction": "s3:*"}),
    "no `Resource`": policy({"Effect": "Deny", "Action": "*"}),
    "`Resource` must be a string": policy(DENY | {"Resource": [1]}),
    "`Action` must be a string": policy(DENY | {"Action": {"a": "b"}}),
    "`Sid` must be a string": policy(DENY | {"Sid": 7}),
    "`Principal` is not supported": policy(DENY | ANYONE),
    "`Notes` is not an element": policy(DENY | {"Notes": "x"}),
    "not a JSON object at all": policy("Deny"),
    "`Condition` must be an object": policy(condition([])),
    "`Bool` in `Condition` must be": policy(condition({"Bool": "x"})),
    "`StringMatches` is not a condition operator": policy(condition({"StringMatches": {"k": "v"}})),
    "`NullIfExists` is not a condition operator": policy(
        condition({"NullIfExists": {"k": "true"}})
    ),
    "a value must be a string": policy(condition({"StringLike": {"k": None}})),
    "not base64": policy(condition({"BinaryEquals": {"k": "?"}})),
}


@pytest.mark.parametrize(("reason", "text"), REFUSED.items(), ids=REFUSED)
def test_a_malformed_document_is_refused_with_the_reason(reason: str, text: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_document(text, PolicyType.SCP)
    assert reason.removesuffix(" at all") in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.help


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_malformed_deny_makes_the_answer_undetermined(text: str) -> None:
    level = Level("r-1", (NamedDocument("full", policy(ALLOW)), NamedDocument("bad", text)))
    answer = judge(
        AccessRequest(ROOT_USER, "iam:GetUser", ROOT_USER), PolicySet(scp_levels=(level,))
    )
    assert answer.decision is Decision.UNDETERMINED
    assert answer.by[0].policy == "bad"


def test_a_stranger_beside_no_statement_is_refused() -> None:
    with pytest.raises(OperatorError, match="`Comment` is not an element"):
        read_document('{"Comment": "x", "Statement": []}', PolicyType.SCP)


def test_a_stranger_beside_an_allow_can_at_most_allow() -> None:
    text = json.dumps({"Comment": "x", "Statement": ALLOW})
    level = Level("r-1", (NamedDocument("full", policy(ALLOW)), NamedDocument("odd", text)))
    answer = judge(AccessRequest(ROOT_USER, "a:b", "*"), PolicySet(scp_levels=(level,)))
    assert answer.decision is Decision.ALLOWED


def test_the_place_of_a_json_error_is_named() -> None:
    with pytest.raises(OperatorError, match="line 2, column 14"):
        read_document('{\n "Statement" []}', PolicyType.SCP)


@pytest.mark.parametrize(
    ("reason", "statement"),
    [
        ("only Deny", ALLOW | {"Action": "s3:*"} | ANYONE),
        ("exactly one of", DENY | {"Action": "s3:*"}),
        ("`NotAction`", {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"} | ANYONE),
        ("`NotPrincipal`", DENY | {"Action": "s3:*", "NotPrincipal": "*"}),
        ("`iam:", DENY | ANYONE),
        ("`*` is not an action", DENY | {"Action": ["s3:*", "*"]} | ANYONE),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_resource_control_policy_takes_less(reason: str, statement: dict[str, Any]) -> None:
    with pytest.raises(OperatorError, match=reason.replace("*", r"\*")):
        read_document(policy(statement), PolicyType.RCP)


def test_a_trust_policy_needs_no_resource() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "111111111111", "Service": ["ec2.amazonaws.com"]},
    }
    document = read_document(policy(statement), PolicyType.RESOURCE)
    assert document.statements[0].resources.patterns == ("*",)


def test_a_resource_policy_needs_a_principal_it_knows() -> None:
    with pytest.raises(OperatorError, match="exactly one of"):
        read_document(policy(DENY), PolicyType.RESOURCE)
    with pytest.raises(OperatorError, match="`Team` is not a kind of principal"):
        read_document(policy(DENY | {"Principal": {"Team": "x"}}), PolicyType.RESOURCE)


def test_one_statement_needs_no_list() -> None:
    text = json.dumps({"Statement": DENY})
    document = read_document(text, PolicyType.SCP)
    assert [statement.effect for statement in document.statements] == ["Deny"]
    assert not document.variables


def test_unknown_keys_are_not_for_the_specification() -> None:
    request = AccessRequest(
        ROOT_USER, "iam:GetUser", ROOT_USER, unknown_keys=frozenset({"aws:SourceIp"})
    )
    with pytest.raises(BugError, match="`aws:SourceIp`"):
        judge(request, PolicySet())


@pytest.mark.parametrize("policy_type", [PolicyType.IDENTITY, PolicyType.BOUNDARY])
def test_a_policy_with_a_malformed_date_is_not_stored(policy_type: PolicyType) -> None:
    text = policy(condition({"DateNotEqualsIfExists": {"k": ["2030-01-01", "not-a-date"]}}))
    with pytest.raises(OperatorError, match="statement 0: `not-a-date` is not a date"):
        read_document(text, policy_type)


def test_a_session_policy_with_a_malformed_date_is_taken() -> None:
    text = policy(condition({"DateEquals": {"k": "not-a-date"}}))
    assert read_document(text, PolicyType.SESSION).statements


def test_odd_numbers_and_booleans_are_stored() -> None:
    odd = {"NumericEquals": {"k": "01"}, "Bool": {"k": "yes"}, "Null": {"k": "TRUE"}}
    assert read_document(policy(condition(odd)), PolicyType.IDENTITY).statements
