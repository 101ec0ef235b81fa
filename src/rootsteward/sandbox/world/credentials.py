"""What a user holds: password, access keys, certificates, MFA devices. Root and IAM users alike."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rootsteward.domain.secret import Secret


@dataclass(slots=True)
class LoginProfile:
    """A console password. For a root user it may only mean that recovery is open."""

    created_at: datetime
    reset_required: bool = False
    last_used_at: datetime | None = None


@dataclass(slots=True)
class AccessKeyRecord:
    """A long-term access key. The `last_used_*` fields change as the key signs calls."""

    id: str
    secret: Secret
    created_at: datetime
    active: bool = True
    last_used_at: datetime | None = None
    last_used_service: str | None = None
    last_used_region: str | None = None

    def used(self, at: datetime, service: str, region: str) -> None:
        """Note that the key signed a call."""
        self.last_used_at = at
        self.last_used_service = service
        self.last_used_region = region


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """An X.509 signing certificate; `body` is PEM text."""

    id: str
    body: str
    uploaded_at: datetime
    active: bool = True


@dataclass(frozen=True, slots=True)
class MfaRecord:
    """An MFA device; the form of the serial tells virtual, passkey and hardware apart."""

    serial: str
    enabled_at: datetime


@dataclass(slots=True)
class Holdings:
    """Everything one user can sign in or sign calls with, in the order in which it was added."""

    password: LoginProfile | None = None
    access_keys: dict[str, AccessKeyRecord] = field(default_factory=dict)
    certificates: dict[str, CertificateRecord] = field(default_factory=dict)
    mfa_devices: dict[str, MfaRecord] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.password, self.access_keys, self.certificates, self.mfa_devices))

    def keys(self) -> Iterator[AccessKeyRecord]:
        """The access keys, oldest first."""
        return iter(self.access_keys.values())


def certificate_body(certificate_id: str) -> str:
    """PEM in shape only: nobody can sign with it."""
    return f"-----BEGIN CERTIFICATE-----\n{certificate_id}\n-----END CERTIFICATE-----"


def virtual_mfa_serial(account: str, name: str = "root-account-mfa-device") -> str:
    """The serial of a root user's virtual device (rule card ROOT-09)."""
    return f"arn:aws:iam::{account}:mfa/{name}"


def passkey_serial(account: str, name: str) -> str:
    """The serial of a root user's passkey or security key (rule card ROOT-09)."""
    return f"arn:aws:iam::{account}:u2f/root/{name}"
