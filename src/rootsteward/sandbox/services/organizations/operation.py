"""How an Organizations operation is made: who may call it, and which resource it is about."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Final, assert_never

from rootsteward.domain.authorization import ContextValue, NamedDocument
from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.judge import allowed_across_accounts
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.services.organizations.refusals import access_denied, not_in_use
from rootsteward.sandbox.world.world import World

_Resources = Callable[[World, Call], Sequence[str]]
_Context = Callable[[World, Call], Mapping[str, ContextValue]]


# SOURCE: Organizations user guide, delegated administrator for Organizations: what a policy
# of the organization can allow to member accounts.
DELEGABLE: Final = frozenset({
    "AttachPolicy", "CreatePolicy", "DeletePolicy", "DescribeAccount",
    "DescribeCreateAccountStatus", "DescribeEffectivePolicy", "DescribeOrganization",
    "DescribeOrganizationalUnit", "DescribePolicy", "DescribeResourcePolicy",
    "DescribeResponsibilityTransfer", "DetachPolicy", "DisablePolicyType", "EnablePolicyType",
    "ListAWSServiceAccessForOrganization", "ListAccounts", "ListAccountsForParent",
    "ListAccountsWithInvalidEffectivePolicy", "ListChildren", "ListCreateAccountStatus",
    "ListDelegatedAdministrators", "ListDelegatedServicesForAccount",
    "ListEffectivePolicyValidationErrors", "ListInboundResponsibilityTransfers",
    "ListOrganizationalUnitsForParent", "ListOutboundResponsibilityTransfers", "ListParents",
    "ListPolicies", "ListPoliciesForTarget", "ListRoots", "ListTagsForResource",
    "ListTargetsForPolicy", "TagResource", "UntagResource", "UpdatePolicy",
})  # fmt: skip


class Audience(Enum):
    """The accounts that may call an operation (rule card ORG-03)."""

    MANAGEMENT = "the management account"
    READERS = "the management account and delegated administrators"
    MEMBERS = "every account of the organization"


def everything(_world: World, _call: Call) -> Sequence[str]:
    """The operation is about no resource in particular."""
    return ("*",)


def no_context(_world: World, _call: Call) -> Mapping[str, ContextValue]:
    """The operation adds no condition keys."""
    return {}


def operation(
    name: str,
    handle: Callable[[World, Call], Output],
    *,
    resources: _Resources = everything,
    audience: Audience = Audience.MANAGEMENT,
    context: _Context = no_context,
) -> Operation:
    """An operation that first checks the standing of the caller's account."""

    def needs(world: World, call: Call) -> Sequence[Need]:
        # WHY the caller's account: what a delegate may do in the organization does not hang on a
        # resource policy of the management account.
        return tuple(
            Need(f"organizations:{name}", arn, call.caller.account, context=context(world, call))
            for arn in resources(world, call)
        )

    def run(world: World, call: Call) -> Output:
        if not _has_standing(world, call, audience) and not _is_delegated(
            world, call, needs(world, call)
        ):
            raise access_denied()
        return handle(world, call)

    return Operation(needs, run)


def _has_standing(world: World, call: Call, audience: Audience) -> bool:
    """Whether the caller's account may make the call by what it is.

    Raises:
        ServiceError: `AWSOrganizationsNotInUseException`.
    """
    organization, account = world.organization, call.caller.account
    if account not in organization.accounts:
        raise not_in_use()
    is_management = account == organization.management_account_id
    match audience:
        case Audience.MANAGEMENT:
            return is_management
        case Audience.READERS:
            return is_management or organization.services.is_delegate(account)
        case Audience.MEMBERS:
            return True
        case _:
            assert_never(audience)


def _is_delegated(world: World, call: Call, needs: Sequence[Need]) -> bool:
    """Whether the organization's resource policy allows the call to the caller (ORG-14)."""
    policy = world.organization.resource_policy
    if policy is None or call.operation not in DELEGABLE:
        return False
    document = NamedDocument("resource policy", policy.content)
    return all(allowed_across_accounts(world, call, need, document) for need in needs)
