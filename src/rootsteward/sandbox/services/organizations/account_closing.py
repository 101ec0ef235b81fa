"""`CloseAccount`, which works in the background (rule card ORG-09)."""

from datetime import timedelta

from rootsteward.domain.organization import AccountState
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations.accounts import find_account, the_account
from rootsteward.sandbox.services.organizations.operation import operation
from rootsteward.sandbox.services.organizations.refusals import constraint, refusal
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World

# SOURCE: Organizations quotas: three closings at a time, and in thirty days a fifth of the
# members, which counts as 250 at least and 1,000 at most.
_MOST_IN_PROGRESS = 3
_PERIOD = timedelta(days=30)
_LEAST_QUOTA, _GREATEST_QUOTA, _ONE_IN = 250, 1000, 5


def _close(world: World, call: Call) -> Output:
    organization, now = world.organization, world.now()
    account = find_account(world, call.params["AccountId"])
    if account.id == organization.management_account_id:
        raise constraint(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
            "You cannot close the management account of the organization.",
        )
    if account.state is AccountState.PENDING_CLOSURE:
        raise refusal("ConflictException", "The account is being closed already.")
    if account.state is not AccountState.ACTIVE:
        raise refusal("AccountAlreadyClosedException", "The account is already closed.")
    if len(organization.closings.in_progress()) >= _MOST_IN_PROGRESS:
        raise constraint(
            "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
            "You have exceeded the number of accounts that you can close at a time.",
        )
    if organization.closings.begun_since(now - _PERIOD) >= _quota(organization):
        raise constraint(
            "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
            "You have exceeded close account quota for the past 30 days.",
        )
    organization.set_state(account.id, AccountState.PENDING_CLOSURE)
    organization.closings.begin(account.id, now)
    return {}


def _quota(organization: OrganizationState) -> int:
    members = len(organization.accounts) - 1
    return min(max(_LEAST_QUOTA, members // _ONE_IN), _GREATEST_QUOTA)


def settle_closings(world: World) -> None:
    """Finish the closings whose time has come."""
    organization = world.organization
    for account in organization.closings.due(world.now()):
        organization.set_state(account, AccountState.CLOSED)
        organization.closings.end(account)


CLOSING_OPERATIONS: Operations = {
    "CloseAccount": operation("CloseAccount", _close, resources=the_account)
}
