"""Effective policies: what the policies along the tree come to for one account (ORG-12)."""

import json
from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import ContextValue
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.accounts import (
    find_account,
    the_account,
    unchecked_account_id,
)
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.policy_types import NOT_ENABLED
from rootsteward.sandbox.services.organizations.refusals import (
    access_denied,
    invalid_policy_type,
    refusal,
    target_not_found,
    target_not_supported,
)
from rootsteward.sandbox.world.control_policies import FULL_ACCESS, TAG_POLICY
from rootsteward.sandbox.world.effective_policies import merged, merged_tags
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World


def _context(_world: World, call: Call) -> Mapping[str, ContextValue]:
    return {"organizations:PolicyType": call.params["PolicyType"]}


def _the_target(world: World, call: Call) -> Sequence[str]:
    target = call.params.get("TargetId", call.caller.account)
    return (arns.entity_arn(world.organization, target),)


def effective_content(organization: OrganizationState, policy_type: str, account: AccountId) -> str:
    """The effective policy of an account as a JSON text; `{}` when there is none."""
    policies = organization.policies
    levels = [
        [
            json.loads(policies.policies[policy_id].content)
            for policy_id in policies.attached_to(entity, policy_type)
        ]
        for entity in organization.path_to(account)
    ]
    document = merged_tags(levels) if policy_type == TAG_POLICY else merged(levels)
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _describe(world: World, call: Call) -> Output:
    organization, policy_type = world.organization, call.params["PolicyType"]
    account = _target(world, call)
    _check_type(organization, policy_type)
    return {
        "EffectivePolicy": {
            "PolicyContent": effective_content(organization, policy_type, account),
            "LastUpdatedTimestamp": world.now(),
            "TargetId": account,
            "PolicyType": policy_type,
        }
    }


def _target(world: World, call: Call) -> AccountId:
    """The account that is asked about; a member may ask about itself only."""
    organization, own = world.organization, call.caller.account
    target = unchecked_account_id(call.params.get("TargetId", own))
    if organization.has_parent(target) or target.startswith(("r-", "ou-")):
        raise target_not_supported()
    is_reader = own == organization.management_account_id or organization.services.is_delegate(own)
    if target != own and not is_reader:
        raise access_denied()
    if target not in organization.accounts:
        raise target_not_found()
    return target


def _check_type(organization: OrganizationState, policy_type: str) -> None:
    if policy_type in FULL_ACCESS:
        raise invalid_policy_type()
    if policy_type not in organization.policies.enabled_types:
        raise refusal("EffectivePolicyNotFoundException", NOT_ENABLED)


def _list_validation_errors(world: World, call: Call) -> Output:
    """LIMIT: effective policies are never found invalid, so there are no errors to list."""
    organization, policy_type = world.organization, call.params["PolicyType"]
    account = find_account(world, call.params["AccountId"])
    _check_type(organization, policy_type)
    return {
        "AccountId": account.id,
        "PolicyType": policy_type,
        "EffectivePolicyValidationErrors": [],
    }


def _list_invalid_accounts(world: World, call: Call) -> Output:
    """LIMIT: see `_list_validation_errors`."""
    organization, policy_type = world.organization, call.params["PolicyType"]
    _check_type(organization, policy_type)
    none = page("Accounts", (), call, lambda shown: shapes.account(organization, shown))
    return {**none, "PolicyType": policy_type}


EFFECTIVE_POLICY_OPERATIONS: Operations = {
    "DescribeEffectivePolicy": operation(
        "DescribeEffectivePolicy",
        _describe,
        resources=_the_target,
        audience=Audience.MEMBERS,
        context=_context,
    ),
    "ListAccountsWithInvalidEffectivePolicy": operation(
        "ListAccountsWithInvalidEffectivePolicy",
        _list_invalid_accounts,
        audience=Audience.READERS,
        context=_context,
    ),
    "ListEffectivePolicyValidationErrors": operation(
        "ListEffectivePolicyValidationErrors",
        _list_validation_errors,
        resources=the_account,
        audience=Audience.READERS,
        context=_context,
    ),
}
