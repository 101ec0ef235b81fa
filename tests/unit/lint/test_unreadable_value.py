"""Values that are not of the operator's kind."""

from collections.abc import Callable

import pytest

from rootsteward.policy.document import Document
from rootsteward.policy.lint.unreadable_value import check

ReadScp = Callable[..., Document]


@pytest.mark.parametrize(
    ("operator", "value", "kind"),
    [
        ("NumericLessThan", "many", "number"),
        ("ForAnyValue:NumericEqualsIfExists", "NaN", "number"),
        ("DateGreaterThan", "tomorrow", "date"),
        ("NotIpAddress", "192.0.2.0/33", "address or range"),
        ("IpAddress", "2001:db8::5/64", "address or range"),
        ("ArnLike", "*", "ARN"),
        ("ArnNotEqualsIfExists", "arn:aws:iam::111122223333", "ARN"),
    ],
)
def test_a_value_of_another_kind_is_reported(
    scp: ReadScp, operator: str, value: str, kind: str
) -> None:
    condition = {operator: {"aws:Some": value}}
    (finding,) = check(scp({"Action": "*", "Condition": condition}))
    assert finding.message.startswith(f"`{value}` is no {kind}, so ")


@pytest.mark.parametrize(
    ("effect", "outcome"), [("Deny", "every ARN in a Deny"), ("Allow", "no ARN in an Allow")]
)
def test_what_a_broken_arn_does_is_said(scp: ReadScp, effect: str, outcome: str) -> None:
    condition = {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root", "root"]}}
    (finding,) = check(scp({"Effect": effect, "Action": "*", "Condition": condition}))
    assert outcome in finding.message


def test_readable_values_and_variables_are_fine(scp: ReadScp) -> None:
    condition = {
        "NumericEquals": {"a": [1, "1e0"]},
        "DateLessThan": {"a": ["2030-01-01", "1893456000"]},
        "IpAddress": {"a": ["192.0.2.5/24", "2001:db8::/64"]},
        "ArnLike": {"a": ["arn:aws:iam::*:root", "${aws:PrincipalArn}"]},
        "StringLike": {"a": "anything"},
        "Bool": {"a": "yes"},
        "Null": {"a": "yes"},
    }
    assert not list(check(scp({"Action": "*", "Condition": condition})))
