"""The requests that root tasks consist of."""

from collections.abc import Iterable
from dataclasses import dataclass

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.prove.request_set import RequestSet, Who, services_of

EXAMPLE_ACCOUNT = "111122223333"
_WHOLE_ACCOUNT = frozenset({"iam:GetAccountSummary", "s3:ListAllMyBuckets", "sqs:ListQueues"})
"""Actions that name no resource: their request says `*` (rule card IAM-20)."""

_IAM_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The Region of IAM's one endpoint (rule card IAM-21)."""

Context = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of all root sessions of the organization."""

    partition: str = "aws"
    context: Context = ()


NO_FACTS = Facts()


def required_sets(
    task: TaskPolicy, account: str = EXAMPLE_ACCOUNT, facts: Facts = NO_FACTS
) -> tuple[RequestSet, ...]:
    """What a root session must be allowed to do for a task, one set for each kind of resource.

    Buckets and queues are ones that no policy names. Requests come over TLS, and those of IAM have
    the Region of its endpoint; any other key may hold anything unless `facts` say what.
    """
    partition = facts.partition
    region = _IAM_REGION.get(partition, "us-east-1")
    resources = {
        "iam": f"arn:{partition}:iam::{account}:root",
        "s3": f"arn:{partition}:s3:::rootsteward-any-bucket",
        "sqs": f"arn:{partition}:sqs:{region}:{account}:rootsteward-any-queue",
    }
    grouped: dict[tuple[str, str], list[str]] = {}
    for action in task.actions:
        service = action.partition(":")[0]
        resource = "*" if action in _WHOLE_ACCOUNT else resources[service]
        grouped.setdefault((service, resource), []).append(action)
    context = (*facts.context, ("aws:SecureTransport", "true"))
    in_region = (*context, ("aws:RequestedRegion", region))
    return tuple(
        RequestSet(
            Who.ROOT_SESSION,
            tuple(actions),
            (resource,),
            in_region if service == "iam" else context,
        )
        for (service, resource), actions in grouped.items()
    )


def rcp_sets(task: TaskPolicy, facts: Facts) -> tuple[RequestSet, ...]:
    """The part of a task that RCPs speak about: calls on a bucket or queue (rule card RCP-20)."""
    return tuple(
        one
        for one in required_sets(task, facts=facts)
        if one.resources != ("*",) and services_of(one) != frozenset({"iam"})
    )


def all_required(tasks: Iterable[TaskPolicy], facts: Facts) -> tuple[RequestSet, ...]:
    """The same for several tasks."""
    return tuple(s for task in tasks for s in required_sets(task, facts=facts))
