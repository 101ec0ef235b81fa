"""Virtual MFA devices: which there are, and what their codes are made of.

A device that is assigned to a user stands in the user's holdings; here are the seeds of those made
through the API, and the devices that nobody has (any more).
"""

import hmac
from base64 import b32decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from itertools import pairwise

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.secret import Secret

# SOURCE: RFC 6238 and RFC 4226, with the values that AWS uses.
_STEP_SECONDS = 30
_CODES = 1_000_000
_STEPS_AROUND = 2


@dataclass(slots=True)
class VirtualDevices:
    """Seeds and unassigned devices by account and serial number."""

    _seeds: dict[AccountId, dict[str, Secret]] = field(default_factory=dict)
    _unassigned: dict[AccountId, dict[str, None]] = field(default_factory=dict)

    def make(self, account: AccountId, serial: str, seed: Secret) -> None:
        """Add a device that nobody has yet; `seed` is base 32."""
        self._seeds.setdefault(account, {})[serial] = seed
        self.release(account, serial)

    def release(self, account: AccountId, serial: str) -> None:
        """Note that a device was taken from its user."""
        self._unassigned.setdefault(account, {})[serial] = None

    def assign(self, account: AccountId, serial: str) -> None:
        """Note that a device was given to a user."""
        self._unassigned.get(account, {}).pop(serial, None)

    def remove(self, account: AccountId, serial: str) -> None:
        """Delete an unassigned device."""
        self.assign(account, serial)
        self._seeds.get(account, {}).pop(serial, None)

    def unassigned(self, account: AccountId) -> Iterator[str]:
        """The serial numbers of devices that nobody has."""
        return iter(self._unassigned.get(account, {}))

    def is_unassigned(self, account: AccountId, serial: str) -> bool:
        """Whether there is such a device and nobody has it."""
        return serial in self._unassigned.get(account, {})

    def accepts(
        self, account: AccountId, serial: str, codes: tuple[str, str], at: datetime
    ) -> bool:
        """Whether two codes follow each other at about a time."""
        seed = self._seeds.get(account, {}).get(serial)
        if seed is None:
            return False
        step = int(at.timestamp()) // _STEP_SECONDS
        steps = range(step - _STEPS_AROUND, step + _STEPS_AROUND + 1)
        return codes in pairwise(_code(seed, each) for each in steps)


def _code(seed: Secret, step: int) -> str:
    digest = hmac.new(b32decode(seed.reveal()), step.to_bytes(8, "big"), sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % _CODES:06}"
