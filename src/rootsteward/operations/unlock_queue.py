"""`unlock queue`: take away, or replace, a queue policy that locks everybody out.

Sets the `Policy` attribute and no other; an empty text removes it (rule card SQS-20).
"""

from typing import Protocol

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_session import RootSession
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
from rootsteward.ports.aws_gateway import QueueGateway, RootSessions
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.journal import Journal

__all__ = ["SLUG", "UnlockQueueGateway", "gather", "plan", "rehearse", "step"]

SLUG = "unlock-queue"
MENDING_ACTIONS = ("sqs:SetQueueAttributes",)


class UnlockQueueGateway(RootSessions, QueueGateway, Protocol):
    """What unlocking a queue calls."""


def gather(
    gateway: UnlockQueueGateway,
    account: AccountId,
    region: str,
    name: str,
    *,
    blame_for: BlameFor = blame_nobody,
) -> LockedResource:
    """The queue's URL and policy, through one root session. Never raises for AWS's answers."""
    task = TaskPolicy.UNLOCK_QUEUE
    found: list[str] = []

    def read(session: RootSession) -> str | None:
        found[:] = [gateway.queue_url(session, region, name)]
        return gateway.queue_policy(session, region, found[0])

    policy = look(
        gateway,
        account,
        task,
        read,
        lambda: blame_for(account, task)("sqs:GetQueueAttributes" if found else "sqs:GetQueueUrl"),
    )
    return LockedResource(account, name, region, found[0] if found else "", policy)


def plan(
    facts: LockedResource, *, replacement: str | None = None, even_if_not_locked: bool = False
) -> UnlockPlan:
    """Remove the policy when it locks everybody out, or set the replacement. Pure.

    Raises:
        InputError: when the replacement is not a JSON object.
    """
    return make_plan(
        SLUG, facts, MENDING_ACTIONS, replacement, even_if_not_locked=even_if_not_locked
    )


def step(
    gateway: UnlockQueueGateway,
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
        task=TaskPolicy.UNLOCK_QUEUE,
        backup_kind="queue-policy",
        read_api="sqs:GetQueueAttributes",
        delete_api="sqs:SetQueueAttributes",
        replace_api="sqs:SetQueueAttributes",
        not_yet="sqs accepted the change and still shows the old policy; it may take a minute",
        read=lambda session, queue: gateway.queue_policy(session, queue.where, queue.handle),
        delete=lambda session, queue: gateway.set_queue_policy(
            session, queue.where, queue.handle, ""
        ),
        replace=lambda session, queue, text: gateway.set_queue_policy(
            session, queue.where, queue.handle, text
        ),
    )
    return carry_out(gateway, journal, backups, calls, planned, blame_for=blame_for)
