"""`unlock bucket`: end the lock-out of a bucket by its policy.

The root session can always read, put and delete its own account's bucket policies, whatever these
say; only organization policies and endpoint policies stop it (rule card EVAL-10).
"""

import re
from typing import Protocol

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import Observation
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
from rootsteward.ports.aws_gateway import BucketGateway, CallerReader, RootSessions

__all__ = ["SLUG", "BucketReader", "a_bucket", "bucket_arn", "gather", "plan", "rehearse", "step"]

SLUG = "unlock-bucket"
# Older buckets of us-east-1 may have capitals, underscores and up to 255 characters.
_BUCKET_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
READ_API = "s3:GetBucketPolicy"


class BucketReader(CallerReader, RootSessions, BucketGateway, Protocol):
    """What looking at a bucket calls."""


def gather(
    gateway: BucketReader,
    account: AccountId,
    bucket: str,
    *,
    blame_for: BlameFor = blame_nobody,
) -> LockedResource:
    """The bucket's policy, read through a root session. Never raises for AWS's answers."""
    task = ResourceKind.BUCKET.task
    policy = look(
        gateway,
        account,
        task,
        lambda session: gateway.bucket_policy(session, bucket),
        lambda: blame_for(account, task)(READ_API),
    )
    return a_bucket(account, bucket, "", gateway.partition, policy)


def a_bucket(
    account: AccountId, name: str, region: str, partition: str, policy: Observation[str | None]
) -> LockedResource:
    """A bucket and what was seen of its policy."""
    arn = bucket_arn(name, partition)
    return LockedResource(ResourceKind.BUCKET, account, name, region, name, arn, policy)


def bucket_arn(name: str, partition: str) -> str:
    """A bucket's ARN.

    Raises:
        InputError: it is no bucket's name. WHY here: the SDK takes some ARNs in place of a name,
            and a bucket is protected by its own ARN.
    """
    if not _BUCKET_NAME.fullmatch(name):
        raise InputError(
            f"`{name}` is not the name of a bucket", help="give the bare name, without ARN or path"
        )
    return f"arn:{partition}:s3:::{name}"


def plan(facts: LockedResource, wish: Wish = DEFAULT_WISH) -> UnlockPlan:
    """What would be done to the bucket's policy. Pure.

    Raises:
        InputError: as `make_plan`.
    """
    return make_plan(SLUG, facts, wish)
