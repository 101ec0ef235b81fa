"""Attaching policies to the org root, units and accounts, and detaching them."""

from collections.abc import Mapping, Sequence
from typing import Any

from rootsteward.domain.authorization import ContextValue
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.accounts import unchecked_account_id
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.policies import (
    find_policy,
    policy_context,
    the_policy,
)
from rootsteward.sandbox.services.organizations.policy_types import not_enabled
from rootsteward.sandbox.services.organizations.refusals import (
    NAME_AND_TYPE_EXIST,
    constraint,
    invalid_input,
    refusal,
    target_not_found,
)
from rootsteward.sandbox.world.control_policies import FULL_ACCESS, RCP, most_attached
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World


def _policy_and_target(world: World, call: Call) -> Sequence[str]:
    return (
        arns.policy_arn(world.organization, call.params["PolicyId"]),
        arns.entity_arn(world.organization, call.params["TargetId"]),
    )


def _the_target(world: World, call: Call) -> Sequence[str]:
    return (arns.entity_arn(world.organization, call.params["TargetId"]),)


def _filter_context(_world: World, call: Call) -> Mapping[str, ContextValue]:
    return {"organizations:PolicyType": call.params["Filter"]}


def _attach(world: World, call: Call) -> Output:
    policies, policy = world.organization.policies, find_policy(world, call)
    target_id = _target(world, call)
    if policy.type not in policies.enabled_types:
        raise not_enabled()
    attached = policies.attached_to(target_id, policy.type)
    if policy.id in attached:
        # WHY this text: clients have long reported it, though it speaks of something else.
        raise refusal("DuplicatePolicyAttachmentException", NAME_AND_TYPE_EXIST)
    if len(attached) >= most_attached(policy.type):
        raise constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies to the specified target.",
        )
    policies.attach(policy.id, target_id)
    return {}


def _detach(world: World, call: Call) -> Output:
    policies, policy = world.organization.policies, find_policy(world, call)
    target_id = _target(world, call)
    attached = policies.attached_to(target_id, policy.type)
    if policy.id not in attached:
        raise refusal(
            "PolicyNotAttachedException",
            "The specified policy is not attached to the specified target.",
        )
    _check_detachable(policy, attached)
    policies.detach(policy.id, target_id)
    return {}


def _check_detachable(policy: ControlPolicy, attached: Sequence[str]) -> None:
    if policy.id == FULL_ACCESS[RCP].id:
        raise invalid_input(
            "NON_DETACHABLE_POLICY", "You specified a policy that can't be detached."
        )
    if len(attached) == 1 and policy.type in FULL_ACCESS:
        raise constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy attached to the specified target. You must have at "
            "least one attached at all times.",
        )


def _list_for_target(world: World, call: Call) -> Output:
    policies = world.organization.policies
    attached = policies.attached_to(_target(world, call), call.params["Filter"])
    shown = [policies.policies[policy_id] for policy_id in attached]
    return page("Policies", shown, call, shapes.policy_summary)


def _list_targets(world: World, call: Call) -> Output:
    organization, policy = world.organization, find_policy(world, call)
    targets = organization.policies.targets_of(policy.id)
    return page("Targets", targets, call, lambda shown: _target_summary(organization, shown))


def _target_summary(organization: OrganizationState, target_id: str) -> dict[str, Any]:
    unit = organization.units.get(target_id)
    if target_id == organization.org_root_id:
        name, kind = "Root", "ROOT"
    elif unit is not None:
        name, kind = unit.name, "ORGANIZATIONAL_UNIT"
    else:
        account = organization.accounts[unchecked_account_id(target_id)]
        name, kind = account.name, "ACCOUNT"
    arn = arns.entity_arn(organization, target_id)
    return {"TargetId": target_id, "Arn": arn, "Name": name, "Type": kind}


def _target(world: World, call: Call) -> str:
    target_id: str = call.params["TargetId"]
    if not world.organization.has_target(target_id):
        raise target_not_found()
    return target_id


ATTACHMENT_OPERATIONS: Operations = {
    "AttachPolicy": operation(
        "AttachPolicy", _attach, resources=_policy_and_target, context=policy_context
    ),
    "DetachPolicy": operation(
        "DetachPolicy", _detach, resources=_policy_and_target, context=policy_context
    ),
    "ListPoliciesForTarget": operation(
        "ListPoliciesForTarget",
        _list_for_target,
        resources=_the_target,
        audience=Audience.READERS,
        context=_filter_context,
    ),
    "ListTargetsForPolicy": operation(
        "ListTargetsForPolicy",
        _list_targets,
        resources=the_policy,
        audience=Audience.READERS,
        context=policy_context,
    ),
}
