"""`audit`: which root credentials an account has.

Reads only. A clean account costs two calls: `AssumeRoot` and `GetAccountSummary`. The lists are
read only for the kinds that the summary shows, or for all of them when asked (`deep`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeVar

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import AccessDeniedError, RootstewardError, SessionExpiredError
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import (
    Basis,
    CredentialKind,
    Holding,
    NotSeen,
    NotSeenReason,
    Observation,
    RootCredentials,
    Seen,
)
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import (
    Blame,
    BlameFor,
    blame_nobody,
    by_kind,
    listed_access_keys,
    listed_certificates,
    listed_credentials,
    listed_mfa,
    listed_password,
    not_seen,
    nothing_seen,
    outcome_of,
    present_kinds,
)
from rootsteward.operations.root_session_work import in_root_session
from rootsteward.ports.aws_gateway import RootCredentialReader, RootSessions

SLUG = "audit"
T = TypeVar("T")

RECOVERY_REMARK = (
    "recovery open: a password is all there is, and nobody has signed in with it since it was "
    "created; AWS shows a password that was set and never used in the same way"
)
PASSWORD_USE = "last use of the password"  # noqa: S105 (the name of a detail)


class KindState(StrEnum):
    """What is said of one kind of credential in one account."""

    NONE = "none"
    PRESENT = "present"
    RECOVERY_OPEN = "recovery open"
    DENIED = "denied"
    UNKNOWN = "unknown"


class AuditGateway(RootSessions, RootCredentialReader, Protocol):
    """What an audit calls."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A detail behind a verdict that could not be read: a kind's list, or one item's last use."""

    what: str
    reason: NotSeen


_Looked = tuple[RootCredentials, tuple[Unread, ...]]
_Read = Callable[[RootCredentialReader, RootSession, Blame], Observation[T]]


@dataclass(frozen=True, slots=True)
class AccountAudit:
    """One row. `session_key` is the access key id of the session, empty when none was issued.

    `unread` are the details that could not be read: a key named in it was not seen to be unused.
    """

    account: Account
    credentials: RootCredentials
    session_key: str = ""
    unread: tuple[Unread, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Clean, present, recovery open, denied or unknown.

        A lone password whose use could not be read is `present`: the graver of the two.
        """
        outcome = outcome_of(self.credentials)
        unknown_use = any(unread.what == PASSWORD_USE for unread in self.unread)
        return Outcome.PRESENT if unknown_use and outcome is Outcome.RECOVERY_OPEN else outcome

    def state(self, kind: CredentialKind) -> KindState:
        """What to say of one kind (rule card ROOT-20)."""
        seen = dict(by_kind(self.credentials))[kind]
        if isinstance(seen, NotSeen):
            denied = seen.reason is NotSeenReason.DENIED
            return KindState.DENIED if denied else KindState.UNKNOWN
        if not seen.value.present:
            return KindState.NONE
        if self.outcome is Outcome.RECOVERY_OPEN:
            return KindState.RECOVERY_OPEN
        return KindState.PRESENT

    @property
    def basis(self) -> Basis | None:
        """`listed` when any list was read, `summary` when only the summary was, None if neither."""
        bases = {s.basis for _, s in by_kind(self.credentials) if isinstance(s, Seen)}
        if Basis.LISTED in bases:
            return Basis.LISTED
        return Basis.SUMMARY if bases else None


def gather(
    gateway: AuditGateway,
    account: Account,
    *,
    deep: bool = False,
    blame_for: BlameFor = blame_nobody,
) -> AccountAudit:
    """Look at one account. Never raises for what AWS answered: that becomes the row.

    Raises:
        BugError: when a promise of our own was broken.
    """
    blame = blame_for(account.id, TaskPolicy.AUDIT)
    opened: list[str] = []

    def work(session: RootSession) -> _Looked:
        opened.append(session.access_key_id)
        return _look(gateway, session, blame, deep=deep)

    credentials, unread = in_root_session(
        gateway,
        account.id,
        TaskPolicy.AUDIT,
        work,
        lambda error: (nothing_seen(not_seen(error)), ()),
    )
    return AccountAudit(account, credentials, opened[-1] if opened else "", unread)


def lost(account: Account, error: Exception) -> AccountAudit:
    """The row of an account whose audit broke off: unknown, with the reason."""
    reason = NotSeen(NotSeenReason.UNKNOWN, str(error) or type(error).__name__)
    return AccountAudit(account, nothing_seen(reason))


def _look(
    gateway: RootCredentialReader, session: RootSession, blame: Blame, *, deep: bool
) -> _Looked:
    if deep:
        return _with_last_use(gateway, session, listed_credentials(gateway, session, blame), blame)
    try:
        summary = gateway.credential_summary(session)
    except SessionExpiredError:
        raise
    except AccessDeniedError as error:
        return nothing_seen(not_seen(error, blame("iam:GetAccountSummary"))), ()
    except RootstewardError as error:
        return nothing_seen(not_seen(error)), ()
    return _with_details(gateway, session, summary, blame)


def _with_details(
    gateway: RootCredentialReader, session: RootSession, summary: RootCredentials, blame: Blame
) -> _Looked:
    """What the lists say of the kinds that the summary shows; the summary where a list is shut."""
    present = present_kinds(summary)
    unread: list[Unread] = []

    def better(
        kind: CredentialKind, from_summary: Observation[T], read: _Read[T]
    ) -> Observation[T]:
        if kind not in present:
            return from_summary
        listed = read(gateway, session, blame)
        if isinstance(listed, NotSeen):
            unread.append(Unread(kind.value, listed))
            return from_summary
        return listed

    detailed = RootCredentials(
        better(CredentialKind.PASSWORD, summary.password, listed_password),
        better(CredentialKind.ACCESS_KEYS, summary.access_keys, listed_access_keys),
        better(CredentialKind.CERTIFICATES, summary.certificates, listed_certificates),
        better(CredentialKind.MFA, summary.mfa, listed_mfa),
    )
    credentials, unread_use = _with_last_use(gateway, session, detailed, blame)
    return credentials, (*unread, *unread_use)


def _with_last_use(
    gateway: RootCredentialReader, session: RootSession, seen: RootCredentials, blame: Blame
) -> _Looked:
    """Fill in when the listed password and keys were last used. One call for each."""
    passwords, unread_password = _used(
        seen.password,
        lambda password: gateway.password_last_used(session, password),
        lambda _: PASSWORD_USE,
        lambda: blame("iam:GetUser"),
    )
    access_keys, unread_keys = _used(
        seen.access_keys,
        lambda key: gateway.access_key_last_used(session, key),
        lambda key: key.id,
        lambda: blame("iam:GetAccessKeyLastUsed"),
    )
    filled = replace(seen, password=passwords, access_keys=access_keys)
    return filled, (*unread_password, *unread_keys)


def _used(
    seen: Observation[Holding[T]],
    read: Callable[[T], T],
    name: Callable[[T], str],
    blamed: Callable[[], tuple[DecidedBy, ...]],
) -> tuple[Observation[Holding[T]], tuple[Unread, ...]]:
    """Each listed item with its last use; as it was, and named, where that could not be read."""
    if isinstance(seen, NotSeen):
        return seen, ()
    items: list[T] = []
    unread: list[Unread] = []
    for item in seen.value.items:
        try:
            items.append(read(item))
        except SessionExpiredError:
            raise
        except RootstewardError as error:
            by = blamed() if isinstance(error, AccessDeniedError) else ()
            unread.append(Unread(name(item), not_seen(error, by)))
            items.append(item)
    return Seen(Holding(seen.value.count, tuple(items)), seen.basis), tuple(unread)
