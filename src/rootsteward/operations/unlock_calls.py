"""The calls that differ between buckets and queues when a policy is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, assert_never

from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_session import RootSession
from rootsteward.operations.unlock import LockedResource, ResourceKind
from rootsteward.ports.aws_gateway import BucketGateway, QueueGateway, RootSessions

BACKUP_KINDS = {
    ResourceKind.BUCKET: "bucket-policy",
    ResourceKind.QUEUE: "queue-policy",
}


class UnlockGateway(RootSessions, BucketGateway, QueueGateway, Protocol):
    """What unlocking calls."""


@dataclass(frozen=True, slots=True)
class PolicyCalls:
    """Names and functions of the calls.

    `pauses_seconds` are the waits between looks after a change, until it shows.
    """

    read_api: str
    delete_api: str
    replace_api: str
    not_yet: str
    pauses_seconds: tuple[int, ...]
    read: Callable[[RootSession, LockedResource], str | None]
    delete: Callable[[RootSession, LockedResource], Receipt]
    replace: Callable[[RootSession, LockedResource, str], Receipt]


def calls_for(gateway: UnlockGateway, kind: ResourceKind) -> PolicyCalls:
    """The calls for a kind of resource."""
    match kind:
        case ResourceKind.BUCKET:
            return _bucket_calls(gateway)
        case ResourceKind.QUEUE:
            return _queue_calls(gateway)
        case _:
            assert_never(kind)


def _bucket_calls(gateway: BucketGateway) -> PolicyCalls:
    return PolicyCalls(
        read_api="s3:GetBucketPolicy",
        delete_api="s3:DeleteBucketPolicy",
        replace_api="s3:PutBucketPolicy",
        not_yet="s3 accepted the change and still shows the old policy; look again",
        # SOURCE: "Amazon S3 data consistency model": bucket configurations are eventually
        # consistent; no bound is documented.
        pauses_seconds=(1, 2, 4, 8),
        read=lambda session, bucket: gateway.bucket_policy(session, bucket.handle),
        delete=lambda session, bucket: gateway.delete_bucket_policy(session, bucket.handle),
        replace=lambda session, bucket, text: gateway.put_bucket_policy(
            session, bucket.handle, text
        ),
    )


def _queue_calls(gateway: QueueGateway) -> PolicyCalls:
    return PolicyCalls(
        read_api="sqs:GetQueueAttributes",
        delete_api="sqs:SetQueueAttributes",
        replace_api="sqs:SetQueueAttributes",
        not_yet="sqs accepted the change and still shows the old policy; it may take a minute",
        # Together a little more than the minute that SQS documents (rule card SQS-80).
        pauses_seconds=(1, 2, 4, 8, 16, 31),
        read=lambda session, queue: gateway.queue_policy(session, queue.where, queue.handle),
        delete=lambda session, queue: gateway.set_queue_policy(
            session, queue.where, queue.handle, ""
        ),
        replace=lambda session, queue, text: gateway.set_queue_policy(
            session, queue.where, queue.handle, text
        ),
    )
