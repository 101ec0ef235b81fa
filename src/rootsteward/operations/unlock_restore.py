"""`unlock restore`: put a kept bucket or queue policy back through a root session."""

from dataclasses import dataclass
from typing import Protocol

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.operations import unlock_bucket, unlock_queue
from rootsteward.operations.observe import BlameFor, blame_nobody
from rootsteward.operations.unlock import (
    LockedResource,
    ResourceKind,
    UnlockPlan,
    rehearse,
)
from rootsteward.operations.unlock_bucket import BucketReader
from rootsteward.operations.unlock_calls import BACKUP_KINDS
from rootsteward.operations.unlock_planning import restored
from rootsteward.operations.unlock_queue import QueueReader
from rootsteward.operations.unlocking import step

__all__ = [
    "SLUG",
    "KeptPolicy",
    "RestoreReader",
    "arn_of",
    "gather",
    "kept_policy",
    "plan",
    "rehearse",
    "step",
]

SLUG = "unlock-restore"
_KIND_OF_BACKUP = {backup: kind for kind, backup in BACKUP_KINDS.items()}
_BUCKET_PARTS = 2
_QUEUE_PARTS = 3


class RestoreReader(BucketReader, QueueReader, Protocol):
    """What looking at what is there now calls."""


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A backup and whose it is. `region` is empty for a bucket."""

    kind: ResourceKind
    account: AccountId
    region: str
    name: str
    text: str


def kept_policy(backup_kind: str, key: str, text: str) -> KeptPolicy:
    """Read a backup's key, as `unlocking.backup_key` wrote it.

    Raises:
        InputError: it is no backup of a bucket or queue policy.
    """
    kind = _KIND_OF_BACKUP.get(backup_kind)
    parts = key.split("/")
    wanted = _QUEUE_PARTS if kind is ResourceKind.QUEUE else _BUCKET_PARTS
    if kind is None or len(parts) != wanted:
        raise InputError(
            f"the backup of `{key}` is no bucket or queue policy",
            help="`rootsteward unlock backups` lists the ones that can be restored here",
        )
    region = parts[1] if kind is ResourceKind.QUEUE else ""
    return KeptPolicy(kind, AccountId(parts[0]), region, parts[-1], text)


def arn_of(kept: KeptPolicy, partition: str) -> str:
    """The ARN of the resource that a kept policy belongs to."""
    if kept.kind is ResourceKind.BUCKET:
        return unlock_bucket.bucket_arn(kept.name, partition)
    return unlock_queue.queue_arn(kept.account, kept.region, kept.name, partition)


def gather(
    gateway: RestoreReader, kept: KeptPolicy, *, blame_for: BlameFor = blame_nobody
) -> LockedResource:
    """What is there now. Never raises for AWS's answers."""
    if kept.kind is ResourceKind.BUCKET:
        return unlock_bucket.gather(gateway, kept.account, kept.name, blame_for=blame_for)
    return unlock_queue.gather(gateway, kept.account, kept.region, kept.name, blame_for=blame_for)


def plan(facts: LockedResource, text: str) -> UnlockPlan:
    """What restoring would change. Pure."""
    return restored(SLUG, facts, text)
