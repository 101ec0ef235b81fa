"""The members of a Region's administrator (rule card GD-07).

LIMIT: only accounts of the organization can be members; there are no invitations.
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.guardduty.requests import (
    administered_detector,
    bad_request,
    detector_of,
    iso,
    need_on_detector,
    page,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.findings import Detector
from rootsteward.sandbox.world.guardduty_administration import AutoEnable, Membership
from rootsteward.sandbox.world.world import World

# SOURCE: GuardDuty API reference, `CreateMembers` and its siblings: at most 50 accounts a call.
_MOST_ACCOUNTS = 50

# Does one account's part of a call; says why it cannot be done, or nothing.
_Act = Callable[[World, AccountId, Call], str]


def _create(world: World, call: Call) -> Output:
    """Accounts of the organization are members at once, GuardDuty switched on for them."""
    accounts = [detail["AccountId"] for detail in call.params["AccountDetails"]]
    return _unprocessed(world, call, accounts, _enrol)


def _enrol(world: World, account: AccountId, call: Call) -> str:
    administration = world.findings.administration
    if administration.administers(account, call.region):
        return "it is the administrator account"
    if not world.organization.is_active(account):
        return "it is no active account of the organization"
    if administration.ruler_of(account, call.region) != account:
        return "it is already an associated member"
    world.findings.enrol((account,), call.region, call.at)
    return ""


def _disassociate(world: World, account: AccountId, call: Call) -> str:
    administration = world.findings.administration
    if administration.ruler_of(account, call.region) == account:
        return "it is not an associated member"
    if administration.auto_enable_in(call.region) is AutoEnable.ALL:
        return "all accounts of the organization are enabled by configuration"
    administration.disassociate(account, call.region, call.at)
    return ""


def _delete(world: World, account: AccountId, call: Call) -> str:
    administration = world.findings.administration
    member = administration.members(call.region).get(account)
    if member is None:
        return "it is not a member"
    if member.associated:
        return "it is still an associated member"
    administration.forget(account, call.region)
    return ""


def _unprocessed(world: World, call: Call, accounts: list[str], act: _Act) -> Output:
    """Do each account's part; what could not be done is named with the reason."""
    administered_detector(world, call)
    if not 1 <= len(accounts) <= _MOST_ACCOUNTS:
        raise bad_request(f"a call takes 1 to {_MOST_ACCOUNTS} accounts")
    left = []
    for account in accounts:
        # WHY a cast: an id of another shape is no account of the organization either.
        reason = act(world, cast("AccountId", account), call)
        if reason:
            result = f"The request is rejected because of the input account: {reason}."
            left.append({"AccountId": account, "Result": result})
    return {"UnprocessedAccounts": left}


def _list(world: World, call: Call) -> Output:
    """Without `OnlyAssociated=false` those that were disassociated are left out."""
    detector = detector_of(world, call)
    members = _members_of(world, detector)
    if call.params.get("OnlyAssociated", "true").lower() != "false":
        members = {account: member for account, member in members.items() if member.associated}
    shown, token = page(call, list(members))
    described = list(_described(world, detector, shown))
    return {"Members": described} | ({"NextToken": token} if token else {})


def _get(world: World, call: Call) -> Output:
    detector = detector_of(world, call)
    asked: list[str] = call.params["AccountIds"]
    if not 1 <= len(asked) <= _MOST_ACCOUNTS:
        raise bad_request(f"a call takes 1 to {_MOST_ACCOUNTS} accounts")
    members = _members_of(world, detector)
    return {
        "Members": list(_described(world, detector, [a for a in asked if a in members])),
        "UnprocessedAccounts": [
            {"AccountId": account, "Result": "The input account is not a member."}
            for account in asked
            if account not in members
        ],
    }


def _members_of(world: World, detector: Detector) -> dict[AccountId, Membership]:
    administration = world.findings.administration
    if not administration.administers(detector.account, detector.region):
        return {}
    return dict(administration.members(detector.region))


def _described(
    world: World,
    administrators: Detector,
    accounts: Any,  # noqa: ANN401 (ids, checked)
) -> Iterator[dict[str, Any]]:
    members = _members_of(world, administrators)
    for account in accounts:
        member, detector = members[account], world.findings.detector(account, administrators.region)
        record = world.organization.accounts.get(account)
        described = {
            "AccountId": account,
            "MasterId": administrators.account,
            "AdministratorId": administrators.account,
            "Email": record.email if record else "",
            "RelationshipStatus": "Enabled" if member.associated else "Removed",
            "InvitedAt": iso(member.since),
            "UpdatedAt": iso(member.updated_at),
        }
        yield described | ({"DetectorId": detector.id} if detector else {})


def _act_on_ids(act: _Act) -> Callable[[World, Call], Output]:
    return lambda world, call: _unprocessed(world, call, call.params["AccountIds"], act)


OPERATIONS: Operations = {
    "ListMembers": Operation(lambda _, call: need_on_detector("ListMembers", call), _list),
    "GetMembers": Operation(lambda _, call: need_on_detector("GetMembers", call), _get),
    "CreateMembers": Operation(lambda _, call: need_on_detector("CreateMembers", call), _create),
    "DisassociateMembers": Operation(
        lambda _, call: need_on_detector("DisassociateMembers", call), _act_on_ids(_disassociate)
    ),
    "DeleteMembers": Operation(
        lambda _, call: need_on_detector("DeleteMembers", call), _act_on_ids(_delete)
    ),
}
