"""Putting policy types in force below the org root, and out of it (rule card ORG-10)."""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import ContextValue
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.operation import operation
from rootsteward.sandbox.services.organizations.refusals import org_root_not_found, refusal
from rootsteward.sandbox.world.control_policies import FULL_ACCESS
from rootsteward.sandbox.world.world import World

NOT_ENABLED = (
    "The specified policy type is not enabled. Enable that policy type on your organization root "
    "and then retry."
)


def _the_org_root(world: World, call: Call) -> Sequence[str]:
    return (arns.org_root_arn(world.organization, call.params["RootId"]),)


def _context(_world: World, call: Call) -> Mapping[str, ContextValue]:
    return {"organizations:PolicyType": call.params["PolicyType"]}


def _enable(world: World, call: Call) -> Output:
    organization, policy_type = world.organization, call.params["PolicyType"]
    _check_org_root(world, call)
    if policy_type in organization.policies.enabled_types:
        raise refusal(
            "PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled."
        )
    organization.policies.enable(policy_type, organization.targets())
    # WHY of these only: attaching full access everywhere takes a while (ORG-01).
    pending = policy_type if policy_type in FULL_ACCESS else ""
    return {"Root": shapes.org_root(organization, pending)}


def _disable(world: World, call: Call) -> Output:
    organization, policy_type = world.organization, call.params["PolicyType"]
    _check_org_root(world, call)
    if policy_type not in organization.policies.enabled_types:
        raise not_enabled()
    organization.policies.disable(policy_type)
    return {"Root": shapes.org_root(organization)}


def not_enabled() -> ServiceError:
    """The policy type is not in force."""
    return refusal("PolicyTypeNotEnabledException", NOT_ENABLED)


def _check_org_root(world: World, call: Call) -> None:
    if call.params["RootId"] != world.organization.org_root_id:
        raise org_root_not_found()


POLICY_TYPE_OPERATIONS: Operations = {
    "EnablePolicyType": operation(
        "EnablePolicyType", _enable, resources=_the_org_root, context=_context
    ),
    "DisablePolicyType": operation(
        "DisablePolicyType", _disable, resources=_the_org_root, context=_context
    ),
}
