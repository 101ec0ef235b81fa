"""An answer depends on the keys that matter, and comes with values that decide it."""

import json
from typing import Any

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    ContextValue,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import compile_policies, evaluate
from rootsteward.policy.settle import Settled, settle

ROOT_USER = "arn:aws:iam::111122223333:root"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


Condition = dict[str, Any]


def _settle(conditions: list[Condition], *unknown: str, version: str = "2012-10-17") -> Settled:
    """What is left open when each condition stands in a Deny of its own."""
    denies = [
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": c} for c in conditions
    ]
    text = json.dumps({"Version": version, "Statement": [FULL, *denies]})
    policies = PolicySet((Level("l0", (NamedDocument("p0", text),)),))
    request = AccessRequest(ROOT_USER, "iam:GetUser", "*", {}, frozenset(unknown))
    return settle(request, policies)


def _decide(condition: Condition, *unknown: str) -> dict[Decision, dict[str, ContextValue | None]]:
    found = _settle([condition], *unknown).deciding
    return {completion.answer.decision: dict(completion.values) for completion in found}


@pytest.mark.parametrize(
    ("operator", "key", "values", "denied", "allowed"),
    [
        ("StringNotEquals", "aws:RequestedRegion", ["eu-west-1"], "us-east-1", "eu-west-1"),
        ("NotIpAddress", "aws:SourceIp", ["192.0.2.0/24"], "10.0.0.10", "192.0.2.10"),
        ("BoolIfExists", "aws:SecureTransport", ["false"], "false", "true"),
        ("Null", "aws:SourceVpc", ["true"], None, "vpc-0example"),
        ("NumericGreaterThan", "aws:MultiFactorAuthAge", ["3600"], "3601", "3599"),
        ("StringLike", "aws:SourceVpce", ["vpce-*"], "vpce-0example", "example"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["a"], ("a",), ("example",)),
    ],
)
def test_values_are_found_for_either_answer(
    operator: str,
    key: str,
    values: list[str],
    denied: ContextValue | None,
    allowed: ContextValue | None,
) -> None:
    assert _decide({operator: {key: values}}, key) == {
        Decision.EXPLICIT_DENY: {key: denied},
        Decision.ALLOWED: {key: allowed},
    }


def test_several_keys_are_settled_together() -> None:
    condition = {
        "StringEquals": {"aws:SourceVpc": "vpc-1"},
        "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
    }

    found = _decide(condition, "aws:SourceVpc", "aws:SourceIp", "aws:SourceVpce")

    assert found[Decision.EXPLICIT_DENY] == {"aws:SourceVpc": "vpc-1", "aws:SourceIp": "192.0.2.10"}
    assert set(found) == {Decision.EXPLICIT_DENY, Decision.ALLOWED}


def test_nothing_is_found_where_nothing_is_open() -> None:
    assert _decide({"StringEquals": {"aws:SourceVpc": "vpc-1"}}) == {}


@pytest.mark.parametrize(
    "conditions",
    [
        [{"Null": {"aws:SourceVpc": flag}} for flag in ("true", "false")],
        [{op: {"aws:SourceVpc": "v"}} for op in ("StringEquals", "StringNotEquals")],
        [{op: {"aws:SourceIp": "10.0.0.0/8"}} for op in ("IpAddress", "NotIpAddressIfExists")],
        [
            {op: {"aws:MultiFactorAuthAge": "5"}}
            for op in ("NumericLessThanIfExists", "NumericGreaterThanEquals")
        ],
        [{"BoolIfExists": {"aws:SecureTransport": ["true", "false"]}}],
    ],
)
def test_a_denial_that_no_value_changes_does_not_depend_on_it(conditions: list[Condition]) -> None:
    (key,) = conditions[0][next(iter(conditions[0]))]

    settled = _settle(conditions, key)

    assert settled.answer.decision is Decision.EXPLICIT_DENY
    assert settled.answer.depends_on == ()
    assert settled.answer.why.startswith(f"whatever the value of {key}; for one of them: ")
    assert settled.deciding == ()


def test_a_key_that_changes_nothing_is_not_named() -> None:
    both = [{"StringEquals": {"aws:SourceVpc": "v"}}, {"StringNotEquals": {"aws:SourceVpc": "v"}}]
    region = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    mixed = [
        {**both[0], **region},
        {"StringNotEquals": {"aws:SourceVpc": "v", **region["StringNotEquals"]}},
    ]

    settled = _settle(mixed, "aws:SourceVpc", "aws:RequestedRegion")

    assert settled.answer.decision is Decision.DEPENDS
    assert settled.answer.depends_on == ("aws:RequestedRegion",)
    assert "aws:SourceVpc" not in settled.answer.why
    assert [dict(c.values) for c in settled.deciding] == [
        {"aws:RequestedRegion": "us-east-1"},
        {"aws:RequestedRegion": "eu-west-1"},
    ]


def test_where_values_cannot_be_listed_the_answer_stays_open() -> None:
    by_variable = [
        {op: {"aws:SourceVpc": "${aws:RequestTag/vpc}"}} for op in ("StringLike", "StringNotLike")
    ]

    settled = _settle(by_variable, "aws:SourceVpc", "aws:RequestTag/vpc")

    assert settled.answer.decision is Decision.DEPENDS
    assert set(settled.answer.depends_on) == {"aws:SourceVpc", "aws:RequestTag/vpc"}


def test_a_tag_may_hold_what_no_operator_can_read() -> None:
    """No number is below 5 or from 5 on and neither is no number, so only a number is denied."""
    both = [
        {op: {"aws:RequestTag/age": "5"}} for op in ("NumericLessThan", "NumericGreaterThanEquals")
    ]

    assert _settle(both, "aws:RequestTag/age").answer.decision is Decision.DEPENDS


def test_who_calls_is_never_settled_from_the_conditions_alone() -> None:
    both = [{op: {"aws:PrincipalArn": "a"}} for op in ("StringEquals", "StringNotEquals")]

    assert _settle(both, "aws:PrincipalArn").answer.decision is Decision.DEPENDS


def test_an_unreadable_statement_stays_undetermined() -> None:
    settled = _settle(
        [{"StringResembles": {"a": "b"}}, {"Null": {"aws:SourceVpc": "true"}}], "aws:SourceVpc"
    )

    assert settled.answer.decision is Decision.UNDETERMINED
    assert [c.answer.decision for c in settled.deciding] == [Decision.EXPLICIT_DENY]


def test_compiled_policies_settle_alike() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [FULL]})
    policies = PolicySet((Level("l0", (NamedDocument("p0", text),)),))
    request = AccessRequest(ROOT_USER, "iam:GetUser", "*")

    assert settle(request, compile_policies(policies)) == settle(request, policies)
    assert settle(request, policies).answer == evaluate(request, policies)
