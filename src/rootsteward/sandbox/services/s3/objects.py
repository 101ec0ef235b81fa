"""Objects, as far as seeing who may write, read, list and delete them."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.services.page_tokens import name_before, token_after
from rootsteward.sandbox.services.s3 import refusals
from rootsteward.sandbox.services.s3.requests import bucket_of, need, refuse_unsupported
from rootsteward.sandbox.world.buckets import Bucket, StoredObject
from rootsteward.sandbox.world.world import World

_DEFAULT_CONTENT_TYPE = "binary/octet-stream"
_MOST_KEYS = 1000
# SOURCE: every object is encrypted, with S3's own keys unless it is asked otherwise (card S3-09).
_ENCRYPTED = {"ServerSideEncryption": "AES256"}
_ADDRESS = frozenset({"Bucket", "Key", "ExpectedBucketOwner"})
_PUT_PARAMETERS = _ADDRESS | {"Body", "ContentType", "ContentLength", "ContentMD5", "Metadata"}
_LIST_PARAMETERS = frozenset(
    {
        "Bucket",
        "ExpectedBucketOwner",
        "Prefix",
        "Delimiter",
        "MaxKeys",
        "StartAfter",
        "ContinuationToken",
        "EncodingType",
        "FetchOwner",
    }
)


def _object_needs(action: str, world: World, call: Call) -> Sequence[Need]:
    return [need(bucket_of(world, call), action, key=call.params["Key"])]


def _read_needs(world: World, call: Call) -> Sequence[Need]:
    """Whether an object exists is told only to those who may list the bucket (rule card S3-08)."""
    needs = _object_needs("s3:GetObject", world, call)
    bucket = bucket_of(world, call)
    if call.params["Key"] in bucket.objects:
        return needs
    return [*needs, need(bucket, "s3:ListBucket")]


def _put(world: World, call: Call) -> Output:
    refuse_unsupported(call, _PUT_PARAMETERS | {"ChecksumAlgorithm"})
    bucket = bucket_of(world, call)
    body = bytes(call.params.get("Body", b""))
    digest = md5(body, usedforsecurity=False)
    if call.params.get("ContentMD5", expected := b64encode(digest.digest()).decode()) != expected:
        raise ServiceError(
            "BadDigest", "The Content-MD5 you specified did not match what we received."
        )
    stored = StoredObject(
        body=body,
        etag=f'"{digest.hexdigest()}"',
        content_type=call.params.get("ContentType", _DEFAULT_CONTENT_TYPE),
        modified_at=call.at,
        metadata=dict(call.params.get("Metadata", {})),
    )
    bucket.objects[call.params["Key"]] = stored
    return {"ETag": stored.etag, **_ENCRYPTED}


def _stored(world: World, call: Call) -> StoredObject:
    refuse_unsupported(call, _ADDRESS)
    key = call.params["Key"]
    stored = bucket_of(world, call).objects.get(key)
    if stored is None:
        raise refusals.no_such_key(key)
    return stored


def _head(world: World, call: Call) -> Output:
    stored = _stored(world, call)
    return {
        "ETag": stored.etag,
        "ContentLength": len(stored.body),
        "ContentType": stored.content_type,
        "LastModified": stored.modified_at,
        "AcceptRanges": "bytes",
        "Metadata": dict(stored.metadata),
        **_ENCRYPTED,
    }


def _get(world: World, call: Call) -> Output:
    return {**_head(world, call), "Body": _stored(world, call).body}


def _delete(world: World, call: Call) -> Output:
    refuse_unsupported(call, _ADDRESS)
    bucket_of(world, call).objects.pop(call.params["Key"], None)
    return {}


def _list_needs(world: World, call: Call) -> Sequence[Need]:
    params = call.params
    context = {
        name: str(params[member])
        for name, member in (
            ("s3:prefix", "Prefix"),
            ("s3:delimiter", "Delimiter"),
            ("s3:max-keys", "MaxKeys"),
        )
        if member in params
    }
    return [need(bucket_of(world, call), "s3:ListBucket", context=context)]


def _list(world: World, call: Call) -> Output:
    refuse_unsupported(call, _LIST_PARAMETERS)
    params = call.params
    bucket = bucket_of(world, call)
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    most = min(params.get("MaxKeys", _MOST_KEYS), _MOST_KEYS)
    after = params.get("StartAfter", "")
    if "ContinuationToken" in params:
        after = _name_in_token(params["ContinuationToken"])
    entries = _entries(bucket, prefix, delimiter)
    remaining = [entry for entry in entries if entry.name > after]
    output = _page(remaining[:most])
    if len(remaining) > most > 0:
        output["NextContinuationToken"] = token_after(remaining[most - 1].name)
    echoed = {
        name: params[name]
        for name in ("Delimiter", "StartAfter", "ContinuationToken")
        if name in params
    }
    return {
        "Name": bucket.name,
        "Prefix": prefix,
        "MaxKeys": most,
        "KeyCount": min(len(remaining), most),
        "IsTruncated": "NextContinuationToken" in output,
        **echoed,
        **output,
    }


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    """A line of a listing: a key, or the common prefix of several."""

    name: str
    stored: StoredObject | None = field(default=None, compare=False)


def _entries(bucket: Bucket, prefix: str, delimiter: str) -> list[_Entry]:
    """Keys and common prefixes below a prefix, each once, in order."""
    entries: dict[str, _Entry] = {}
    for key, stored in bucket.objects.items():
        if key.startswith(prefix):
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            name = prefix + head + found if found else key
            entries[name] = _Entry(name, None if found else stored)
    return sorted(entries.values())


def _page(entries: Sequence[_Entry]) -> dict[str, Any]:
    contents = [
        {
            "Key": entry.name,
            "LastModified": entry.stored.modified_at,
            "ETag": entry.stored.etag,
            "Size": len(entry.stored.body),
            "StorageClass": "STANDARD",
        }
        for entry in entries
        if entry.stored is not None
    ]
    prefixes = [{"Prefix": entry.name} for entry in entries if entry.stored is None]
    page: dict[str, Any] = {}
    if contents:
        page["Contents"] = contents
    if prefixes:
        page["CommonPrefixes"] = prefixes
    return page


def _name_in_token(token: str) -> str:
    name = name_before(token)
    if name is None:
        raise refusals.invalid_argument(
            "The continuation token provided is incorrect", "continuation-token", token
        )
    return name


OPERATIONS: Operations = {
    "PutObject": Operation(lambda world, call: _object_needs("s3:PutObject", world, call), _put),
    "GetObject": Operation(_read_needs, _get),
    "HeadObject": Operation(_read_needs, _head),
    "DeleteObject": Operation(
        lambda world, call: _object_needs("s3:DeleteObject", world, call), _delete
    ),
    "ListObjectsV2": Operation(_list_needs, _list),
}
