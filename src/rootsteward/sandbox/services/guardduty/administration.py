"""The organization's GuardDuty administrator, Region by Region, and its members (card GD-07)."""

from typing import Any

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.guardduty.requests import (
    bad_request,
    detector_of,
    iso,
    need_anywhere,
    need_on_detector,
    page,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.findings import Detector
from rootsteward.sandbox.world.world import World


def _management_only(world: World, call: Call) -> None:
    if call.caller.account != world.organization.management_account_id:
        raise bad_request("the account is not the management account of an organization")


def _list_administrators(world: World, call: Call) -> Output:
    _management_only(world, call)
    administrator = world.findings.administrators.get(call.region)
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
    current = world.findings.administrators.get(call.region, account)
    if current != account:
        raise bad_request("another account is already enabled as the administrator account")
    world.findings.administrators[call.region] = account
    if world.findings.detector(account, call.region) is None:
        world.findings.switch_on(account, call.region, call.at)
    return {}


def _disable(world: World, call: Call) -> Output:
    _management_only(world, call)
    account = _administrator_named(world, call)
    if world.findings.administrators.get(call.region) != account:
        raise bad_request("the input account is not the administrator account")
    del world.findings.administrators[call.region]
    return {}


def _list_members(world: World, call: Call) -> Output:
    """Every other account with a detector in the Region is a member."""
    detector_of(world, call)
    administrator = call.caller.account
    members: dict[str, Detector] = {}
    if world.findings.administrators.get(call.region) == administrator:
        members = {
            detector.account: detector
            for detector in world.findings.detectors_in(call.region)
            if detector.account != administrator
        }
    shown, token = page(call, list(members))
    described = [_member(world, members[account], administrator) for account in shown]
    return {"Members": described} | ({"NextToken": token} if token else {})


def _member(world: World, detector: Detector, administrator: AccountId) -> dict[str, Any]:
    return {
        "AccountId": detector.account,
        "DetectorId": detector.id,
        "MasterId": administrator,
        "AdministratorId": administrator,
        "Email": world.organization.accounts[detector.account].email,
        "RelationshipStatus": "Enabled",
        "InvitedAt": iso(detector.created_at),
        "UpdatedAt": iso(detector.created_at),
    }


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
    "ListMembers": Operation(lambda _, call: need_on_detector("ListMembers", call), _list_members),
}
