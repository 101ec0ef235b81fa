"""An answer that depends on a key comes with values that decide it."""

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
from rootsteward.policy.completions import deciding_values

ROOT_USER = "arn:aws:iam::111122223333:root"
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _decide(
    condition: dict[str, Any], *unknown: str
) -> dict[Decision, dict[str, ContextValue | None]]:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    text = json.dumps({"Version": "2012-10-17", "Statement": [FULL, deny]})
    policies = PolicySet((Level("l0", (NamedDocument("p0", text),)),))
    request = AccessRequest(ROOT_USER, "iam:GetUser", "*", {}, frozenset(unknown))
    found = deciding_values(request, policies)
    return {completion.answer.decision: dict(completion.values) for completion in found}


@pytest.mark.parametrize(
    ("operator", "key", "values", "denied", "allowed"),
    [
        ("StringNotEquals", "aws:RequestedRegion", ["eu-west-1"], "another-value", "eu-west-1"),
        ("NotIpAddress", "aws:SourceIp", ["192.0.2.0/24"], "203.0.113.99", "192.0.2.0"),
        ("BoolIfExists", "aws:SecureTransport", ["false"], "false", "true"),
        ("Null", "aws:SourceVpc", ["true"], None, "another-value"),
        ("NumericGreaterThan", "aws:MultiFactorAuthAge", ["3600"], "999999999", "3600"),
        ("StringLike", "aws:SourceVpce", ["vpce-*"], "vpce-example", "another-value"),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["a"], ("a",), ("another-value",)),
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

    assert found[Decision.EXPLICIT_DENY] == {"aws:SourceVpc": "vpc-1", "aws:SourceIp": "192.0.2.0"}
    assert set(found) == {Decision.EXPLICIT_DENY, Decision.ALLOWED}


def test_nothing_is_found_where_nothing_is_open() -> None:
    assert _decide({"StringEquals": {"aws:SourceVpc": "vpc-1"}}) == {}
