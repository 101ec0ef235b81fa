"""The organization's GuardDuty administrator, Region by Region (rule card GD-07)."""

from typing import Any

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.guardduty.requests import (
    administered_detector,
    bad_request,
    detector_of,
    iso,
    need_anywhere,
    need_on_detector,
    page,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.guardduty_administration import AutoEnable
from rootsteward.sandbox.world.world import World

# SOURCE: GuardDuty quotas: member accounts of a delegated administrator.
MOST_MEMBERS = 50_000


def _management_only(world: World, call: Call) -> None:
    if call.caller.account != world.organization.management_account_id:
        raise bad_request("the account is not the management account of an organization")


def _list_administrators(world: World, call: Call) -> Output:
    _management_only(world, call)
    administrator = world.findings.administration.administrator_in(call.region)
    shown, token = page(call, [administrator] if administrator else [])
    accounts = [{"AdminAccountId": account, "AdminStatus": "ENABLED"} for account in shown]
    return {"AdminAccounts": accounts} | ({"NextToken": token} if token else {})


def _administrator_named(world: World, call: Call) -> AccountId:
    try:
        account = AccountId(call.params["AdminAccountId"])
    except InputError:
        raise bad_request("the parameter adminAccountId has an invalid value") from None
    if not world.organization.is_active(account):
        raise bad_request("the input account is not a member of the organization")
    return account


def _enable(world: World, call: Call) -> Output:
    """Also switches GuardDuty on for the administrator, as the real call does."""
    _management_only(world, call)
    account = _administrator_named(world, call)
    administration = world.findings.administration
    if administration.administrator_in(call.region) not in {None, account}:
        raise bad_request("another account is already enabled as the administrator account")
    administration.name(account, call.region)
    if world.findings.detector(account, call.region) is None:
        world.findings.switch_on(account, call.region, call.at)
    return {}


def _disable(world: World, call: Call) -> Output:
    _management_only(world, call)
    account = _administrator_named(world, call)
    if not world.findings.administration.administers(account, call.region):
        raise bad_request("the input account is not the administrator account")
    world.findings.administration.dismiss(call.region)
    return {}


def _administrator_of(world: World, call: Call) -> Output:
    """Who administers the caller; nobody is an answer without content."""
    detector = detector_of(world, call)
    ruler = world.findings.administration.ruler_of(detector.account, call.region)
    if ruler == detector.account:
        return {"Administrator": {}}
    member = world.findings.administration.members(call.region)[detector.account]
    return {
        "Administrator": {
            "AccountId": ruler,
            "RelationshipStatus": "Enabled",
            "InvitedAt": iso(member.since),
        }
    }


def _describe_configuration(world: World, call: Call) -> Output:
    detector = administered_detector(world, call)
    auto_enable = world.findings.administration.auto_enable_in(detector.region)
    members = len(world.findings.administration.members(detector.region))
    return {
        "AutoEnable": auto_enable is not AutoEnable.NONE,
        "AutoEnableOrganizationMembers": auto_enable.value,
        "MemberAccountLimitReached": members >= MOST_MEMBERS,
        # LIMIT: the sandbox has none of the protection plans.
        "Features": [],
    }


def _update_configuration(world: World, call: Call) -> Output:
    detector = administered_detector(world, call)
    params = call.params
    if unsupported := {"DataSources", "Features"} & params.keys():
        raise bad_request(f"the sandbox does not act on {', '.join(sorted(unsupported))}")
    world.findings.administration.set_auto_enable(
        detector.region, _auto_enable(params), world.organization.accounts
    )
    world.findings.welcome(world.organization, call.at)
    return {}


# WHY Any: parameters have the shape of the model.
def _auto_enable(params: Any) -> AutoEnable:  # noqa: ANN401 (see above)
    """One of the two ways to say it must be there, and not both.

    SOURCE: GuardDuty API reference, `UpdateOrganizationConfiguration`.
    """
    given = {"AutoEnable", "AutoEnableOrganizationMembers"} & params.keys()
    if len(given) != 1:
        raise bad_request("one of autoEnable and autoEnableOrganizationMembers must be specified")
    if "AutoEnable" in params:
        return AutoEnable.NEW if params["AutoEnable"] else AutoEnable.NONE
    return AutoEnable(params["AutoEnableOrganizationMembers"])


OPERATIONS: Operations = {
    "ListOrganizationAdminAccounts": Operation(
        lambda _, call: need_anywhere("ListOrganizationAdminAccounts", call),
        _list_administrators,
    ),
    "EnableOrganizationAdminAccount": Operation(
        lambda _, call: need_anywhere("EnableOrganizationAdminAccount", call), _enable
    ),
    "DisableOrganizationAdminAccount": Operation(
        lambda _, call: need_anywhere("DisableOrganizationAdminAccount", call), _disable
    ),
    "GetAdministratorAccount": Operation(
        lambda _, call: need_on_detector("GetAdministratorAccount", call), _administrator_of
    ),
    "DescribeOrganizationConfiguration": Operation(
        lambda _, call: need_on_detector("DescribeOrganizationConfiguration", call),
        _describe_configuration,
    ),
    "UpdateOrganizationConfiguration": Operation(
        lambda _, call: need_on_detector("UpdateOrganizationConfiguration", call),
        _update_configuration,
    ),
}
