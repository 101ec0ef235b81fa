"""`unlock queue`: end the lock-out of a queue by its policy.

Sets the `Policy` attribute and no other; an empty text removes it (rule card SQS-20).
"""

import re
from typing import Protocol

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import Observation
from rootsteward.domain.root_session import RootSession
from rootsteward.operations.observe import BlameFor, blame_nobody
from rootsteward.operations.unlock import (
    DEFAULT_WISH,
    LockedResource,
    ResourceKind,
    UnlockPlan,
    Wish,
    look,
    rehearse,
)
from rootsteward.operations.unlock_planning import make_plan
from rootsteward.operations.unlocking import step
from rootsteward.ports.aws_gateway import CallerReader, QueueGateway, RootSessions

__all__ = ["SLUG", "QueueReader", "a_queue", "gather", "plan", "queue_arn", "rehearse", "step"]

SLUG = "unlock-queue"
_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")
READ_API = "sqs:GetQueueAttributes"


class QueueReader(CallerReader, RootSessions, QueueGateway, Protocol):
    """What looking at a queue calls."""


def gather(
    gateway: QueueReader,
    account: AccountId,
    region: str,
    name: str,
    *,
    blame_for: BlameFor = blame_nobody,
) -> LockedResource:
    """The queue's URL and policy, through one root session. Never raises for AWS's answers."""
    task = ResourceKind.QUEUE.task
    found: list[str] = []

    def read(session: RootSession) -> str | None:
        found[:] = [gateway.queue_url(session, region, name)]
        return gateway.queue_policy(session, region, found[0])

    policy = look(
        gateway,
        account,
        task,
        read,
        lambda: blame_for(account, task)(READ_API if found else "sqs:GetQueueUrl"),
    )
    url = found[0] if found else ""
    return a_queue(account, name, region, url, gateway.partition, policy)


def a_queue(
    account: AccountId,
    name: str,
    region: str,
    url: str,
    partition: str,
    policy: Observation[str | None],
) -> LockedResource:
    """A queue and what was seen of its policy."""
    arn = queue_arn(account, region, name, partition)
    return LockedResource(ResourceKind.QUEUE, account, name, region, url, arn, policy)


def queue_arn(account: AccountId, region: str, name: str, partition: str) -> str:
    """A queue's ARN.

    Raises:
        InputError: it is no queue's name.
    """
    if not _QUEUE_NAME.fullmatch(name):
        raise InputError(
            f"`{name}` is not the name of a queue", help="give the bare name, without ARN or URL"
        )
    return f"arn:{partition}:sqs:{region}:{account}:{name}"


def plan(facts: LockedResource, wish: Wish = DEFAULT_WISH) -> UnlockPlan:
    """What would be done to the queue's policy. Pure.

    Raises:
        InputError: as `make_plan`.
    """
    return make_plan(SLUG, facts, wish)
