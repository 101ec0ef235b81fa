"""`unlock bucket`: take away, or replace, a bucket policy that locks everybody out.

The root session can always read, put and delete its own account's bucket policies, whatever these
say; only organization policies and endpoint policies stop it (rule card EVAL-10).
"""

from typing import Protocol

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import BlameFor, blame_nobody
from rootsteward.operations.unlock import (
    LockedResource,
    UnlockPlan,
    UnlockResult,
    look,
    make_plan,
    rehearse,
)
from rootsteward.operations.unlocking import PolicyCalls, carry_out
from rootsteward.ports.aws_gateway import BucketGateway, RootSessions
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.journal import Journal

__all__ = ["SLUG", "UnlockBucketGateway", "gather", "plan", "rehearse", "step"]

SLUG = "unlock-bucket"
MENDING_ACTIONS = ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy")


class UnlockBucketGateway(RootSessions, BucketGateway, Protocol):
    """What unlocking a bucket calls."""


def gather(
    gateway: UnlockBucketGateway,
    account: AccountId,
    bucket: str,
    *,
    blame_for: BlameFor = blame_nobody,
) -> LockedResource:
    """The bucket's policy, read through a root session. Never raises for AWS's answers."""
    task = TaskPolicy.UNLOCK_BUCKET
    policy = look(
        gateway,
        account,
        task,
        lambda session: gateway.bucket_policy(session, bucket),
        lambda: blame_for(account, task)("s3:GetBucketPolicy"),
    )
    return LockedResource(account, bucket, "", bucket, policy)


def plan(
    facts: LockedResource, *, replacement: str | None = None, even_if_not_locked: bool = False
) -> UnlockPlan:
    """Delete the policy when it locks everybody out, or put the replacement. Pure.

    Raises:
        InputError: when the replacement is not a JSON object.
    """
    return make_plan(
        SLUG, facts, MENDING_ACTIONS, replacement, even_if_not_locked=even_if_not_locked
    )


def step(
    gateway: UnlockBucketGateway,
    journal: Journal,
    backups: BackupStore,
    planned: UnlockPlan,
    *,
    blame_for: BlameFor = blame_nobody,
) -> UnlockResult:
    """Look, keep the old policy, act, look again. Never raises for AWS's answers.

    Raises:
        OperatorError: when the journal or the backup cannot be written.
    """
    calls = PolicyCalls(
        slug=SLUG,
        task=TaskPolicy.UNLOCK_BUCKET,
        backup_kind="bucket-policy",
        read_api="s3:GetBucketPolicy",
        delete_api="s3:DeleteBucketPolicy",
        replace_api="s3:PutBucketPolicy",
        not_yet="s3 accepted the change and still shows the old policy; look again",
        read=lambda session, bucket: gateway.bucket_policy(session, bucket.handle),
        delete=lambda session, bucket: gateway.delete_bucket_policy(session, bucket.handle),
        replace=lambda session, bucket, text: gateway.put_bucket_policy(
            session, bucket.handle, text
        ),
    )
    return carry_out(gateway, journal, backups, calls, planned, blame_for=blame_for)
