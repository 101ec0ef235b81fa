"""The MFA devices of root users in scenario files (rule card ROOT-09)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.world.world import World

MEMBER = AccountId("222222222222")


@pytest.mark.parametrize(
    ("device", "pattern"),
    [
        ("{kind: virtual}", f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device"),
        ("{kind: virtual, name: phone}", f"arn:aws:iam::{MEMBER}:mfa/phone"),
        ("{kind: passkey, name: laptop}", f"arn:aws:iam::{MEMBER}:u2f/root/laptop-[A-Z2-7]+"),
        ("{kind: hardware}", "GAHT[0-9]{8}"),
        ("{kind: hardware, name: GAHT12345}", "GAHT12345"),
    ],
)
def test_a_device_has_the_serial_of_its_kind(
    load: Callable[..., World], write: Callable[[str], Path], small: str, device: str, pattern: str
) -> None:
    world = load(write(f"{small}    root_user: {{mfa: [{device}]}}\n"))
    (serial,) = world.root_users.of(MEMBER).holdings.mfa_devices
    assert re.fullmatch(pattern, serial)
