"""Putting policy types in force below the org root, and out of it (rule card ORG-10)."""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import ContextValue
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.accounts import find_account, the_account
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.refusals import org_root_not_found, refusal
from rootsteward.sandbox.world.world import World

_NOT_ENABLED = (
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
    return {"Root": shapes.org_root(organization)}


def _disable(world: World, call: Call) -> Output:
    organization, policy_type = world.organization, call.params["PolicyType"]
    _check_org_root(world, call)
    if policy_type not in organization.policies.enabled_types:
        raise not_enabled()
    organization.policies.disable(policy_type)
    return {"Root": shapes.org_root(organization)}


def _list_validation_errors(world: World, call: Call) -> Output:
    """Mistakes in effective policies of the types that are merged, such as tag policies.

    LIMIT: the sandbox has no policies of those types, so where one is enabled there are none.
    """
    organization, policy_type = world.organization, call.params["PolicyType"]
    account = find_account(world, call.params["AccountId"])
    if policy_type not in organization.policies.enabled_types:
        raise refusal("EffectivePolicyNotFoundException", _NOT_ENABLED)
    return {
        "AccountId": account.id,
        "PolicyType": policy_type,
        "Path": organization.account_path(account.id),
        "EvaluationTimestamp": world.now(),
        "EffectivePolicyValidationErrors": [],
    }


def not_enabled() -> ServiceError:
    """The policy type is not in force."""
    return refusal("PolicyTypeNotEnabledException", _NOT_ENABLED)


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
    "ListEffectivePolicyValidationErrors": operation(
        "ListEffectivePolicyValidationErrors",
        _list_validation_errors,
        resources=the_account,
        audience=Audience.READERS,
        context=_context,
    ),
}
