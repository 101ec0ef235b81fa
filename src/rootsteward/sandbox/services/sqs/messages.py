"""Messages: send, receive, delete.

LIMIT: receiving never waits, messages never expire, and message attributes are refused.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import md5
from typing import Any

from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.services.sqs.attributes import number
from rootsteward.sandbox.services.sqs.requests import need, queue_of, unsupported
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.queues import Message, Queue
from rootsteward.sandbox.world.world import World

_MOST_MESSAGES = 10
# SOURCE: SQS API reference, `SendMessage` and `ReceiveMessage`, in seconds.
_MOST_SECONDS = {"DelaySeconds": 900, "VisibilityTimeout": 43_200, "WaitTimeSeconds": 20}
_NOT_HERE = {
    "MessageAttributes": "message attributes",
    "MessageSystemAttributes": "message attributes",
    "MessageDeduplicationId": "FIFO queues",
    "MessageGroupId": "message groups",
}


def _on_queue(action: str, world: World, call: Call) -> Sequence[Need]:
    return [need(call, queue_of(world, call), action)]


def _send(world: World, call: Call) -> Output:
    for parameter, what in _NOT_HERE.items():
        if call.params.get(parameter):
            raise unsupported(what)
    queue = queue_of(world, call)
    body = call.params["MessageBody"]
    _check_body(queue, body)
    _check_seconds(call, "DelaySeconds")
    delay_seconds = call.params.get("DelaySeconds", number(queue, "DelaySeconds"))
    message = Message(
        id=ids.request_id(world.random),
        body=body,
        sender_id=call.caller.user_id,
        sent_at=call.at,
        visible_at=call.at + timedelta(seconds=delay_seconds),
    )
    queue.messages.append(message)
    return {"MD5OfMessageBody": _md5(body), "MessageId": message.id}


def _check_body(queue: Queue, body: str) -> None:
    """In the words that clients report (rule card SQS-02)."""
    if not body:
        raise ServiceError(
            "MissingParameter", "The request must contain the parameter MessageBody."
        )
    most = number(queue, "MaximumMessageSize")
    if len(body.encode()) > most:
        raise ServiceError(
            "InvalidParameterValue",
            f"One or more parameters are invalid. Reason: Message must be shorter than {most} "
            "bytes.",
        )


def _check_seconds(call: Call, name: str) -> None:
    seconds, most = call.params.get(name, 0), _MOST_SECONDS[name]
    if not 0 <= seconds <= most:
        raise ServiceError(
            "InvalidParameterValue",
            f"Value {seconds} for parameter {name} is invalid. Reason: {name} must be >= 0 and "
            f"<= {most}.",
        )


def _receive(world: World, call: Call) -> Output:
    queue = queue_of(world, call)
    most = call.params.get("MaxNumberOfMessages", 1)
    if not 1 <= most <= _MOST_MESSAGES:
        raise ServiceError(
            "InvalidParameterValue",
            f"Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between "
            f"1 and {_MOST_MESSAGES}, if provided.",
        )
    _check_seconds(call, "VisibilityTimeout")
    _check_seconds(call, "WaitTimeSeconds")
    hidden_seconds = call.params.get("VisibilityTimeout", number(queue, "VisibilityTimeout"))
    visible = [message for message in queue.messages if message.visible_at <= call.at][:most]
    received = [_hand_out(world, call, message, hidden_seconds) for message in visible]
    return {"Messages": received} if received else {}


def _hand_out(world: World, call: Call, message: Message, hidden_seconds: int) -> dict[str, Any]:
    receipt = ids.session_token(world.random)
    message.receipts.add(receipt)
    message.receive_count += 1
    message.first_received_at = message.first_received_at or call.at
    message.visible_at = call.at + timedelta(seconds=hidden_seconds)
    handed: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": receipt,
        "MD5OfBody": _md5(message.body),
        "Body": message.body,
    }
    if attributes := _system_attributes(call, message):
        handed["Attributes"] = attributes
    return handed


def _system_attributes(call: Call, message: Message) -> dict[str, str]:
    asked = {
        *call.params.get("AttributeNames", []),
        *call.params.get("MessageSystemAttributeNames", []),
    }
    first_received_at = message.first_received_at or call.at
    values = {
        "SenderId": message.sender_id,
        "SentTimestamp": str(int(message.sent_at.timestamp() * 1000)),
        "ApproximateReceiveCount": str(message.receive_count),
        "ApproximateFirstReceiveTimestamp": str(int(first_received_at.timestamp() * 1000)),
    }
    return {name: value for name, value in values.items() if {name, "All"} & asked}


def _delete(world: World, call: Call) -> Output:
    queue = queue_of(world, call)
    receipt = call.params["ReceiptHandle"]
    found = next((message for message in queue.messages if receipt in message.receipts), None)
    if found is None:
        raise ServiceError(
            "ReceiptHandleIsInvalid", f'The input receipt handle "{receipt}" is not valid.'
        )
    queue.messages.remove(found)
    return {}


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


OPERATIONS: Operations = {
    "SendMessage": Operation(lambda world, call: _on_queue("sqs:SendMessage", world, call), _send),
    "ReceiveMessage": Operation(
        lambda world, call: _on_queue("sqs:ReceiveMessage", world, call), _receive
    ),
    "DeleteMessage": Operation(
        lambda world, call: _on_queue("sqs:DeleteMessage", world, call), _delete
    ),
}
