"""How an Organizations operation is made: who may call it, and which resource it is about."""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, assert_never

from rootsteward.domain.authorization import ContextValue, NamedDocument
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.services.organizations.refusals import not_in_use
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World

_Resources = Callable[[World, Call], Sequence[str]]
_Context = Callable[[World, Call], Mapping[str, ContextValue]]
# What calls that create something with tags have to be allowed as well (recorded).
_TAGGING: Final = "TagResource"


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
    tagged: _Resources | None = None,
) -> Operation:
    """An operation of the organization, which the management account owns (ORG-03, ORG-14).

    `tagged` are the resources that it puts tags on when the call gives any.
    """

    def needs(world: World, call: Call) -> Sequence[Need]:
        owner, ruling = _owner_and_ruling(world, call, audience)
        asked = [(name, arn) for arn in resources(world, call)]
        if tagged is not None and call.params.get("Tags"):
            asked += [(_TAGGING, arn) for arn in tagged(world, call)]
        return tuple(
            Need(f"organizations:{action}", arn, owner, ruling, context=context(world, call))
            for action, arn in asked
        )

    def run(world: World, call: Call) -> Output:
        if call.caller.account not in world.organization.accounts:
            raise not_in_use()
        return handle(world, call)

    return Operation(needs, run)


def _owner_and_ruling(
    world: World, call: Call, audience: Audience
) -> tuple[AccountId, NamedDocument | None]:
    """Whose the organization is, and what it says of a caller from another account of it."""
    organization, account = world.organization, call.caller.account
    owner = organization.management_account_id
    if account not in organization.accounts:
        # WHY its own: the call is refused for another reason than this one.
        return account, None
    if account == owner:
        # WHY None: the organization's resource policy does not bind its owner (recorded).
        return owner, None
    return owner, NamedDocument("organization", _ruling(organization, call, audience))


def _ruling(organization: OrganizationState, call: Call, audience: Audience) -> str:
    """A resource policy for the judge: the account's standing, and the organization's own."""
    policy = organization.resource_policy
    document: dict[str, Any] = {"Statement": []}
    if policy is not None and call.operation in DELEGABLE:
        document = json.loads(policy.content)
    said = document["Statement"]
    if _has_standing(organization, call.caller.account, audience):
        said = [*said, _standing(call.caller.account)]
    return json.dumps({**document, "Statement": said})


def _standing(account: AccountId) -> Mapping[str, object]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": root_user_arn(account)},
        "Action": "organizations:*",
        "Resource": "*",
    }


def _has_standing(organization: OrganizationState, account: AccountId, audience: Audience) -> bool:
    """Whether a member account may make the call by what it is."""
    match audience:
        case Audience.MANAGEMENT:
            return False
        case Audience.READERS:
            return organization.services.is_delegate(account)
        case Audience.MEMBERS:
            return True
        case _:
            assert_never(audience)
