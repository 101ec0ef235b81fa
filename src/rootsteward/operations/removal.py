"""Look, act, look again, write down: deleting root credentials of one account.

Used by `delete-credentials` and `close-recovery`. It works in rounds. Each round looks at all four
kinds and deletes only what it saw, in the order of `CredentialKind`; the look of the next round is
the look after. A round that sees nothing ends the work, so "deleted" always rests on a look.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, assert_never

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import (
    AccessDeniedError,
    AwsRefusedError,
    FeatureDisabledError,
    NotFoundError,
    OutcomeUnknownError,
    RootstewardError,
    SessionExpiredError,
    ThrottledError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_credentials import (
    AccessKey,
    CredentialKind,
    MfaDevice,
    Password,
    RootCredentials,
    Seen,
    SigningCertificate,
)
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import (
    Blame,
    by_kind,
    first_unseen,
    listed_credentials,
    outcome_of_unseen,
)
from rootsteward.operations.record import answer_as_json, credentials_as_json
from rootsteward.operations.recorded_sessions import RecordedSessions
from rootsteward.ports.aws_gateway import RootCredentialReader, RootCredentialWriter, RootSessions
from rootsteward.ports.journal import Journal, JsonValue

# Enough for a lost answer, an expired session and a stale read in one account.
_MAX_ROUNDS = 4

# The calls of one look, in order.
LOOKS = (
    "iam:GetLoginProfile",
    "iam:ListAccessKeys",
    "iam:ListSigningCertificates",
    "iam:ListMFADevices",
)
_API = {
    CredentialKind.PASSWORD: "iam:DeleteLoginProfile",
    CredentialKind.ACCESS_KEYS: "iam:DeleteAccessKey",
    CredentialKind.CERTIFICATES: "iam:DeleteSigningCertificate",
    CredentialKind.MFA: "iam:DeactivateMFADevice",
}


class RemovalGateway(RootSessions, RootCredentialReader, RootCredentialWriter, Protocol):
    """What a removal calls."""


@dataclass(frozen=True, slots=True)
class Target:
    """One credential to delete. `identifier` tells it from a later one of its kind.

    For a password, which has no name, it is the moment it was created.
    """

    kind: CredentialKind
    identifier: str

    @property
    def api(self) -> str:
        """The call that deletes it."""
        return _API[self.kind]


@dataclass(frozen=True, slots=True)
class Removal:
    """What may be deleted in one account, and under which operation and plan.

    `tried` are the targets that an earlier attempt of this plan, since killed, set out to delete.
    """

    slug: str
    plan_id: str
    account: AccountId
    allowed: frozenset[Target]
    tried: frozenset[Target] = frozenset()


def targets_tried(intents: Iterable[Mapping[str, JsonValue]]) -> frozenset[Target]:
    """The targets of intents that `remove` wrote into the journal."""
    return frozenset(
        Target(CredentialKind(str(intent["kind"])), str(intent["target"])) for intent in intents
    )


def targets_in(credentials: RootCredentials) -> tuple[Target, ...]:
    """Every credential that a listing showed, in the order of deletion."""
    return tuple(
        Target(kind, _identifier(item))
        for kind, seen in by_kind(credentials)
        if isinstance(seen, Seen)
        for item in seen.value.items
    )


def remove(
    gateway: RemovalGateway, journal: Journal, removal: Removal, blame: Blame
) -> AccountResult:
    """Delete what is allowed and there. Never raises for what AWS answered.

    Raises:
        OperatorError: when the journal cannot be written; then nothing further is done.
    """
    work = _Work(gateway, journal, removal, blame)
    result = work.run()
    journal.record(
        f"{removal.slug}.result",
        removal.account,
        {
            "plan": removal.plan_id,
            "act": "look",
            "outcome": result.outcome.value,
            "detail": result.detail,
            "sessions": list(result.session_keys),
            "before": credentials_as_json(result.before),
            "after": credentials_as_json(result.after),
        },
    )
    return result


@dataclass
class _Work:
    """One account's removal while it is under way."""

    gateway: RemovalGateway
    journal: Journal
    removal: Removal
    blame: Blame
    sessions: list[RootSession] = field(default_factory=list)
    before: RootCredentials | None = None
    after: RootCredentials | None = None
    deleted: int = 0
    gone: int = 0
    # Deletions whose answer was lost.
    lost: set[Target] = field(default_factory=set)
    blamed: tuple[DecidedBy, ...] = ()
    # Set when nothing further may be deleted; what follows is only the look.
    stopped: Outcome | None = None
    detail: str = ""

    def run(self) -> AccountResult:
        """Rounds until one sees nothing, or says why it ended."""
        session: RootSession | None = None
        for number in range(1, _MAX_ROUNDS + 1):
            try:
                session = session or self._open()
            except RootstewardError as error:
                return self._no_session(error)
            try:
                seen = listed_credentials(self.gateway, session, self.blame)
            except SessionExpiredError as error:
                session, self.detail = None, error.message
                continue
            result = self._judge(seen)
            if result is not None:
                return result
            if number == _MAX_ROUNDS:
                # INVARIANT: the last thing done in an account is a look, never a deletion.
                break
            if not self._delete_all(session, targets_in(seen)):
                session = None
        return self._ended()

    def _open(self) -> RootSession:
        removal = self.removal
        recorded = RecordedSessions(self.gateway, self.journal, removal.slug, removal.plan_id)
        session = recorded.open_root_session(removal.account, TaskPolicy.DELETE_CREDENTIALS)
        self.sessions.append(session)
        return session

    def _judge(self, seen: RootCredentials) -> AccountResult | None:
        """How it ended, or None when what was seen may be deleted."""
        self.before, self.after = self.before or seen, seen
        unseen = first_unseen(seen)
        if unseen is not None:
            self.blamed = self.blamed or unseen.blamed
            return self._result(self.stopped or outcome_of_unseen(unseen), unseen.detail)
        there = targets_in(seen)
        if not there:
            return self._result(self._outcome_when_empty())
        if self.stopped is not None:
            return self._result(self.stopped)
        strangers = [target for target in there if target not in self.removal.allowed]
        if strangers:
            return self._result(Outcome.CHANGED_MEANWHILE, _strangers(strangers))
        return None

    def _delete_all(self, session: RootSession, there: tuple[Target, ...]) -> bool:
        """Delete in order; stop at anything but success, so that no MFA goes before a password.

        Returns:
            Whether the session can still be used.
        """
        for target in there:
            error = self._delete(session, target)
            if error is None:
                continue
            self.detail = f"{target.api}: {error.message}"
            if isinstance(error, SessionExpiredError):
                return False
            # WHY: after a lost answer or a throttle only the next look can tell what became of
            # it, so the next round decides; nothing is resent here.
            if not isinstance(error, OutcomeUnknownError | ThrottledError):
                self._stop(target, error)
            return True
        self.detail = ""
        return True

    def _delete(self, session: RootSession, target: Target) -> RootstewardError | None:
        """One call; returns what went wrong. Gone already is not wrong.

        INVARIANT: the intent is on record before the call is made.
        """
        # WHY with what was seen: a run that dies before its last entry leaves it on record.
        self._record("intent", session, target, {"before": credentials_as_json(self.after)})
        answer: Receipt | RootstewardError
        try:
            answer = _call(self.gateway, session, target)()
        except RootstewardError as error:
            answer = error
        self._record("result", session, target, answer_as_json(answer))
        if isinstance(answer, Receipt):
            self.deleted += 1
            return None
        if isinstance(answer, NotFoundError):
            self._count_gone(target)
            return None
        if isinstance(answer, OutcomeUnknownError):
            self.lost.add(target)
        return answer

    def _count_gone(self, target: Target) -> None:
        """WHY: a look may show the past. What we set out to delete, and is gone, is our doing."""
        if target in self.lost | self.removal.tried:
            self.deleted += 1
        else:
            self.gone += 1

    def _stop(self, target: Target, error: RootstewardError) -> None:
        self.stopped = Outcome.UNKNOWN
        if isinstance(error, AwsRefusedError):
            self.detail = f"{target.api}: {error.refusal.code}: {error.refusal.message}"
            self.stopped = Outcome.PRESENT
        if isinstance(error, AccessDeniedError | FeatureDisabledError):
            self.stopped, self.blamed = Outcome.DENIED, self.blame(target.api)

    def _record(
        self, phase: str, session: RootSession, target: Target, answer: dict[str, JsonValue]
    ) -> None:
        body: dict[str, JsonValue] = {
            "plan": self.removal.plan_id,
            "session": session.access_key_id,
            "act": target.api,
            "kind": target.kind.value,
            "target": target.identifier,
            **answer,
        }
        self.journal.record(f"{self.removal.slug}.{phase}", self.removal.account, body)

    def _outcome_when_empty(self) -> Outcome:
        """Nothing is there: by whose hand?"""
        self.detail = ""
        if self.before is None or not targets_in(self.before):
            if not self.removal.tried:
                return Outcome.CLEAN
            self.detail = "an earlier attempt of this plan set out to delete them; they are gone"
            return Outcome.DELETED
        # A call whose answer was lost and whose object is gone counts as ours.
        return Outcome.CHANGED_MEANWHILE if self.gone and not self.deleted else Outcome.DELETED

    def _no_session(self, error: RootstewardError) -> AccountResult:
        """A session was refused, at the start or when one had run out."""
        self.after = None
        denied = isinstance(error, AccessDeniedError | FeatureDisabledError)
        text = error.refusal.message if isinstance(error, AwsRefusedError) else error.message
        return self._result(Outcome.DENIED if denied else Outcome.UNKNOWN, text)

    def _ended(self) -> AccountResult:
        """The rounds are used up and the last look still showed something, or there was none."""
        reason = self.detail or "aws accepted the deletion and still shows the credential"
        return self._result(Outcome.UNKNOWN, f"gave up after {_MAX_ROUNDS} rounds: {reason}")

    def _result(self, outcome: Outcome, detail: str = "") -> AccountResult:
        return AccountResult(
            self.removal.account,
            outcome,
            detail or self.detail,
            self.before,
            self.after,
            self.blamed,
            tuple(session.access_key_id for session in self.sessions),
        )


def _strangers(targets: list[Target]) -> str:
    named = ", ".join(f"{target.kind.value} {target.identifier}".strip() for target in targets)
    return f"not in the plan, so nothing was deleted: {named}; plan again"


def _identifier(item: Password | AccessKey | SigningCertificate | MfaDevice) -> str:
    match item:
        case Password():
            return item.created_at.isoformat() if item.created_at else ""
        case AccessKey() | SigningCertificate():
            return item.id
        case MfaDevice():
            return item.serial
        case _:
            assert_never(item)


def _call(
    gateway: RootCredentialWriter, session: RootSession, target: Target
) -> Callable[[], Receipt]:
    match target.kind:
        case CredentialKind.PASSWORD:
            return lambda: gateway.delete_password(session)
        case CredentialKind.ACCESS_KEYS:
            return lambda: gateway.delete_access_key(session, target.identifier)
        case CredentialKind.CERTIFICATES:
            return lambda: gateway.delete_signing_certificate(session, target.identifier)
        case CredentialKind.MFA:
            return lambda: gateway.deactivate_mfa_device(session, target.identifier)
        case _:
            assert_never(target.kind)
