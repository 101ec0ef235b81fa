"""What every SQS operation asks of a request, and SQS's errors.

SOURCE: SQS API reference, common errors (rule card SQS-02).
"""

from urllib.parse import urlsplit

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Need, ServiceError
from rootsteward.sandbox.world.queues import Queue
from rootsteward.sandbox.world.world import World

_NO_STATEMENTS = '{"Version":"2012-10-17","Statement":[]}'
# SOURCE: SQS API reference: "Cross-account permissions don't apply to this action" (SQS-05).
_OWNERS_ACCOUNT_ONLY = frozenset({
    "sqs:AddPermission", "sqs:DeleteQueue", "sqs:ListQueueTags", "sqs:RemovePermission",
    "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue",
})  # fmt: skip


def queue_does_not_exist() -> ServiceError:
    """No such queue in this Region; older clients read the code of the header."""
    return ServiceError(
        "QueueDoesNotExist",
        "The specified queue does not exist.",
    )


def invalid_value(name: str) -> ServiceError:
    """An attribute's value is not one that SQS takes."""
    return ServiceError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


def unknown_attribute(name: str) -> ServiceError:
    """There is no attribute of that name."""
    return ServiceError("InvalidAttributeName", f"Unknown Attribute {name}.")


def unsupported(what: str) -> ServiceError:
    """Something the sandbox does not do: refused rather than ignored."""
    return ServiceError(
        "UnsupportedOperation", f"Unsupported operation: the sandbox has no {what}."
    )


def queue_of(world: World, call: Call) -> Queue:
    """The queue a call's `QueueUrl` names, in the Region the call was signed for.

    Raises:
        ServiceError: when the address is none or there is no such queue.
    """
    parts = urlsplit(call.params["QueueUrl"]).path.strip("/").split("/")
    if len(parts) < 2:  # noqa: PLR2004 (an account and a name)
        raise ServiceError(
            "InvalidAddress",
            f"The address {call.params['QueueUrl']} is not valid for this endpoint.",
        )
    return find_queue(world, call.region, owner=parts[-2], name=parts[-1])


def find_queue(world: World, region: str, *, owner: str, name: str) -> Queue:
    """A queue by owner and name.

    Raises:
        ServiceError: when there is no such queue.
    """
    try:
        queue = world.queues.find(region, AccountId(owner), name)
    except InputError:
        queue = None
    if queue is None:
        raise queue_does_not_exist()
    return queue


def need(call: Call, queue: Queue, action: str) -> Need:
    """The permission for an action on a queue.

    The queue policy cannot open every action to callers of other accounts (rule card SQS-05).
    """
    from_elsewhere = call.caller.account != queue.owner and action in _OWNERS_ACCOUNT_ONLY
    # WHY not None: callers of other accounts need an Allow in it (rule card SQS-05).
    text = _NO_STATEMENTS if from_elsewhere or queue.policy is None else queue.policy
    return Need(
        action=action,
        resource=queue.arn,
        resource_account=queue.owner,
        resource_policy=NamedDocument(f"policy of queue {queue.name}", text),
    )


def queue_url(call: Call, queue: Queue) -> str:
    """The queue's address at the host the client used (rule card SQS-01)."""
    host = call.host or f"sqs.{queue.region}.amazonaws.com"
    # WHY not `call.secure`: it is true of every call, and the sandbox itself serves plain HTTP.
    scheme = "https" if host.endswith(".amazonaws.com") else "http"
    return f"{scheme}://{host}/{queue.owner}/{queue.name}"
