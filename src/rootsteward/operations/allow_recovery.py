"""`allow-recovery`: let the owner of the root mailbox set a new root password.

Only for accounts without any root credential, as in AWS's console (rule card ROOT-25).
The facts are an audit. The act is `iam:CreateLoginProfile` without name and password.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import (
    AccessDeniedError,
    AwsRefusedError,
    FeatureDisabledError,
    RootstewardError,
    SessionExpiredError,
    ThrottledError,
)
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import (
    CredentialKind,
    Holding,
    NotSeen,
    Password,
    RootCredentials,
    Seen,
)
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import audit
from rootsteward.operations.audit import AccountAudit, AuditGateway
from rootsteward.operations.delete_credentials import broken_off
from rootsteward.operations.observe import (
    BlameFor,
    blame_nobody,
    first_unseen,
    listed_password,
    not_seen,
    outcome_of_unseen,
    present_kinds,
)
from rootsteward.operations.record import answer_as_json, credentials_as_json
from rootsteward.operations.recorded_sessions import RecordedSessions
from rootsteward.operations.root_session_work import in_root_session
from rootsteward.ports.aws_gateway import RootCredentialWriter
from rootsteward.ports.journal import Journal, JsonValue

if TYPE_CHECKING:
    from rootsteward.domain.receipt import Receipt

SLUG = "allow-recovery"
API = "iam:CreateLoginProfile"


class RecoveryGateway(AuditGateway, RootCredentialWriter, Protocol):
    """What allowing recovery calls."""


class Intention(StrEnum):
    """What the plan has in mind for one account."""

    ALLOW = "allow"
    ALREADY_OPEN = "already open"
    HAS_CREDENTIALS = "has credentials"
    CANNOT_SEE = "cannot see"


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What would happen to one account, and why."""

    account: Account
    intention: Intention
    seen: RootCredentials
    reason: str


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """All accounts, in order of id."""

    accounts: tuple[AccountPlan, ...]


def gather(
    gateway: AuditGateway, account: Account, *, blame_for: BlameFor = blame_nobody
) -> AccountAudit:
    """The facts about one account: an audit."""
    return audit.gather(gateway, account, blame_for=blame_for)


def plan(facts: Iterable[AccountAudit]) -> RecoveryPlan:
    """Where recovery would be allowed. Pure: the order of the facts does not matter."""
    return RecoveryPlan(
        tuple(_account_plan(f) for f in sorted(facts, key=lambda fact: fact.account.id))
    )


def next_steps(account: Account, recovery_id: str = "") -> tuple[str, ...]:
    """What people have to do after recovery was allowed, in order.

    `recovery_id` names the recovery that ends by itself, or is empty when none does.
    """
    ends = (
        (f"done before its time: `rootsteward recovery close {recovery_id}` deletes it all again",)
        if recovery_id
        else (
            f"nothing more happened: `rootsteward close-recovery --account {account.id}` ends it",
            "a password and MFA were really set: `rootsteward delete-credentials` removes both",
        )
    )
    return (
        "aws sends no mail by itself",
        f"the owner of {account.email} signs in as root user and chooses `Forgot password`",
        "the link in the mail that follows sets a new password",
        "aws then requires an MFA device to be registered at the first sign-in",
        *ends,
    )


def rehearse(planned: AccountPlan) -> AccountResult:
    """The dry runner: nothing done, no gateway in reach."""
    if planned.intention is Intention.ALLOW:
        return AccountResult(
            planned.account.id, Outcome.PLANNED, "would allow recovery", planned.seen
        )
    return _not_to_allow(planned)


def step(
    gateway: RecoveryGateway,
    journal: Journal,
    plan_id: str,
    planned: AccountPlan,
    *,
    blame_for: BlameFor = blame_nobody,
    tried: bool = False,
) -> AccountResult:
    """Look, allow recovery, look, and audit. Never raises for AWS's answers.

    `tried`: an earlier attempt of the same plan, since killed, set out to allow it. The outcome is
    `recovery open` only when the audit showed the password and nothing else.

    Raises:
        OperatorError: when the journal cannot be written.
    """
    if planned.intention is not Intention.ALLOW:
        return _not_to_allow(planned)
    result = _Opening(gateway, journal, plan_id, planned, blame_for, tried).run()
    _record_look(journal, plan_id, result)
    return result


def lost(planned: AccountPlan, error: Exception) -> AccountResult:
    """The row of an account whose step broke off: unknown, never anything better."""
    return broken_off(planned.account.id, error, planned.seen)


