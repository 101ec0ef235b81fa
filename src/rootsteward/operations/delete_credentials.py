"""`delete-credentials`: delete the root credentials of member accounts.

Facts are audits; the plan names every credential with the evidence about it; `step` deletes, in
one account, only what the plan names and a look just showed; `rehearse` is the dry runner.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from rootsteward.domain.errors import RootstewardError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import AccountResult, LeftOut, Outcome
from rootsteward.domain.root_credentials import (
    AccessKey,
    MfaDevice,
    NotSeen,
    Password,
    RootCredentials,
    Seen,
    SigningCertificate,
)
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import audit
from rootsteward.operations.audit import PASSWORD_USE, AccountAudit, AuditGateway
from rootsteward.operations.observe import (
    BlameFor,
    blame_nobody,
    by_kind,
    first_unseen,
    outcome_of_unseen,
)
from rootsteward.operations.removal import (
    LOOKS,
    Removal,
    RemovalGateway,
    Target,
    remove,
    targets_in,
)
from rootsteward.ports.journal import Journal

SLUG = "delete-credentials"


class Intention(StrEnum):
    """What the plan has in mind for one account."""

    DELETE = "delete"
    IN_USE = "in use"
    NOTHING_TO_DO = "nothing to do"
    CANNOT_SEE = "cannot see"


@dataclass(frozen=True, slots=True)
class PlannedCredential:
    """One credential to delete, and what is known about it, in one line."""

    target: Target
    evidence: str


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What would happen to one account. `reason` says why nothing would, or is empty."""

    account: Account
    intention: Intention
    credentials: tuple[PlannedCredential, ...]
    seen: RootCredentials
    reason: str = ""

    @property
    def calls(self) -> tuple[str, ...]:
        """The API calls that `step` makes when all goes well, in order; none when it rests."""
        if self.intention is not Intention.DELETE:
            return ()
        deletes = (credential.target.api for credential in self.credentials)
        return ("sts:AssumeRoot", *LOOKS, *deletes, *LOOKS)


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """All accounts, in order of id.

    `left_out` are accounts that are no targets: protected, closed, the management account.
    """

    accounts: tuple[AccountPlan, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def credential_count(self) -> int:
        """How many credentials would be deleted."""
        return sum(len(a.credentials) for a in self.accounts)


def gather(
    gateway: AuditGateway, account: Account, *, blame_for: BlameFor = blame_nobody
) -> AccountAudit:
    """The facts about one account: an audit, with lists and last use of what is present."""
    return audit.gather(gateway, account, blame_for=blame_for)


def plan(
    facts: Iterable[AccountAudit],
    left_out: Iterable[LeftOut] = (),
    *,
    spare_used_since: datetime | None = None,
) -> DeletionPlan:
    """What would be deleted where. Pure: the order of the facts does not matter.

    Nothing is deleted in an account with an access key that was used since `spare_used_since`, or
    whose last use could not be read: a workload may depend on it. None spares nobody.
    """
    accounts = tuple(
        _account_plan(fact, spare_used_since)
        for fact in sorted(facts, key=lambda fact: fact.account.id)
    )
    return DeletionPlan(accounts, tuple(left_out))


def rehearse(planned: AccountPlan) -> AccountResult:
    """The dry runner: the same row, nothing done, no gateway in reach."""
    if planned.intention is Intention.DELETE:
        count = len(planned.credentials)
        detail = f"would delete {count} credential{'s' if count != 1 else ''}"
        return AccountResult(planned.account.id, Outcome.PLANNED, detail, before=planned.seen)
    return _not_to_delete(planned)


def step(
    gateway: RemovalGateway,
    journal: Journal,
    plan_id: str,
    planned: AccountPlan,
    *,
    blame_for: BlameFor = blame_nobody,
    tried: frozenset[Target] = frozenset(),
) -> AccountResult:
    """Delete what is planned in one account, and look again. Never raises for AWS's answers.

    `tried` is what an earlier attempt of the same plan, since killed, set out to delete.

    Raises:
        OperatorError: when the journal cannot be written.
    """
    if planned.intention is not Intention.DELETE:
        return _not_to_delete(planned)
    account = planned.account.id
    allowed = frozenset(credential.target for credential in planned.credentials)
    removal = Removal(SLUG, plan_id, account, allowed, tried)
    return remove(gateway, journal, removal, blame_for(account, TaskPolicy.DELETE_CREDENTIALS))


def lost(planned: AccountPlan, error: Exception) -> AccountResult:
    """The row of an account whose step broke off: unknown, never anything better."""
    return broken_off(planned.account.id, error, planned.seen)


def broken_off(
    account: AccountId, error: Exception, before: RootCredentials | None = None
) -> AccountResult:
    """`unknown`, with the reason."""
    text = error.message if isinstance(error, RootstewardError) else repr(error)
    return AccountResult(account, Outcome.UNKNOWN, f"broke off: {text}", before)


def _account_plan(fact: AccountAudit, spare_used_since: datetime | None) -> AccountPlan:
    seen = fact.credentials
    unseen = first_unseen(seen)
    if unseen is not None:
        return AccountPlan(fact.account, Intention.CANNOT_SEE, (), seen, unseen.detail)
    unlisted = _unlisted(fact)
    if unlisted:
        return AccountPlan(fact.account, Intention.CANNOT_SEE, (), seen, unlisted)
    credentials = tuple(_planned(fact))
    if not credentials:
        return AccountPlan(fact.account, Intention.NOTHING_TO_DO, (), seen, "no root credentials")
    used = "" if spare_used_since is None else _in_use(fact, spare_used_since)
    if used:
        return AccountPlan(fact.account, Intention.IN_USE, (), seen, used)
    return AccountPlan(fact.account, Intention.DELETE, credentials, seen)


def _in_use(fact: AccountAudit, since: datetime) -> str:
    """Which access key may still be in use, or empty. AWS records a use some hours late."""
    unread = {unread.what: unread.reason for unread in fact.unread}
    keys = fact.credentials.access_keys
    for key in keys.value.items if isinstance(keys, Seen) else ():
        if key.id in unread:
            return f"key {key.id} may be in use: {_use(key, unread[key.id])}"
        if key.last_used_at is not None and key.last_used_at >= since:
            return f"key {key.id} is in use: {_use(key, None)}"
    return ""


def _unlisted(fact: AccountAudit) -> str:
    """Why a kind that is present could not be listed; a plan names what it deletes or nothing."""
    reasons = {unread.what: unread.reason.detail for unread in fact.unread}
    for kind, seen in by_kind(fact.credentials):
        if isinstance(seen, Seen) and len(seen.value.items) != seen.value.count:
            reason = reasons.get(kind.value, "not listed")
            return f"{kind.value} present, but they cannot be listed: {reason}"
    return ""


def _planned(fact: AccountAudit) -> Iterator[PlannedCredential]:
    unread = {unread.what: unread.reason for unread in fact.unread}
    items = (
        item
        for _, seen in by_kind(fact.credentials)
        if isinstance(seen, Seen)
        for item in seen.value.items
    )
    for target, item in zip(targets_in(fact.credentials), items, strict=True):
        detail = PASSWORD_USE if isinstance(item, Password) else target.identifier
        evidence = _evidence(item, unread.get(detail))
        if fact.outcome is Outcome.RECOVERY_OPEN:
            evidence += "; may only mean that recovery is allowed"
        yield PlannedCredential(target, evidence)


def _evidence(
    item: Password | AccessKey | SigningCertificate | MfaDevice, unread: NotSeen | None
) -> str:
    match item:
        case Password():
            return f"created {_day(item.created_at)}, {_sign_in(item, unread)}"
        case AccessKey():
            return f"{_status(item.active)}, created {_day(item.created_at)}, {_use(item, unread)}"
        case SigningCertificate():
            return f"{_status(item.active)}, uploaded {_day(item.uploaded_at)}"
        case MfaDevice():
            return f"{item.kind.value}, enabled {_day(item.enabled_at)}"
        case _:
            assert_never(item)


def _sign_in(password: Password, unread: NotSeen | None) -> str:
    if unread is not None:
        return f"last sign-in could not be read: {unread.detail}"
    if password.last_used_at is None:
        return "no sign-in on record"
    return f"last sign-in {_day(password.last_used_at)}"


def _use(key: AccessKey, unread: NotSeen | None) -> str:
    if unread is not None:
        return f"last use could not be read: {unread.detail}"
    if key.last_used_at is None:
        return "no use on record"
    return (
        f"last used {_day(key.last_used_at)} for {key.last_used_service} in {key.last_used_region}"
    )


def _status(active: bool | None) -> str:  # noqa: FBT001 (a fact about a key, not a switch)
    if active is None:
        return "status unknown"
    return "active" if active else "inactive"


def _day(moment: datetime | None) -> str:
    return "at an unknown date" if moment is None else f"{moment:%Y-%m-%d}"


def _not_to_delete(planned: AccountPlan) -> AccountResult:
    """The row of an account in which nothing is to be deleted: clean, or not to be seen."""
    unseen = first_unseen(planned.seen)
    if unseen is not None:
        outcome = outcome_of_unseen(unseen)
        return AccountResult(
            planned.account.id, outcome, unseen.detail, planned.seen, blamed=unseen.blamed
        )
    clean = planned.intention is Intention.NOTHING_TO_DO
    outcome = Outcome.CLEAN if clean else Outcome.PRESENT
    return AccountResult(
        planned.account.id, outcome, planned.reason, planned.seen, planned.seen if clean else None
    )
