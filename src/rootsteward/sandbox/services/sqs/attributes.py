"""Queue attributes: which there are, what values they take, and what they read as."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.sqs.requests import invalid_value, unknown_attribute, unsupported
from rootsteward.sandbox.world.queues import Queue

# SOURCE: SQS API reference, `SetQueueAttributes`: least value, most, default.
_NUMBERS = {
    "DelaySeconds": (0, 900, 0),
    "MaximumMessageSize": (1_024, 1_048_576, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600, 345_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20, 0),
    "VisibilityTimeout": (0, 43_200, 30),
}
_NOT_HERE = {
    "FifoQueue": "FIFO queues",
    "ContentBasedDeduplication": "FIFO queues",
    "DeduplicationScope": "FIFO queues",
    "FifoThroughputLimit": "FIFO queues",
    "RedrivePolicy": "dead-letter queues",
    "RedriveAllowPolicy": "dead-letter queues",
    "KmsMasterKeyId": "KMS keys",
    "KmsDataKeyReusePeriodSeconds": "KMS keys",
    "SqsManagedSseEnabled": "switch for encryption",
}
POLICY = "Policy"
_COMPUTED = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
    "SqsManagedSseEnabled",
)


def check_settings(attributes: Mapping[str, str]) -> None:
    """Check attributes somebody wants to set.

    Raises:
        ServiceError: `InvalidAttributeName`, `InvalidAttributeValue`, or `UnsupportedOperation`
            for attributes of SQS that the sandbox does not act on.
    """
    for name, value in attributes.items():
        if name in _NOT_HERE:
            raise unsupported(_NOT_HERE[name])
        if name == POLICY:
            _check_policy(value)
        elif name in _NUMBERS:
            _check_number(name, value)
        else:
            raise unknown_attribute(name)


def _check_number(name: str, value: str) -> None:
    least, most, _ = _NUMBERS[name]
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise invalid_value(name)


def _check_policy(text: str) -> None:
    """An empty text removes the policy; anything else must be one (rule card SQS-03)."""
    if not text:
        return
    try:
        document = read_json(text)
    except ValueError:
        raise invalid_value(POLICY) from None
    if not isinstance(document, dict) or "Statement" not in document:
        raise invalid_value(POLICY)
    listed = document["Statement"]
    for statement in listed if isinstance(listed, list) else [listed]:
        if not _is_statement(statement):
            raise invalid_value(POLICY)


def _is_statement(statement: object) -> bool:
    return (
        isinstance(statement, dict)
        and statement.get("Effect") in {"Allow", "Deny"}
        and bool(statement.keys() & {"Principal", "NotPrincipal"})
        and bool(statement.keys() & {"Action", "NotAction"})
    )


def apply_settings(queue: Queue, attributes: Mapping[str, str], at: datetime) -> None:
    """Set attributes that have been checked."""
    settings = dict(attributes)
    if POLICY in settings:
        queue.policy = settings.pop(POLICY) or None
    queue.attributes.update(settings)
    queue.modified_at = at


def number(queue: Queue, name: str) -> int:
    """A numeric attribute: what was set, or the default."""
    return int(queue.attributes.get(name, _NUMBERS[name][2]))


def differing_setting(queue: Queue, attributes: Mapping[str, str]) -> str | None:
    """The first of the given attributes whose value the queue does not have."""
    current = _readable(queue, queue.modified_at)
    return next((n for n, value in attributes.items() if current.get(n, "") != value), None)


def read(queue: Queue, names: Sequence[str], now: datetime) -> dict[str, str]:
    """The attributes asked for; `All` is every one the queue has.

    Raises:
        ServiceError: `InvalidAttributeName`.
    """
    known = {*_NUMBERS, *_NOT_HERE, *_COMPUTED, POLICY, "All"}
    for name in names:
        if name not in known:
            raise unknown_attribute(name)
    values = _readable(queue, now)
    return values if "All" in names else {n: values[n] for n in names if n in values}


def _readable(queue: Queue, now: datetime) -> dict[str, str]:
    hidden = [message for message in queue.messages if message.visible_at > now]
    delayed = [message for message in hidden if not message.receive_count]
    values = {
        "QueueArn": queue.arn,
        "ApproximateNumberOfMessages": len(queue.messages) - len(hidden),
        "ApproximateNumberOfMessagesNotVisible": len(hidden) - len(delayed),
        "ApproximateNumberOfMessagesDelayed": len(delayed),
        "CreatedTimestamp": int(queue.created_at.timestamp()),
        "LastModifiedTimestamp": int(queue.modified_at.timestamp()),
        **{name: number(queue, name) for name in _NUMBERS},
        "SqsManagedSseEnabled": "true",
    }
    if queue.policy is not None:
        values[POLICY] = queue.policy
    return {name: str(value) for name, value in values.items()}
