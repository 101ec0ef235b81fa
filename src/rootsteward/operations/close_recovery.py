"""`close-recovery`: take back the password that `allow-recovery` made.

Only where the password is all there is. Anything more means that somebody did sign in and set the
account up: then it says so and leaves the deletion to `delete-credentials`, with its own plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import CredentialKind, RootCredentials
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import audit
from rootsteward.operations.audit import AccountAudit, AuditGateway
from rootsteward.operations.delete_credentials import broken_off
from rootsteward.operations.observe import (
    BlameFor,
    blame_nobody,
    first_unseen,
    outcome_of_unseen,
    password_was_used,
    present_kinds,
)
from rootsteward.operations.removal import Removal, RemovalGateway, Target, remove, targets_in
from rootsteward.ports.journal import Journal

SLUG = "close-recovery"


class Intention(StrEnum):
    """What the plan has in mind for one account."""

    CLOSE = "close"
    NOTHING_TO_DO = "nothing to do"
    MORE_THAN_A_PASSWORD = "more than a password"  # noqa: S105 (not a secret)
    CANNOT_SEE = "cannot see"


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What would happen to one account, and why."""

    account: Account
    intention: Intention
    password: Target | None
    seen: RootCredentials
    reason: str


@dataclass(frozen=True, slots=True)
class ClosingPlan:
    """All accounts, in order of id."""

    accounts: tuple[AccountPlan, ...]


def gather(
    gateway: AuditGateway, account: Account, *, blame_for: BlameFor = blame_nobody
) -> AccountAudit:
    """The facts about one account: an audit."""
    return audit.gather(gateway, account, blame_for=blame_for)


def plan(facts: Iterable[AccountAudit]) -> ClosingPlan:
    """Where recovery would be closed. Pure: the order of the facts does not matter."""
    return ClosingPlan(
        tuple(_account_plan(f) for f in sorted(facts, key=lambda fact: fact.account.id))
    )


def rehearse(planned: AccountPlan) -> AccountResult:
    """The dry runner: nothing done, no gateway in reach."""
    if planned.intention is Intention.CLOSE:
        return AccountResult(
            planned.account.id, Outcome.PLANNED, "would delete the password", planned.seen
        )
    return _not_to_close(planned)


def step(
    gateway: RemovalGateway,
    journal: Journal,
    plan_id: str,
    planned: AccountPlan,
    *,
    blame_for: BlameFor = blame_nobody,
    tried: frozenset[Target] = frozenset(),
) -> AccountResult:
    """Delete the password in one account, and look again. Never raises for AWS's answers.

    `tried` is what an earlier attempt of the same plan, since killed, set out to delete.

    Raises:
        OperatorError: when the journal cannot be written.
    """
    if planned.intention is not Intention.CLOSE or planned.password is None:
        return _not_to_close(planned)
    account = planned.account.id
    removal = Removal(SLUG, plan_id, account, frozenset({planned.password}), tried)
    return remove(gateway, journal, removal, blame_for(account, TaskPolicy.DELETE_CREDENTIALS))


def lost(planned: AccountPlan, error: Exception) -> AccountResult:
    """The row of an account whose step broke off: unknown, never anything better."""
    return broken_off(planned.account.id, error, planned.seen)


def _account_plan(fact: AccountAudit) -> AccountPlan:
    seen = fact.credentials
    unseen = first_unseen(seen)
    if unseen is not None:
        return AccountPlan(fact.account, Intention.CANNOT_SEE, None, seen, unseen.detail)
    present = present_kinds(seen)
    if not present:
        reason = "no password: recovery is closed"
        return AccountPlan(fact.account, Intention.NOTHING_TO_DO, None, seen, reason)
    if password_was_used(seen):
        reason = "somebody signed in with the password; use `rootsteward delete-credentials`"
        return AccountPlan(fact.account, Intention.MORE_THAN_A_PASSWORD, None, seen, reason)
    if present != {CredentialKind.PASSWORD}:
        return AccountPlan(
            fact.account, Intention.MORE_THAN_A_PASSWORD, None, seen, _more_reason(present)
        )
    password = next(iter(targets_in(seen)), None)
    if password is None:
        reason = next((u.reason.detail for u in fact.unread), "the password was not listed")
        return AccountPlan(fact.account, Intention.CANNOT_SEE, None, seen, reason)
    return AccountPlan(fact.account, Intention.CLOSE, password, seen, "only a password is present")


def _more_reason(present: frozenset[CredentialKind]) -> str:
    kinds = ", ".join(kind.value for kind in CredentialKind if kind in present)
    return f"present: {kinds}; use `rootsteward delete-credentials` to delete them"


def _not_to_close(planned: AccountPlan) -> AccountResult:
    unseen = first_unseen(planned.seen)
    if unseen is not None:
        return AccountResult(
            planned.account.id,
            outcome_of_unseen(unseen),
            unseen.detail,
            planned.seen,
            blamed=unseen.blamed,
        )
    if planned.intention is Intention.NOTHING_TO_DO:
        return AccountResult(
            planned.account.id, Outcome.CLEAN, planned.reason, planned.seen, planned.seen
        )
    return AccountResult(planned.account.id, Outcome.PRESENT, planned.reason, planned.seen)
