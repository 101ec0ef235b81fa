"""Queues: create, delete, list, look up, and their attributes."""

import re
from collections.abc import Sequence
from typing import Any

from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.services.page_tokens import name_before, token_after
from rootsteward.sandbox.services.sqs import attributes
from rootsteward.sandbox.services.sqs.permissions import add_tags
from rootsteward.sandbox.services.sqs.requests import (
    find_queue,
    need,
    queue_of,
    queue_url,
    unsupported,
)
from rootsteward.sandbox.world.queues import Queue
from rootsteward.sandbox.world.world import World

_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
_MOST_QUEUES = 1000


def _create_needs(_world: World, call: Call) -> Sequence[Need]:
    account = call.caller.account
    arn = f"arn:aws:sqs:{call.region}:{account}:{call.params['QueueName']}"
    return [Need("sqs:CreateQueue", arn, account)]


def _create(world: World, call: Call) -> Output:
    name = call.params["QueueName"]
    if name.endswith(".fifo"):
        raise unsupported("FIFO queues")
    if not _QUEUE_NAME.match(name):
        raise ServiceError(
            "InvalidParameterValue",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        )
    wanted = call.params.get("Attributes", {})
    attributes.check_settings(wanted)
    queue = world.queues.find(call.region, call.caller.account, name)
    if queue is None:
        queue = Queue(name, call.caller.account, call.region, call.at, call.at)
        world.queues.add(queue)
        attributes.apply_settings(queue, wanted, call.at)
        add_tags(queue, call.params.get("tags", {}))
    elif (differing := attributes.differing_setting(queue, wanted)) is not None:
        raise ServiceError(
            "QueueNameExists",
            "A queue already exists with the same name and a different value for attribute "
            f"{differing}",
        )
    return {"QueueUrl": queue_url(call, queue)}


def _on_queue(action: str, world: World, call: Call) -> Sequence[Need]:
    return [need(call, queue_of(world, call), action)]


def _delete(world: World, call: Call) -> Output:
    world.queues.remove(queue_of(world, call))
    return {}


def _url_needs(world: World, call: Call) -> Sequence[Need]:
    return [need(call, _named_queue(world, call), "sqs:GetQueueUrl")]


def _url(world: World, call: Call) -> Output:
    return {"QueueUrl": queue_url(call, _named_queue(world, call))}


def _named_queue(world: World, call: Call) -> Queue:
    owner = call.params.get("QueueOwnerAWSAccountId", call.caller.account)
    return find_queue(world, call.region, owner=owner, name=call.params["QueueName"])


def _list_needs(_world: World, call: Call) -> Sequence[Need]:
    # WHY no name in the ARN: the call is about all queues of the Region (rule card SQS-04).
    account = call.caller.account
    return [Need("sqs:ListQueues", f"arn:aws:sqs:{call.region}:{account}:", account)]


def _list(world: World, call: Call) -> Output:
    params = call.params
    most = params.get("MaxResults", _MOST_QUEUES)
    if not 1 <= most <= _MOST_QUEUES:
        raise ServiceError(
            "InvalidParameterValue",
            f"Value {most} for parameter MaxResults is invalid. Reason: must be between 1 and "
            f"{_MOST_QUEUES}, if provided.",
        )
    after = _name_in_token(params["NextToken"]) if "NextToken" in params else ""
    found = [
        queue
        for queue in world.queues.owned_by(call.caller.account, call.region)
        if queue.name > after and queue.name.startswith(params.get("QueueNamePrefix", ""))
    ]
    output: dict[str, Any] = {}
    if found:
        output["QueueUrls"] = [queue_url(call, queue) for queue in found[:most]]
    # SOURCE: a token is given only to clients that page, by asking for `MaxResults`.
    if len(found) > most and "MaxResults" in params:
        output["NextToken"] = token_after(found[most - 1].name)
    return output


def _name_in_token(token: str) -> str:
    name = name_before(token)
    if name is None:
        raise ServiceError("InvalidParameterValue", "Invalid or expired next token.")
    return name


def _read_attributes(world: World, call: Call) -> Output:
    names = call.params.get("AttributeNames", [])
    values = attributes.read(queue_of(world, call), names, call.at)
    return {"Attributes": values} if values else {}


def _set_attributes(world: World, call: Call) -> Output:
    queue = queue_of(world, call)
    attributes.check_settings(call.params["Attributes"])
    attributes.apply_settings(queue, call.params["Attributes"], call.at)
    return {}


OPERATIONS: Operations = {
    "CreateQueue": Operation(_create_needs, _create),
    "DeleteQueue": Operation(
        lambda world, call: _on_queue("sqs:DeleteQueue", world, call), _delete
    ),
    "GetQueueUrl": Operation(_url_needs, _url),
    "ListQueues": Operation(_list_needs, _list),
    "GetQueueAttributes": Operation(
        lambda world, call: _on_queue("sqs:GetQueueAttributes", world, call), _read_attributes
    ),
    "SetQueueAttributes": Operation(
        lambda world, call: _on_queue("sqs:SetQueueAttributes", world, call), _set_attributes
    ),
}
