"""NotAction lists with gaps."""

from collections.abc import Callable

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import Document
from rootsteward.policy.lint.tasks_left_out import check
from rootsteward.policy.parse import parse_document
from rootsteward.policy.repair.repair import Safety

ReadScp = Callable[..., Document]
ROOT = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


def test_a_task_with_a_gap_is_reported_with_what_is_missing(scp: ReadScp) -> None:
    spared = list(TaskPolicy.AUDIT.actions[1:])
    findings = list(check(scp({"NotAction": spared, "Condition": ROOT})))
    (audit,) = [f for f in findings if " audit " in f.message]
    assert "iam:ListAccessKeys" in audit.message
    assert "iam:GetUser" not in audit.message
    assert audit.fix is not None
    assert audit.fix.safety is Safety.UNSAFE


def test_the_fix_closes_the_gap(scp: ReadScp) -> None:
    spared = list(TaskPolicy.UNLOCK_BUCKET.actions[1:])
    (finding,) = check(scp({"NotAction": spared, "Condition": ROOT}))
    assert finding.fix is not None
    assert not list(check(parse_document(finding.fix.text, policy_type=PolicyType.SCP)))


def test_a_task_that_is_spared_whole_or_not_at_all_is_fine(scp: ReadScp) -> None:
    spared = list(TaskPolicy.UNLOCK_BUCKET.actions)
    assert not list(check(scp({"NotAction": spared, "Condition": ROOT})))
