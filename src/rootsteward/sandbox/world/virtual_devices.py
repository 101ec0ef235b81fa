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
# How far from now the first of two codes may be (rule card IAM-23).
_MOST_STEPS_OFF = 999


@dataclass(slots=True)
class VirtualDevices:
    """Seeds and unassigned devices by account and serial number.

    LIMIT: which codes were used is not part of a saved world.
    """

    _seeds: dict[AccountId, dict[str, Secret]] = field(default_factory=dict)
    _unassigned: dict[AccountId, dict[str, None]] = field(default_factory=dict)
    _used_steps: dict[tuple[AccountId, str], int] = field(default_factory=dict, compare=False)

    def make(self, account: AccountId, serial: str, seed: Secret) -> None:
        """Add a device that nobody has yet; `seed` is base 32."""
        self._used_steps.pop((account, serial), None)
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
        """Take two codes that follow each other, unless one of them was taken before."""
        seed = self._seeds.get(account, {}).get(serial)
        if seed is None:
            return False
        now, device = int(at.timestamp()) // _STEP_SECONDS, (account, serial)
        first = max(now - _MOST_STEPS_OFF, self._used_steps.get(device, 0) + 1)
        steps = range(first, now + _MOST_STEPS_OFF + 1)
        made = pairwise(_code(seed, each) for each in (*steps, steps.stop))
        found = next((step for step, pair in zip(steps, made, strict=True) if pair == codes), None)
        if found is None:
            return False
        self._used_steps[device] = found + 1
        return True


def _code(seed: Secret, step: int) -> str:
    digest = hmac.new(b32decode(seed.reveal()), step.to_bytes(8, "big"), sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % _CODES:06}"
