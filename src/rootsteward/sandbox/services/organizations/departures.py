"""`RemoveAccountFromOrganization` and `LeaveOrganization` (rule card ORG-13).

LIMIT: every member account of the sandbox was created in its organization and has no means of
payment, so none of them can leave. The calls are here for the refusals.
"""

from datetime import timedelta
from typing import NoReturn

from rootsteward.domain.organization import Account
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations.accounts import find_account, the_account
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.refusals import constraint, refusal
from rootsteward.sandbox.world.world import World

# SOURCE: Organizations quotas: how old an account must be to be removed.
_LEAST_AGE = timedelta(days=4)


def _remove(world: World, call: Call) -> Output:
    _refuse(world, find_account(world, call.params["AccountId"]))


def _leave(world: World, call: Call) -> Output:
    _refuse(world, world.organization.accounts[call.caller.account])


def _refuse(world: World, account: Account) -> NoReturn:
    organization = world.organization
    if account.id == organization.management_account_id:
        raise refusal(
            "MasterCannotLeaveOrganizationException",
            "You can't remove the management account from its organization.",
        )
    if organization.services.is_delegate(account.id):
        raise constraint(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You cannot remove an account that is registered as a delegated administrator for a "
            "service of your organization.",
        )
    if account.joined_at is not None and world.now() < account.joined_at + _LEAST_AGE:
        raise constraint(
            "WAIT_PERIOD_ACTIVE",
            "You must wait until at least four days after the account was created.",
        )
    raise constraint(
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        "The member account is missing one or more of the prerequisites required to operate as a "
        "standalone account. To add what is missing, sign-in to the member account using the AWS "
        "Organizations console, then select to leave the organization. You will then be prompted "
        "to enter any missing information.",
    )


DEPARTURE_OPERATIONS: Operations = {
    "LeaveOrganization": operation("LeaveOrganization", _leave, audience=Audience.MEMBERS),
    "RemoveAccountFromOrganization": operation(
        "RemoveAccountFromOrganization", _remove, resources=the_account
    ),
}