@dataclass
class _Opening:
    """One account's recovery while it is being allowed."""

    gateway: RecoveryGateway
    journal: Journal
    plan_id: str
    planned: AccountPlan
    blame_for: BlameFor
    tried: bool
    detail: str = ""

    def run(self) -> AccountResult:
        """Look and act in one session, then audit in another."""
        account = self.planned.account
        keys: list[str] = []

        def work(session: RootSession) -> AccountResult | None:
            keys.append(session.access_key_id)
            return self._open(session)

        sessions = RecordedSessions(self.gateway, self.journal, SLUG, self.plan_id)
        ended = in_root_session(
            sessions, account.id, TaskPolicy.CREATE_PASSWORD, work, self._refused
        )
        if ended is not None:
            return replace(ended, session_keys=tuple(keys))
        seen = audit.gather(self.gateway, account, blame_for=self.blame_for)
        if seen.session_key:
            keys.append(seen.session_key)
        return self._judged(seen, tuple(keys))

    def _open(self, session: RootSession) -> AccountResult | None:
        """Look, create, look. None when the password is there."""
        blame = self.blame_for(self.planned.account.id, TaskPolicy.CREATE_PASSWORD)
        before = listed_password(self.gateway, session, blame)
        if isinstance(before, NotSeen):
            return self._result(outcome_of_unseen(before), before.detail, before.blamed)
        if before.value.present:
            who = "an earlier attempt of this plan" if self.tried else "somebody else"
            self.detail = self.detail or f"{who} allowed it meanwhile"
            return None
        error = self._create(session)
        if isinstance(error, SessionExpiredError):
            # WHY: the work starts again in a new session, with a look.
            raise error
        if isinstance(error, AccessDeniedError | FeatureDisabledError):
            return self._result(Outcome.DENIED, error.refusal.message, blame(API))
        after = listed_password(self.gateway, session, blame)
        if isinstance(after, Seen) and after.value.present:
            return None
        return self._not_there(after, error)

    def _create(self, session: RootSession) -> RootstewardError | None:
        """INVARIANT: the intent is on record before the call is made."""
        self._record("intent", session, {"before": credentials_as_json(self.planned.seen)})
        answer: Receipt | RootstewardError
        try:
            answer = self.gateway.create_password(session)
        except RootstewardError as error:
            answer = error
        self._record("result", session, answer_as_json(answer))
        return answer if isinstance(answer, RootstewardError) else None

    def _not_there(
        self, after: Seen[Holding[Password]] | NotSeen, error: RootstewardError | None
    ) -> AccountResult:
        """The call was made and no password is to be seen."""
        if isinstance(error, AwsRefusedError) and not isinstance(error, ThrottledError):
            return self._result(Outcome.DENIED, error.refusal.message)
        detail = after.detail if isinstance(after, NotSeen) else "aws does not show the password"
        return self._result(Outcome.UNKNOWN, error.message if error is not None else detail)

    def _judged(self, seen: AccountAudit, session_keys: tuple[str, ...]) -> AccountResult:
        outcome, detail = seen.outcome, self.detail
        blamed: tuple[DecidedBy, ...] = ()
        unseen = first_unseen(seen.credentials)
        if unseen is not None:
            outcome, blamed = Outcome.UNKNOWN, unseen.blamed
            detail = f"a password is there; whether it is alone could not be seen: {unseen.detail}"
        elif outcome is Outcome.CLEAN:
            outcome, detail = Outcome.UNKNOWN, "the password was seen, and then was not"
        elif outcome is Outcome.PRESENT:
            detail = "more than the password is present"
        return AccountResult(
            self.planned.account.id,
            outcome,
            detail,
            self.planned.seen,
            seen.credentials,
            blamed,
            session_keys,
        )

    def _refused(self, error: RootstewardError) -> AccountResult | None:
        unseen = not_seen(error)
        return self._result(outcome_of_unseen(unseen), unseen.detail)

    def _result(
        self, outcome: Outcome, detail: str, blamed: tuple[DecidedBy, ...] = ()
    ) -> AccountResult:
        account = self.planned.account.id
        return AccountResult(account, outcome, detail, self.planned.seen, None, blamed)

    def _record(self, phase: str, session: RootSession, answer: dict[str, JsonValue]) -> None:
        body: dict[str, JsonValue] = {
            "plan": self.plan_id,
            "session": session.access_key_id,
            "act": API,
            **answer,
        }
        self.journal.record(f"{SLUG}.{phase}", self.planned.account.id, body)


def _record_look(journal: Journal, plan_id: str, result: AccountResult) -> None:
    journal.record(
        f"{SLUG}.result",
        result.account,
        {
            "plan": plan_id,
            "act": "look",
            "outcome": result.outcome.value,
            "detail": result.detail,
            "sessions": list(result.session_keys),
            "before": credentials_as_json(result.before),
            "after": credentials_as_json(result.after),
        },
    )


def _account_plan(fact: AccountAudit) -> AccountPlan:
    seen = fact.credentials
    unseen = first_unseen(seen)
    if unseen is not None:
        return AccountPlan(fact.account, Intention.CANNOT_SEE, seen, unseen.detail)
    present = present_kinds(seen)
    if not present:
        return AccountPlan(fact.account, Intention.ALLOW, seen, "no root credentials")
    if present == {CredentialKind.PASSWORD}:
        return AccountPlan(fact.account, Intention.ALREADY_OPEN, seen, "a password is present")
    kinds = ", ".join(kind.value for kind in CredentialKind if kind in present)
    reason = f"present: {kinds}; recovery is for accounts without root credentials"
    return AccountPlan(fact.account, Intention.HAS_CREDENTIALS, seen, reason)


def _not_to_allow(planned: AccountPlan) -> AccountResult:
    """The row of an account in which nothing is to be done."""
    unseen = first_unseen(planned.seen)
    account = planned.account.id
    if unseen is not None:
        outcome = outcome_of_unseen(unseen)
        return AccountResult(account, outcome, unseen.detail, planned.seen, blamed=unseen.blamed)
    if planned.intention is Intention.ALREADY_OPEN:
        return AccountResult(
            account, Outcome.RECOVERY_OPEN, planned.reason, planned.seen, planned.seen
        )
    return AccountResult(account, Outcome.PRESENT, planned.reason, planned.seen)
