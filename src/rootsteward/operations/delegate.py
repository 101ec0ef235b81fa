"""`delegate add|remove|list`: let a member account administer root access.

The list is `status.gather(...).delegates`; the acting is `switches.apply`.
"""

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import AccountState, Organization
from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.operations.status import Standing, Status
from rootsteward.operations.switches import Obstacle, SwitchAct, SwitchPlan, SwitchStep

SLUG_ADD = "delegate-add"
SLUG_REMOVE = "delegate-remove"

_ADD_REMARKS = (
    "the delegate can open root sessions on every member: guard it like the management account",
    "service control policies apply to the delegate's own calls, sts:AssumeRoot included",
)
_REMOVE_REMARKS = (
    "its sts:AssumeRoot may still succeed for some minutes, and flap on the way",
    "root sessions that were already issued work until they expire, at most 15 minutes",
)


def plan_add(status: Status, account: AccountId) -> SwitchPlan:
    """Register an account, or say why not; nothing is done.

    Raises:
        OperatorError: when the organization was read and has no such account.
    """
    if isinstance(status.delegates, Seen) and account in status.delegates.value:
        return SwitchPlan(SLUG_ADD, (), (), (f"{account} is registered",))
    step = SwitchStep(SwitchAct.REGISTER_DELEGATE, account, "may administer root access")
    obstacles = (*_not_management(status), *_trusted_access(status), *_unfit(status, account))
    return SwitchPlan(SLUG_ADD, (step,), obstacles, (), _ADD_REMARKS)


def plan_remove(status: Status, account: AccountId) -> SwitchPlan:
    """Deregister an account, or say why not; nothing is done."""
    if isinstance(status.delegates, Seen) and account not in status.delegates.value:
        return SwitchPlan(SLUG_REMOVE, (), (), (f"{account} is not registered",))
    step = SwitchStep(SwitchAct.DEREGISTER_DELEGATE, account, "may no longer do so")
    return SwitchPlan(SLUG_REMOVE, (step,), _not_management(status), (), _REMOVE_REMARKS)


def _not_management(status: Status) -> tuple[Obstacle, ...]:
    if status.standing is Standing.MANAGEMENT:
        return ()
    return (
        Obstacle(
            "only the management account may change delegated administrators",
            f"caller {status.caller.arn}; standing: {status.standing.value}",
            "use credentials of the management account, for example with --profile",
        ),
    )


def _trusted_access(status: Status) -> tuple[Obstacle, ...]:
    trusted = status.trusted_access
    if isinstance(trusted, Seen) and trusted.value:
        return ()
    evidence = trusted.detail if isinstance(trusted, NotSeen) else "it was read and is off"
    return (
        Obstacle(
            "trusted access for iam.amazonaws.com is not known to be on",
            evidence,
            "run `rootsteward enable` first",
        ),
    )


def _unfit(status: Status, account: AccountId) -> tuple[Obstacle, ...]:
    if isinstance(status.organization, NotSeen):
        evidence = status.organization.detail
        help_text = "allow organizations:DescribeOrganization and organizations:ListAccounts"
        return (Obstacle("the organization cannot be read", evidence, help_text),)
    return _unfit_in(status.organization.value, account)


def _unfit_in(organization: Organization, account: AccountId) -> tuple[Obstacle, ...]:
    """AWS refuses the management account and accounts that are not active (rule card ROOT-24)."""
    found = organization.account(account)
    if account == organization.management_account_id:
        what = f"{account} is the management account, which needs no delegation"
        return (Obstacle(what, "it heads the organization", "choose a member account"),)
    if found.state is not AccountState.ACTIVE:
        what = f"account {account} is not active"
        return (Obstacle(what, f"its state is {found.state.value}", "choose an active account"),)
    return ()
