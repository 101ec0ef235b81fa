"""Denies everybody but root."""

from collections.abc import Callable

from rootsteward.policy.document import Document
from rootsteward.policy.lint.inverted_root_test import check

ReadScp = Callable[..., Document]
ROOT = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}

SPARED = {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


def test_a_deny_of_everything_but_for_root_is_reported(scp: ReadScp) -> None:
    (finding,) = check(scp({"Action": "*", "Condition": SPARED}))
    assert "everybody but the root user" in finding.message


def test_a_deny_by_type_is_reported_too(scp: ReadScp) -> None:
    by_type = {"StringNotEquals": {"aws:PrincipalType": "Account"}}
    assert len(list(check(scp({"Action": "*", "Condition": by_type})))) == 1


def test_reserving_an_action_for_root_is_fine(scp: ReadScp) -> None:
    assert not list(check(scp({"Action": "iam:CreateLoginProfile", "Condition": SPARED})))


def test_an_ordinary_root_deny_is_fine(scp: ReadScp) -> None:
    assert not list(check(scp({"Action": "*", "Condition": ROOT})))


def test_a_list_of_exceptions_is_fine(scp: ReadScp) -> None:
    two = ["arn:aws:iam::*:root", "arn:aws:iam::*:role/Admin"]
    condition = {"ArnNotLike": {"aws:PrincipalArn": two}}
    assert not list(check(scp({"Action": "*", "Condition": condition})))
