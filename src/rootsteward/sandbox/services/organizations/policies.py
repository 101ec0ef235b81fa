"""Policies: create, read, change, delete, list."""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import ContextValue
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.policy_documents import accepted_content
from rootsteward.sandbox.services.organizations.refusals import (
    NAME_AND_TYPE_EXIST,
    constraint,
    invalid_input,
    policy_not_found,
    refusal,
)
from rootsteward.sandbox.services.organizations.tags import read_tags
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.control_policies import RCP
from rootsteward.sandbox.world.world import World

# SOURCE: Organizations quotas (rule card ORG-02).
_MOST_POLICIES = {RCP: 2_000}
_MOST_OF_OTHERS = 10_000
# What an update changes of a summary.
_UPDATED = ("Name", "Description")


def the_policy(world: World, call: Call) -> Sequence[str]:
    """The resource of the operations that name a policy."""
    return (arns.policy_arn(world.organization, call.params["PolicyId"]),)


def policy_context(world: World, call: Call) -> Mapping[str, ContextValue]:
    """`organizations:PolicyType` of the policy that the call names, when it exists."""
    policy = world.organization.policies.policies.get(call.params["PolicyId"])
    return {"organizations:PolicyType": policy.type} if policy else {}


def find_policy(world: World, call: Call) -> ControlPolicy:
    """The policy that the call names.

    Raises:
        ServiceError: `PolicyNotFoundException`.
    """
    policy = world.organization.policies.policies.get(call.params["PolicyId"])
    if policy is None:
        raise policy_not_found()
    return policy


def _create(world: World, call: Call) -> Output:
    organization, params = world.organization, call.params
    policy_type = params["Type"]
    content = accepted_content(policy_type, params["Content"])
    if organization.policies.named(policy_type, params["Name"]):
        raise _duplicate()
    if _count(world, policy_type) >= _MOST_POLICIES.get(policy_type, _MOST_OF_OTHERS):
        raise constraint(
            "POLICY_NUMBER_LIMIT_EXCEEDED",
            "You have exceeded the number of policies of this type in an organization.",
        )
    tags = read_tags(params.get("Tags", ()))
    policy_id = ids.policy_id(world.random)
    policy = ControlPolicy(
        id=policy_id,
        name=params["Name"],
        arn=arns.new_policy_arn(organization, policy_type, policy_id),
        description=params["Description"],
        type=policy_type,
        aws_managed=False,
        content=content,
    )
    organization.policies.put(policy)
    organization.tag(policy_id, tags)
    return {"Policy": shapes.policy(policy)}


def _count(world: World, policy_type: str) -> int:
    return sum(1 for _ in world.organization.policies.of_type(policy_type))


def _describe(world: World, call: Call) -> Output:
    return {"Policy": shapes.policy(find_policy(world, call))}


def _update(world: World, call: Call) -> Output:
    policies, policy, params = world.organization.policies, find_policy(world, call), call.params
    _check_not_aws_managed(policy)
    content = policy.content
    if "Content" in params:
        content = accepted_content(policy.type, params["Content"])
    name = params.get("Name", policy.name)
    if policies.named(policy.type, name) not in {None, policy.id}:
        raise _duplicate()
    updated = policies.update(
        policy.id,
        name=name,
        # WHY or: an empty description leaves the one there is (ORG-16).
        description=params.get("Description") or policy.description,
        content=content,
    )
    return {"Policy": {**shapes.policy(updated), "PolicySummary": _updated_summary(updated, call)}}


def _updated_summary(updated: ControlPolicy, call: Call) -> shapes.Shown:
    """The summary as an update shows it: name and description only as they were sent (ORG-16)."""
    summary = shapes.policy_summary(updated)
    unsaid = {name: value for name, value in summary.items() if name not in _UPDATED}
    return unsaid | {name: call.params[name] for name in _UPDATED if name in call.params}


def _delete(world: World, call: Call) -> Output:
    policies, policy = world.organization.policies, find_policy(world, call)
    _check_not_aws_managed(policy)
    if next(policies.targets_of(policy.id), None) is not None:
        raise refusal(
            "PolicyInUseException",
            "The specified policy is in use and cannot be deleted.",
        )
    policies.remove(policy.id)
    world.organization.tags.pop(policy.id, None)
    return {}


def _list(world: World, call: Call) -> Output:
    wanted = world.organization.policies.of_type(call.params["Filter"])
    return page("Policies", wanted, call, shapes.policy_summary)


def _check_not_aws_managed(policy: ControlPolicy) -> None:
    if policy.aws_managed:
        raise invalid_input("IMMUTABLE_POLICY", "You specified a policy that can't be changed.")


def _duplicate() -> ServiceError:
    return refusal("DuplicatePolicyException", NAME_AND_TYPE_EXIST)


def _a_new_policy(world: World, call: Call) -> Sequence[str]:
    return (arns.new_policy_arn(world.organization, call.params["Type"], "*"),)


def _type_context(_world: World, call: Call) -> Mapping[str, ContextValue]:
    return {"organizations:PolicyType": call.params["Type"]}


def _filter_context(_world: World, call: Call) -> Mapping[str, ContextValue]:
    return {"organizations:PolicyType": call.params["Filter"]}


POLICY_OPERATIONS: Operations = {
    "CreatePolicy": operation("CreatePolicy", _create, context=_type_context, tagged=_a_new_policy),
    "DescribePolicy": operation(
        "DescribePolicy",
        _describe,
        resources=the_policy,
        audience=Audience.READERS,
        context=policy_context,
    ),
    "UpdatePolicy": operation(
        "UpdatePolicy", _update, resources=the_policy, context=policy_context
    ),
    "DeletePolicy": operation(
        "DeletePolicy", _delete, resources=the_policy, context=policy_context
    ),
    "ListPolicies": operation(
        "ListPolicies", _list, audience=Audience.READERS, context=_filter_context
    ),
}
