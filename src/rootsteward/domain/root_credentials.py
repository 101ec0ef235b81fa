"""What is known of an account's root credentials, and how it is known."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from rootsteward.domain.authorization import DecidedBy

T_co = TypeVar("T_co", covariant=True)


class Basis(StrEnum):
    """What a verdict rests on: the account summary's four bits, or the lists themselves."""

    SUMMARY = "summary"
    LISTED = "listed"


class NotSeenReason(StrEnum):
    """Why we could not look."""

    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen(Generic[T_co]):
    """A value that AWS showed us."""

    value: T_co
    basis: Basis


@dataclass(frozen=True, slots=True)
class NotSeen:
    """A value we could not look at: never counted as clean, never left out.

    `detail` is AWS's own text or ours; `blamed` the statements that our engine holds responsible
    (empty when it found none). `help` says what to do next, or is empty.
    """

    reason: NotSeenReason
    detail: str
    blamed: tuple[DecidedBy, ...] = ()
    help: str = field(default="", compare=False)


Observation = Seen[T_co] | NotSeen


class CredentialKind(StrEnum):
    """The four kinds of root credentials, in the order in which they are deleted.

    INVARIANT: MFA devices come last, so that a run that dies half way never leaves a password
    without its MFA.
    """

    PASSWORD = "password"  # noqa: S105 (a kind of credential)
    ACCESS_KEYS = "access_keys"
    CERTIFICATES = "certificates"
    MFA = "mfa"


@dataclass(frozen=True, slots=True)
class Password:
    """The root login profile. Present may only mean that recovery is open.

    `last_used_at` is None when AWS has seen no sign-in with a password, or nobody asked.
    """

    created_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def was_used(self) -> bool:
        """Whether somebody signed in with it; an older password's use does not count."""
        if self.last_used_at is None:
            return False
        return self.created_at is None or self.last_used_at >= self.created_at


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A root access key. The three `last_used_*` are None when AWS has seen no use of it."""

    id: str
    active: bool | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_service: str | None = None
    last_used_region: str | None = None


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A root X.509 signing certificate."""

    id: str
    active: bool | None = None
    uploaded_at: datetime | None = None


class MfaKind(StrEnum):
    """What a root MFA device is, by the form of its serial (rule card ROOT-09)."""

    VIRTUAL = "virtual"
    PASSKEY = "passkey or security key"
    HARDWARE = "hardware token"


@dataclass(frozen=True, slots=True)
class MfaDevice:
    """A root MFA device: virtual, passkey or hardware; told apart by the serial's form."""

    serial: str
    enabled_at: datetime | None = None

    @property
    def kind(self) -> MfaKind:
        """What it is. A bare serial, which is no ARN, is a hardware token's."""
        if ":u2f/" in self.serial:
            return MfaKind.PASSKEY
        return MfaKind.VIRTUAL if ":mfa/" in self.serial else MfaKind.HARDWARE


@dataclass(frozen=True, slots=True)
class RootCredentials:
    """The four kinds, each seen or not.

    A count says how many there are; from a summary, where AWS gives one bit, the count is 0 or 1
    and `items` is empty. From a listing `items` names each one.
    """

    password: Observation["Holding[Password]"]
    access_keys: Observation["Holding[AccessKey]"]
    certificates: Observation["Holding[SigningCertificate]"]
    mfa: Observation["Holding[MfaDevice]"]


@dataclass(frozen=True, slots=True)
class Holding(Generic[T_co]):
    """How much of one kind there is. `items` is empty when only the summary was read."""

    count: int
    items: tuple[T_co, ...] = ()

    @property
    def present(self) -> bool:
        """Whether there is at least one."""
        return self.count > 0
