"""What every S3 operation asks of a request: which bucket, in which Region, with what need."""

from collections.abc import Mapping

from rootsteward.domain.authorization import ContextValue, NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Need
from rootsteward.sandbox.services.s3 import refusals
from rootsteward.sandbox.world.buckets import Bucket
from rootsteward.sandbox.world.world import World

_NO_STATEMENTS = '{"Version":"2012-10-17","Statement":[]}'


def bucket_of(world: World, call: Call) -> Bucket:
    """The bucket a call names.

    Raises:
        ServiceError: when there is none, when it is in another Region than the one the call was
            signed for, or when it is not the expected owner's.
    """
    name = call.params["Bucket"]
    bucket = world.buckets.find(name)
    if bucket is None:
        raise refusals.no_such_bucket(name)
    if bucket.region != call.region:
        raise refusals.permanent_redirect(bucket)
    if call.params.get("ExpectedBucketOwner", bucket.owner) != bucket.owner:
        raise refusals.access_denied()
    return bucket


def need(
    bucket: Bucket,
    action: str,
    *,
    key: str | None = None,
    context: Mapping[str, ContextValue] | None = None,
) -> Need:
    """The permission for an action on a bucket, or on an object in it when `key` is given."""
    return Need(
        action=action,
        resource=bucket.arn if key is None else f"{bucket.arn}/{key}",
        resource_account=bucket.owner,
        resource_policy=policy_document(bucket),
        context={"s3:ResourceAccount": bucket.owner, **(context or {})},
    )


def policy_document(bucket: Bucket) -> NamedDocument:
    """The bucket's policy, named for the reader; an empty one when it has none.

    WHY not None: callers of other accounts need an Allow in it (rule card S3-07).
    """
    return NamedDocument(f"policy of bucket {bucket.name}", bucket.policy or _NO_STATEMENTS)


def own_account_only(bucket: Bucket, account: AccountId) -> None:
    """Refuse callers of other accounts, whatever they are permitted (rule card S3-03).

    Raises:
        ServiceError: `MethodNotAllowed`.
    """
    if account != bucket.owner:
        raise refusals.method_not_allowed()


def refuse_unsupported(call: Call, supported: frozenset[str]) -> None:
    """Refuse parameters that this sandbox would ignore.

    Raises:
        ServiceError: `NotImplemented`, naming the first such parameter.
    """
    for name in call.params:
        if name not in supported and not name.startswith("Checksum"):
            raise refusals.not_implemented(name)
