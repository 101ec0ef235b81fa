"""The root user of every account, and what it holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.world.credentials import (
    AccessKeyRecord,
    CertificateRecord,
    Holdings,
    LoginProfile,
    MfaRecord,
)

# SOURCE: IAM quotas: two access keys and two signing certificates a user, eight MFA devices.
MAX_ACCESS_KEYS = 2
MAX_CERTIFICATES = 2
MAX_MFA_DEVICES = 8


@dataclass(slots=True)
class RootUser:
    """One account's root user. `last_used_at` of the password is on the login profile."""

    account: AccountId
    holdings: Holdings = field(default_factory=Holdings)


@dataclass(slots=True)
class RootUsers:
    """Root users by account. An account nobody gave credentials has a root user that holds none."""

    _by_account: dict[AccountId, RootUser] = field(default_factory=dict)
    _account_of_key: dict[str, AccountId] = field(default_factory=dict)

    def of(self, account: AccountId) -> RootUser:
        """The root user of an account, made on first sight."""
        return self._by_account.setdefault(account, RootUser(account))

    def held_by(self, account: AccountId) -> Holdings | None:
        """What an account's root user holds; None when nobody ever gave it anything."""
        found = self._by_account.get(account)
        return None if found is None else found.holdings

    def __iter__(self) -> Iterator[RootUser]:
        return iter(self._by_account.values())

    def open_recovery(self, account: AccountId, at: datetime) -> LoginProfile:
        """Give the root user a login profile.

        Raises:
            OperatorError: when it has one.
        """
        holdings = self.of(account).holdings
        if holdings.password is not None:
            raise OperatorError(f"the root user of `{account}` already has a password")
        holdings.password = LoginProfile(created_at=at)
        return holdings.password

    def add_access_key(self, account: AccountId, key: AccessKeyRecord) -> None:
        """Give the root user a long-term key, with which calls can be signed.

        Raises:
            OperatorError: when it has two, or the id is taken.
        """
        held = self.of(account).holdings.access_keys
        if key.id in self._account_of_key:
            raise OperatorError(f"access key `{key.id}` exists already")
        _check_room(len(held), MAX_ACCESS_KEYS, "access keys", account)
        held[key.id] = key
        self._account_of_key[key.id] = account

    def remove_access_key(self, account: AccountId, key_id: str) -> None:
        """Delete a key; calls signed with it fail from now on."""
        del self.of(account).holdings.access_keys[key_id]
        del self._account_of_key[key_id]

    def find_key(self, key_id: str) -> tuple[AccountId, AccessKeyRecord] | None:
        """The account and record of a root access key."""
        account = self._account_of_key.get(key_id)
        if account is None:
            return None
        return account, self._by_account[account].holdings.access_keys[key_id]

    def add_certificate(self, account: AccountId, certificate: CertificateRecord) -> None:
        """Give the root user a signing certificate.

        Raises:
            OperatorError: when it has two.
        """
        held = self.of(account).holdings.certificates
        _check_room(len(held), MAX_CERTIFICATES, "signing certificates", account)
        held[certificate.id] = certificate

    def add_mfa_device(self, account: AccountId, device: MfaRecord) -> None:
        """Register an MFA device.

        Raises:
            OperatorError: when it has eight, or one of that serial.
        """
        held = self.of(account).holdings.mfa_devices
        if device.serial in held:
            raise OperatorError(f"MFA device `{device.serial}` is registered already")
        _check_room(len(held), MAX_MFA_DEVICES, "MFA devices", account)
        held[device.serial] = device


def _check_room(held: int, most: int, what: str, account: AccountId) -> None:
    if held >= most:
        raise OperatorError(
            f"the root user of `{account}` has {held} {what} already",
            help=f"AWS allows {most}",
        )
