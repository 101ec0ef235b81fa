"""The organization's own resource policy, by which members are allowed what delegates may do.

Rule card ORG-14. Whether it allows a call is the judge's answer; `operation` asks for it.
"""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.operation import (
    DELEGABLE,
    Audience,
    operation,
)
from rootsteward.sandbox.services.organizations.refusals import invalid_input, refusal
from rootsteward.sandbox.services.organizations.tags import read_tags
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.organization import OrganizationState, ResourcePolicy
from rootsteward.sandbox.world.world import World
from rootsteward.spec import read_document


def _the_policy(world: World, _call: Call) -> Sequence[str]:
    policy = world.organization.resource_policy
    return (arns.resource_policy_arn(world.organization, policy.id if policy else "*"),)


def _put(world: World, call: Call) -> Output:
    organization, content = world.organization, call.params["Content"]
    _check(content)
    tags = read_tags(call.params.get("Tags", ()))
    known = organization.resource_policy
    policy_id = known.id if known else ids.resource_policy_id(world.random)
    organization.resource_policy = ResourcePolicy(policy_id, content)
    if tags:
        organization.tag(policy_id, tags)
    return _shown(organization, organization.resource_policy)


def _check(content: str) -> None:
    try:
        document = read_json(content)
        read_document(content, PolicyType.RESOURCE)
    except (ValueError, OperatorError):
        raise invalid_input(
            "INVALID_RESOURCE_POLICY_JSON", "The provided resource policy is not valid JSON."
        ) from None
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        _check_actions(statement)


def _check_actions(statement: Mapping[str, object]) -> None:
    actions = statement.get("Action", ())
    for action in actions if isinstance(actions, list) else [actions]:
        name = str(action).partition(":")[2]
        if "*" not in name and name not in DELEGABLE:
            raise invalid_input(
                "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
                "The provided resource policy contains an action that is not supported.",
            )


def _describe(world: World, _call: Call) -> Output:
    return _shown(world.organization, _found(world))


def _delete(world: World, _call: Call) -> Output:
    policy = _found(world)
    world.organization.resource_policy = None
    world.organization.tags.pop(policy.id, None)
    return {}


def _found(world: World) -> ResourcePolicy:
    policy = world.organization.resource_policy
    if policy is None:
        raise _not_found()
    return policy


def _not_found() -> ServiceError:
    return refusal(
        "ResourcePolicyNotFoundException", "You specified a resource policy that doesn't exist."
    )


def _shown(organization: OrganizationState, policy: ResourcePolicy) -> shapes.Shown:
    summary = {"Id": policy.id, "Arn": arns.resource_policy_arn(organization, policy.id)}
    return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": policy.content}}


RESOURCE_POLICY_OPERATIONS: Operations = {
    "DeleteResourcePolicy": operation("DeleteResourcePolicy", _delete, resources=_the_policy),
    "DescribeResourcePolicy": operation(
        "DescribeResourcePolicy", _describe, resources=_the_policy, audience=Audience.READERS
    ),
    "PutResourcePolicy": operation("PutResourcePolicy", _put, resources=_the_policy),
}
