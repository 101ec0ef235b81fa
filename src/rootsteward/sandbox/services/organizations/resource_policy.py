"""The organization's own resource policy, by which members are allowed what delegates may do.

Rule card ORG-14. Whether it allows a call is the judge's answer; `operation` asks for it.
"""

from collections.abc import Sequence

from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.refusals import constraint, refusal
from rootsteward.sandbox.services.organizations.resource_policy_documents import (
    accepted_resource_policy,
)
from rootsteward.sandbox.services.organizations.tags import read_tags
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.organization import OrganizationState, ResourcePolicy
from rootsteward.sandbox.world.world import World


def _the_policy(world: World, _call: Call) -> Sequence[str]:
    policy = world.organization.resource_policy
    return (arns.resource_policy_arn(world.organization, policy.id if policy else "*"),)


def _put(world: World, call: Call) -> Output:
    organization = world.organization
    content = accepted_resource_policy(organization, call.params["Content"])
    tags = read_tags(call.params.get("Tags", ()))
    known = organization.resource_policy
    if known and tags:
        raise constraint(
            "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
            "Adding tags on updating an existing resource-based policy is not supported.",
        )
    policy_id = known.id if known else ids.resource_policy_id(world.random)
    organization.resource_policy = ResourcePolicy(policy_id, content)
    if tags:
        organization.tag(policy_id, tags)
    return _shown(organization, organization.resource_policy)


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
    return refusal("ResourcePolicyNotFoundException", "No resource-based policy found.")


def _shown(organization: OrganizationState, policy: ResourcePolicy) -> shapes.Shown:
    summary = {"Id": policy.id, "Arn": arns.resource_policy_arn(organization, policy.id)}
    return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": policy.content}}


RESOURCE_POLICY_OPERATIONS: Operations = {
    "DeleteResourcePolicy": operation("DeleteResourcePolicy", _delete, resources=_the_policy),
    "DescribeResourcePolicy": operation(
        "DescribeResourcePolicy", _describe, resources=_the_policy, audience=Audience.READERS
    ),
    "PutResourcePolicy": operation(
        "PutResourcePolicy", _put, resources=_the_policy, tagged=_the_policy
    ),
}
