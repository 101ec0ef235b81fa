"""NotAction lists with gaps."""

from collections.abc import Callable

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import Document
from rootsteward.policy.lint.finding import Severity
from rootsteward.policy.lint.tasks_left_out import check
from rootsteward.policy.parse import parse_document
from rootsteward.policy.repair.repair import Safety

ReadScp = Callable[..., Document]
ROOT = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


def test_a_task_with_a_gap_is_reported_with_what_is_missing(scp: ReadScp) -> None:
    spared = list(TaskPolicy.AUDIT.actions[1:])
    (audit,) = check(scp({"NotAction": spared, "Condition": ROOT}))
    assert "a part of audit" in audit.message
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


def test_a_region_lock_without_iam_stops_every_task_from_its_first_call_on(scp: ReadScp) -> None:
    lock = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    (finding,) = check(scp({"NotAction": ["cloudfront:*", "support:*"], "Condition": lock}))
    assert finding.severity is Severity.NOTE
    assert "spares nothing of audit, allow-recovery, delete-credentials" in finding.message
    assert finding.fix is not None
    assert not list(check(parse_document(finding.fix.text, policy_type=PolicyType.SCP)))


def test_a_statement_has_one_finding_for_all_its_tasks(scp: ReadScp) -> None:
    (finding,) = check(scp({"NotAction": ["iam:GetLoginProfile", "iam:GetUser"]}))
    assert "spares a part of audit, allow-recovery, delete-credentials" in finding.message
    assert "spares nothing of unlock-bucket, unlock-queue" in finding.message
    assert finding.message.count("iam:ListMFADevices") == 1
