"""Bucket policies: put, get, delete. The owner's root bypass is the judge's business."""

from collections.abc import Sequence

from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.services.s3 import refusals
from rootsteward.sandbox.services.s3.policy_check import check_bucket_policy
from rootsteward.sandbox.services.s3.requests import bucket_of, need, own_account_only
from rootsteward.sandbox.world.world import World


def _put_needs(world: World, call: Call) -> Sequence[Need]:
    return [need(bucket_of(world, call), "s3:PutBucketPolicy")]


def _put(world: World, call: Call) -> Output:
    bucket = bucket_of(world, call)
    own_account_only(bucket, call.caller.account)
    check_bucket_policy(call.params["Policy"], bucket)
    bucket.policy = call.params["Policy"]
    return {}


def _get_needs(world: World, call: Call) -> Sequence[Need]:
    return [need(bucket_of(world, call), "s3:GetBucketPolicy")]


def _get(world: World, call: Call) -> Output:
    bucket = bucket_of(world, call)
    own_account_only(bucket, call.caller.account)
    if bucket.policy is None:
        raise refusals.no_such_bucket_policy(bucket.name)
    return {"Policy": bucket.policy}


def _delete_needs(world: World, call: Call) -> Sequence[Need]:
    return [need(bucket_of(world, call), "s3:DeleteBucketPolicy")]


def _delete(world: World, call: Call) -> Output:
    bucket = bucket_of(world, call)
    own_account_only(bucket, call.caller.account)
    bucket.policy = None
    return {}


OPERATIONS: Operations = {
    "PutBucketPolicy": Operation(_put_needs, _put),
    "GetBucketPolicy": Operation(_get_needs, _get),
    "DeleteBucketPolicy": Operation(_delete_needs, _delete),
}
