"""Buckets: create, delete, list, look up."""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.services.page_tokens import name_before, token_after
from rootsteward.sandbox.services.s3 import refusals
from rootsteward.sandbox.services.s3.requests import bucket_of, need, refuse_unsupported
from rootsteward.sandbox.world.buckets import Bucket
from rootsteward.sandbox.world.world import World

# SOURCE: S3 user guide, general purpose bucket naming rules.
_BUCKET_NAME = re.compile(
    r"(?!xn--)(?!\d+\.\d+\.\d+\.\d+\Z)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]\Z"
)
_DEFAULT_REGION = "us-east-1"
_OLD_NAMES = {"EU": "eu-west-1"}
_MOST_BUCKETS = 10_000
_CREATE_PARAMETERS = frozenset({"Bucket", "CreateBucketConfiguration", "ACL", "ObjectOwnership"})
_LIST_PARAMETERS = frozenset({"MaxBuckets", "ContinuationToken", "Prefix", "BucketRegion"})
_SUPPORTED_ACLS = frozenset({"private"})
_SUPPORTED_OWNERSHIP = frozenset({"BucketOwnerEnforced"})


def _create_needs(_world: World, call: Call) -> Sequence[Need]:
    context = {"s3:LocationConstraint": constraint} if (constraint := _constraint(call)) else {}
    return [
        Need(
            action="s3:CreateBucket",
            resource=f"arn:aws:s3:::{call.params['Bucket']}",
            resource_account=call.caller.account,
            context=context,
        )
    ]


def _create(world: World, call: Call) -> Output:
    refuse_unsupported(call, _CREATE_PARAMETERS)
    if call.params.get("ACL", "private") not in _SUPPORTED_ACLS:
        raise refusals.not_implemented("ACL")
    if call.params.get("ObjectOwnership", "BucketOwnerEnforced") not in _SUPPORTED_OWNERSHIP:
        raise refusals.not_implemented("ObjectOwnership")
    name = call.params["Bucket"]
    if not _BUCKET_NAME.match(name):
        raise ServiceError(
            "InvalidBucketName",
            "The specified bucket is not valid.",
            members={"BucketName": name},
        )
    region = _region_for_new_bucket(world, call)
    existing = world.buckets.find(name)
    if existing is not None:
        _refuse_taken_name(existing, call)
    else:
        world.buckets.add(Bucket(name, call.caller.account, region, call.at))
    return {"Location": f"/{name}", "BucketArn": f"arn:aws:s3:::{name}"}


def _refuse_taken_name(existing: Bucket, call: Call) -> None:
    """In us-east-1, creating one's own bucket again succeeds (rule card S3-06)."""
    if existing.owner != call.caller.account:
        raise ServiceError(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all "
            "users of the system. Please select a different name and try again.",
            409,
            members={"BucketName": existing.name},
        )
    if existing.region != _DEFAULT_REGION or call.region != _DEFAULT_REGION:
        raise ServiceError(
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
            409,
            members={"BucketName": existing.name},
        )


def _constraint(call: Call) -> str:
    constraint: str = call.params.get("CreateBucketConfiguration", {}).get("LocationConstraint", "")
    return _OLD_NAMES.get(constraint, constraint)


def _region_for_new_bucket(world: World, call: Call) -> str:
    constraint = _constraint(call)
    if constraint and constraint not in world.regions:
        raise ServiceError(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
            members={"LocationConstraint": constraint},
        )
    if call.region in {_DEFAULT_REGION, constraint}:
        return constraint or _DEFAULT_REGION
    raise ServiceError(
        "IllegalLocationConstraintException",
        f"The {constraint or 'unspecified'} location constraint is incompatible for the region "
        "specific endpoint this request was sent to.",
    )


def _delete_needs(world: World, call: Call) -> Sequence[Need]:
    return [need(bucket_of(world, call), "s3:DeleteBucket")]


def _delete(world: World, call: Call) -> Output:
    bucket = bucket_of(world, call)
    if bucket.objects:
        raise ServiceError(
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
            409,
            members={"BucketName": bucket.name},
        )
    world.buckets.remove(bucket.name)
    return {}


def _list_needs(_world: World, call: Call) -> Sequence[Need]:
    # WHY this resource: policies name it as `*` or as `arn:aws:s3:::*` (rule card S3-01).
    return [Need("s3:ListAllMyBuckets", "arn:aws:s3:::*", call.caller.account)]


def _list(world: World, call: Call) -> Output:
    params = call.params
    most = params.get("MaxBuckets", _MOST_BUCKETS)
    if not 1 <= most <= _MOST_BUCKETS:
        raise refusals.invalid_argument(
            f"Argument max-buckets must be an integer between 1 and {_MOST_BUCKETS}",
            "max-buckets",
            most,
        )
    after = _name_in_token(params["ContinuationToken"]) if "ContinuationToken" in params else ""
    found = [
        bucket
        for bucket in world.buckets.owned_by(call.caller.account)
        if bucket.name > after
        and bucket.name.startswith(params.get("Prefix", ""))
        and params.get("BucketRegion", bucket.region) == bucket.region
    ]
    return _page(call, found, most)


def _page(call: Call, found: list[Bucket], most: int) -> Output:
    # SOURCE: the Region is named only when a parameter is given (rule card S3-02).
    named = bool(_LIST_PARAMETERS & call.params.keys())
    output: dict[str, Any] = {
        "Buckets": [_described(bucket, with_region=named) for bucket in found[:most]],
        "Owner": {"ID": canonical_id(call.caller.account)},
    }
    if call.params.get("Prefix"):
        output["Prefix"] = call.params["Prefix"]
    if len(found) > most:
        output["ContinuationToken"] = token_after(found[most - 1].name)
    return output


def _described(bucket: Bucket, *, with_region: bool) -> dict[str, Any]:
    described = {"Name": bucket.name, "CreationDate": bucket.created_at}
    return described | {"BucketRegion": bucket.region} if with_region else described


def _name_in_token(token: str) -> str:
    name = name_before(token)
    if name is None:
        raise refusals.invalid_argument(
            "The continuation token provided is incorrect", "continuation-token", token
        )
    return name


def canonical_id(account: AccountId) -> str:
    """The canonical user id of an account: 64 hexadecimal characters that follow from its id."""
    return sha256(account.encode()).hexdigest()


def _head_needs(world: World, call: Call) -> Sequence[Need]:
    # WHY ListBucket: HeadBucket has no permission of its own.
    return [need(bucket_of(world, call), "s3:ListBucket")]


def _head(world: World, call: Call) -> Output:
    bucket = bucket_of(world, call)
    return {"BucketRegion": bucket.region, "BucketArn": bucket.arn, "AccessPointAlias": False}


def _location_needs(world: World, call: Call) -> Sequence[Need]:
    return [need(bucket_of(world, call), "s3:GetBucketLocation")]


def _location(world: World, call: Call) -> Output:
    bucket = bucket_of(world, call)
    return {} if bucket.region == _DEFAULT_REGION else {"LocationConstraint": bucket.region}


OPERATIONS: Operations = {
    "CreateBucket": Operation(_create_needs, _create),
    "DeleteBucket": Operation(_delete_needs, _delete),
    "ListBuckets": Operation(_list_needs, _list),
    "HeadBucket": Operation(_head_needs, _head),
    "GetBucketLocation": Operation(_location_needs, _location),
}
