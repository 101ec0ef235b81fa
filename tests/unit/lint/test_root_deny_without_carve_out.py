"""A Deny for root that stops sessions."""

from collections.abc import Callable

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document
from rootsteward.policy.lint.root_deny_without_carve_out import check
from rootsteward.policy.parse import parse_document
from rootsteward.policy.repair.repair import Safety

ReadScp = Callable[..., Document]
ROOT = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


def test_a_root_deny_is_reported_with_the_tasks_it_stops(scp: ReadScp) -> None:
    (finding,) = check(scp({"Sid": "X", "Action": "*", "Condition": ROOT}))
    assert (finding.statement_index, finding.sid) == (0, "X")
    assert "audit" in finding.message
    assert "unlock-queue" in finding.message


def test_the_root_user_may_be_meant_by_its_type(scp: ReadScp) -> None:
    by_type = {"StringEquals": {"aws:PrincipalType": "Account"}}
    (finding,) = check(scp({"Action": "iam:*", "Condition": by_type}))
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE
    users = {"StringEquals": {"aws:PrincipalType": "User"}}
    assert not list(check(scp({"Action": "iam:*", "Condition": users})))


def test_the_fix_is_safe_and_leaves_nothing_to_report(scp: ReadScp) -> None:
    (finding,) = check(scp({"Action": "*", "Condition": ROOT}))
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE
    assert not list(check(parse_document(finding.fix.text, policy_type=PolicyType.SCP)))


def test_a_deny_with_the_carve_out_is_fine(scp: ReadScp) -> None:
    spared = {**ROOT, "Null": {"aws:AssumedRoot": "true"}}
    assert not list(check(scp({"Action": "*", "Condition": spared})))


def test_a_root_deny_of_other_actions_is_fine(scp: ReadScp) -> None:
    assert not list(check(scp({"Action": "ec2:*", "Condition": ROOT})))


def test_a_deny_that_spares_root_is_not_meant(scp: ReadScp) -> None:
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
    assert not list(check(scp({"Action": "iam:CreateLoginProfile", "Condition": spared})))
