"""Permissions by label, which are statements of the queue's policy; tags; purging.

SOURCE: SQS API reference, `AddPermission` and `RemovePermission` (rule card SQS-06).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.services.sqs.requests import need, queue_of
from rootsteward.sandbox.world.queues import Queue
from rootsteward.sandbox.world.world import World

_MOST_TAGS = 50


def _add(world: World, call: Call) -> Output:
    queue, params = queue_of(world, call), call.params
    document = _document(queue)
    label = params["Label"]
    if any(statement.get("Sid") == label for statement in document["Statement"]):
        raise _wrong_label(label, "Already exists.")
    principals = [f"arn:aws:iam::{account}:root" for account in params["AWSAccountIds"]]
    actions = [f"SQS:{action}" for action in params["Actions"]]
    document["Statement"].append(
        {
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": _one_or_all(principals)},
            "Action": _one_or_all(actions),
            "Resource": queue.arn,
        }
    )
    _store(queue, document, call)
    return {}


def _remove(world: World, call: Call) -> Output:
    queue, label = queue_of(world, call), call.params["Label"]
    document = _document(queue)
    left = [statement for statement in document["Statement"] if statement.get("Sid") != label]
    if len(left) == len(document["Statement"]):
        raise _wrong_label(label, "can't find label.")
    _store(queue, {**document, "Statement": left}, call)
    return {}


def _document(queue: Queue) -> dict[str, Any]:
    """The queue's policy with its statements in a list, or one to begin with."""
    if queue.policy is None:
        identity = f"{queue.arn}/SQSDefaultPolicy"
        return {"Version": "2012-10-17", "Id": identity, "Statement": []}
    document: dict[str, Any] = read_json(queue.policy)
    statements = document["Statement"]
    return {**document, "Statement": statements if isinstance(statements, list) else [statements]}


def _store(queue: Queue, document: dict[str, Any], call: Call) -> None:
    queue.policy = json.dumps(document, separators=(",", ":")) if document["Statement"] else None
    queue.modified_at = call.at


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _wrong_label(label: str, reason: str) -> ServiceError:
    return ServiceError(
        "InvalidParameterValue",
        f"Value {label} for parameter Label is invalid. Reason: {reason}",
    )


def _tag(world: World, call: Call) -> Output:
    add_tags(queue_of(world, call), call.params["Tags"])
    return {}


def add_tags(queue: Queue, tags: Mapping[str, str]) -> None:
    """Put tags on a queue.

    Raises:
        ServiceError: there would be more than fifty.
    """
    if len(queue.tags.keys() | tags.keys()) > _MOST_TAGS:
        raise ServiceError("InvalidParameterValue", f"Too many tags added for queue {queue.name}.")
    queue.tags.update(tags)


def _untag(world: World, call: Call) -> Output:
    queue = queue_of(world, call)
    for key in call.params["TagKeys"]:
        queue.tags.pop(key, None)
    return {}


def _list_tags(world: World, call: Call) -> Output:
    tags = queue_of(world, call).tags
    return {"Tags": dict(tags)} if tags else {}


def _purge(world: World, call: Call) -> Output:
    """LIMIT: AWS refuses a second purge within sixty seconds, and takes as long for the first."""
    queue_of(world, call).messages.clear()
    return {}


def _operation(name: str, handle: Callable[[World, Call], Output]) -> Operation:
    def needs(world: World, call: Call) -> Sequence[Need]:
        return [need(call, queue_of(world, call), f"sqs:{name}")]

    return Operation(needs, handle)


OPERATIONS: Operations = {
    "AddPermission": _operation("AddPermission", _add),
    "ListQueueTags": _operation("ListQueueTags", _list_tags),
    "PurgeQueue": _operation("PurgeQueue", _purge),
    "RemovePermission": _operation("RemovePermission", _remove),
    "TagQueue": _operation("TagQueue", _tag),
    "UntagQueue": _operation("UntagQueue", _untag),
}
