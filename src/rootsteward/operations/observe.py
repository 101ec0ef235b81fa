"""Looking at an account's root credentials, where "could not look" is an answer.

Reads only. `SessionExpiredError` is let through: a new session can look again.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import (
    AccessDeniedError,
    FeatureDisabledError,
    RootstewardError,
    SessionExpiredError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import (
    AccessKey,
    Basis,
    CredentialKind,
    Holding,
    MfaDevice,
    NotSeen,
    NotSeenReason,
    Observation,
    Password,
    RootCredentials,
    Seen,
    SigningCertificate,
)
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.ports.aws_gateway import RootCredentialReader

T = TypeVar("T")

AnyHolding = (
    Holding[Password] | Holding[AccessKey] | Holding[SigningCertificate] | Holding[MfaDevice]
)
# The statements held responsible for the denial of one action, such as `iam:GetLoginProfile`.
Blame = Callable[[str], tuple[DecidedBy, ...]]


BlameFor = Callable[[AccountId, TaskPolicy], Blame]


def blame_nobody(_account: AccountId, _task: TaskPolicy) -> Blame:
    """For callers that hold no control policies to search."""
    return lambda _action: ()


def not_seen(error: RootstewardError, blamed: tuple[DecidedBy, ...] = ()) -> NotSeen:
    """The value for a look that failed; AWS's own text is kept."""
    if isinstance(error, AccessDeniedError | FeatureDisabledError):
        return NotSeen(NotSeenReason.DENIED, error.refusal.message, blamed, error.help)
    return NotSeen(NotSeenReason.UNKNOWN, error.message, help=error.help)


def nothing_seen(reason: NotSeen) -> RootCredentials:
    """All four kinds unseen for one and the same reason."""
    return RootCredentials(reason, reason, reason, reason)


def listed_password(
    reader: RootCredentialReader, session: RootSession, blame: Blame
) -> Observation[Holding[Password]]:
    """The login profile. One call."""
    return _listed(
        lambda: _as_tuple(reader.password(session)), lambda: blame("iam:GetLoginProfile")
    )


def listed_access_keys(
    reader: RootCredentialReader, session: RootSession, blame: Blame
) -> Observation[Holding[AccessKey]]:
    """The access keys, without their last use. One call."""
    return _listed(lambda: reader.access_keys(session), lambda: blame("iam:ListAccessKeys"))


def listed_certificates(
    reader: RootCredentialReader, session: RootSession, blame: Blame
) -> Observation[Holding[SigningCertificate]]:
    """The signing certificates. One call."""
    return _listed(
        lambda: reader.signing_certificates(session),
        lambda: blame("iam:ListSigningCertificates"),
    )


def listed_mfa(
    reader: RootCredentialReader, session: RootSession, blame: Blame
) -> Observation[Holding[MfaDevice]]:
    """The MFA devices. One call."""
    return _listed(lambda: reader.mfa_devices(session), lambda: blame("iam:ListMFADevices"))


def listed_credentials(
    reader: RootCredentialReader, session: RootSession, blame: Blame
) -> RootCredentials:
    """All four kinds by listing. Four calls, whatever the first ones answer."""
    return RootCredentials(
        password=listed_password(reader, session, blame),
        access_keys=listed_access_keys(reader, session, blame),
        certificates=listed_certificates(reader, session, blame),
        mfa=listed_mfa(reader, session, blame),
    )


def by_kind(
    credentials: RootCredentials,
) -> Iterator[tuple[CredentialKind, Seen[AnyHolding] | NotSeen]]:
    """The four observations in the order in which credentials are deleted."""
    yield CredentialKind.PASSWORD, credentials.password
    yield CredentialKind.ACCESS_KEYS, credentials.access_keys
    yield CredentialKind.CERTIFICATES, credentials.certificates
    yield CredentialKind.MFA, credentials.mfa


def first_unseen(credentials: RootCredentials) -> NotSeen | None:
    """The first kind that could not be looked at; a denial goes before an unknown."""
    unseen = [seen for _, seen in by_kind(credentials) if isinstance(seen, NotSeen)]
    denied = [seen for seen in unseen if seen.reason is NotSeenReason.DENIED]
    return next(iter(denied or unseen), None)


def present_kinds(credentials: RootCredentials) -> frozenset[CredentialKind]:
    """The kinds that were seen to be there."""
    return frozenset(
        kind for kind, seen in by_kind(credentials) if isinstance(seen, Seen) and seen.value.present
    )


def outcome_of(credentials: RootCredentials) -> Outcome:
    """What an account's credentials amount to.

    Unseen wins over everything: an account of which one kind is unseen is never called clean
    (rule card ROOT-20 says when a lone password is called `recovery open`).
    """
    unseen = first_unseen(credentials)
    if unseen is not None:
        return outcome_of_unseen(unseen)
    present = present_kinds(credentials)
    if not present:
        return Outcome.CLEAN
    if present == {CredentialKind.PASSWORD} and not password_was_used(credentials):
        return Outcome.RECOVERY_OPEN
    return Outcome.PRESENT


def password_was_used(credentials: RootCredentials) -> bool:
    """Whether somebody signed in with the password that is there; False when nobody asked."""
    seen = credentials.password
    return isinstance(seen, Seen) and any(password.was_used for password in seen.value.items)


def outcome_of_unseen(unseen: NotSeen) -> Outcome:
    """`denied` or `unknown`."""
    return Outcome.DENIED if unseen.reason is NotSeenReason.DENIED else Outcome.UNKNOWN


def _as_tuple(password: Password | None) -> tuple[Password, ...]:
    return () if password is None else (password,)


def _listed(
    read: Callable[[], tuple[T, ...]], blamed: Callable[[], tuple[DecidedBy, ...]]
) -> Observation[Holding[T]]:
    try:
        items = read()
    except SessionExpiredError:
        raise
    except AccessDeniedError as error:
        return not_seen(error, blamed())
    except RootstewardError as error:
        return not_seen(error)
    return Seen(Holding(len(items), items), Basis.LISTED)
