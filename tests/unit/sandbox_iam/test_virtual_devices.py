"""Virtual MFA devices, from the seed to the empty list."""

from __future__ import annotations

import hmac
from base64 import b32decode
from hashlib import sha1
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world.credentials import MfaRecord
from sandbox_bench import MANAGEMENT, MEMBER, boto_client
from sandbox_replay import call

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox_bench import Bench


def code(seed: bytes, at: datetime, steps_later: int = 0) -> str:
    """The code that an authenticator app shows (RFC 6238), written apart from the sandbox's."""
    counter = (int(at.timestamp()) // 30 + steps_later).to_bytes(8, "big")
    digest = hmac.new(b32decode(seed), counter, sha1).digest()
    start = digest[19] % 16
    return str((int.from_bytes(digest[start : start + 4], "big") % 2**31) % 10**6).zfill(6)


def test_a_device_is_made_enabled_and_deleted(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    serial = f"arn:aws:iam::{MANAGEMENT}:mfa/phone"
    assert made["SerialNumber"] == serial
    again = call(iam, "CreateVirtualMFADevice", {"VirtualMFADeviceName": "phone"})
    assert again[:2] == (
        "EntityAlreadyExists",
        "MFA device already exists.",
    )
    (free,) = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    assert free == {"SerialNumber": serial}
    assert iam.get_account_summary()["SummaryMap"]["MFADevices"] == 1
    seed, now = made["Base32StringSeed"], bench.clock()
    iam.create_user(UserName="ada")
    request = {"UserName": "ada", "SerialNumber": serial}
    codes = {"AuthenticationCode1": code(seed, now), "AuthenticationCode2": code(seed, now, 1)}
    swapped = {"AuthenticationCode1": code(seed, now, 1), "AuthenticationCode2": code(seed, now)}
    refused = call(iam, "EnableMFADevice", {**request, **swapped})
    assert refused[:2] == (
        "InvalidAuthenticationCode",
        "Authentication code for device is not valid.",
    )
    assert call(iam, "EnableMFADevice", {**request, **codes})[0] == "Success"
    (assigned,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert assigned["User"]["UserName"] == "ada"
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["MFADevices"], summary["MFADevicesInUse"]) == (1, 1)
    assert call(iam, "DeleteVirtualMFADevice", {"SerialNumber": serial})[:2] == (
        "DeleteConflict",
        "MFA VirtualDevice in use. Must deactivate first.",
    )
    iam.deactivate_mfa_device(**request)
    again = call(iam, "DeactivateMFADevice", request)
    assert again[:2] == ("NoSuchEntity", "MFA Device invalid for user.")
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert call(iam, "DeleteVirtualMFADevice", {"SerialNumber": serial})[0] == "NoSuchEntity"
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def enabled(iam: Any, made: Any, at: datetime, second_step: int, user: str = "ada") -> str:  # noqa: ANN401
    """Enable a device with two codes, the second so many steps from now; the answer's code."""
    seed = made["Base32StringSeed"]
    codes = {
        "AuthenticationCode1": code(seed, at, second_step - 1),
        "AuthenticationCode2": code(seed, at, second_step),
    }
    request = {"UserName": user, "SerialNumber": made["SerialNumber"], **codes}
    return call(iam, "EnableMFADevice", request)[0]


@pytest.mark.parametrize(
    ("second_step", "answer"),
    [
        (-999, "InvalidAuthenticationCode"),
        (-998, "Success"),
        (1000, "Success"),
        (1001, "InvalidAuthenticationCode"),
    ],
)
def test_codes_may_be_some_hours_off(
    bench: Bench,
    iam: Any,  # noqa: ANN401
    second_step: int,
    answer: str,
) -> None:
    iam.create_user(UserName="ada")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    assert enabled(iam, made, bench.clock(), second_step) == answer


def test_codes_are_good_for_once(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    assert enabled(iam, made, bench.clock(), 20) == "Success"
    iam.deactivate_mfa_device(UserName="ada", SerialNumber=made["SerialNumber"])
    for second_step in (0, 20, 21):
        refused = enabled(iam, made, bench.clock(), second_step)
        assert refused == "InvalidAuthenticationCode"
    assert enabled(iam, made, bench.clock(), 22) == "Success"


def test_a_device_has_one_user(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    for name in ("ada", "bea"):
        iam.create_user(UserName=name)
    iam.create_access_key(UserName="ada")
    tags = [{"Key": "owner", "Value": "ada"}]
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Tags=tags)
    assert made["VirtualMFADevice"]["Tags"] == tags
    assert enabled(iam, made["VirtualMFADevice"], bench.clock(), 0) == "Success"
    request: dict[str, object] = {
        "SerialNumber": made["VirtualMFADevice"]["SerialNumber"],
        "AuthenticationCode1": "123456",
        "AuthenticationCode2": "654321",
    }
    for name, message in (
        ("ada", "MFA Device for user ada already exists."),
        ("bea", "MFA Device is already in use."),
    ):
        answer = call(iam, "EnableMFADevice", {**request, "UserName": name})
        assert answer[:2] == ("EntityAlreadyExists", message)
    assert call(iam, "DeleteUser", {"UserName": "ada"})[:2] == (
        "DeleteConflict",
        "Cannot delete entity, must remove tokens from principal first.",
    )


def test_a_user_with_a_device_needs_it_to_change_its_devices(
    bench: Bench,
    iam: Any,  # noqa: ANN401
) -> None:
    first, second = (
        iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        for name in ("first", "second")
    )
    iam.create_user(UserName="ada")
    now, itself = bench.clock(), "management"
    assert enabled(iam, first, now, 0, itself) == "Success"
    assert enabled(iam, second, now, 0, itself) == "AccessDenied"
    serials = (first["SerialNumber"], f"arn:aws:iam::{MANAGEMENT}:mfa/none")
    for serial in serials:
        answer = call(iam, "DeactivateMFADevice", {"UserName": itself, "SerialNumber": serial})
        assert answer[0] == "AccessDenied"
        assert answer[1] == (
            "To complete this action, please ensure that you are authenticated with an MFA device "
            "that is enabled for this user."
        )
    assert enabled(iam, second, now, 0) == "Success"
    iam.deactivate_mfa_device(UserName="ada", SerialNumber=second["SerialNumber"])


def test_a_root_user_has_eight_devices_at_most(bench: Bench) -> None:
    root_key = bench.root_key(MEMBER)
    named = {"VirtualMFADeviceName": "ninth"}
    made = bench.call("iam", "CreateVirtualMFADevice", root_key, **named)["VirtualMFADevice"]
    seed, now = made["Base32StringSeed"], bench.clock()
    codes = {"AuthenticationCode1": code(seed, now), "AuthenticationCode2": code(seed, now, 1)}
    request = {"SerialNumber": made["SerialNumber"], **codes}
    for number in range(8):
        bench.world.root_users.add_mfa_device(MEMBER, MfaRecord(f"GAHT1234{number}", now))
    error = bench.refusal("iam", "EnableMFADevice", root_key, **request)
    assert (error.code, error.http_status) == ("LimitExceeded", 409)
    del bench.world.root_users.of(MEMBER).holdings.mfa_devices["GAHT12340"]
    assert bench.call("iam", "EnableMFADevice", root_key, **request) == {}


def test_a_root_session_leaves_the_device_it_deactivated(bench: Bench) -> None:
    bench.switch_on()
    root_key = bench.root_key(MEMBER)
    root_user = boto_client(bench.sandbox, "iam", root_key.access_key_id)
    made = root_user.create_virtual_mfa_device(VirtualMFADeviceName="root-account-mfa-device")
    serial = made["VirtualMFADevice"]["SerialNumber"]
    seed, now = made["VirtualMFADevice"]["Base32StringSeed"], bench.clock()
    codes = {"AuthenticationCode1": code(seed, now), "AuthenticationCode2": code(seed, now, 1)}
    # WHY not through the client: its model asks for a name, and a root user has none.
    bench.call("iam", "EnableMFADevice", root_key, SerialNumber=serial, **codes)
    (assigned,) = root_user.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert assigned["User"] == {"UserId": MEMBER, "Arn": f"arn:aws:iam::{MEMBER}:root"}
    session = bench.assume_root(TaskPolicy.DELETE_CREDENTIALS).access_key_id
    in_session = boto_client(bench.sandbox, "iam", session)
    assert call(in_session, "DeactivateMFADevice", {"SerialNumber": serial})[0] == "Success"
    denied, message, _ = call(in_session, "DeleteVirtualMFADevice", {"SerialNumber": serial})
    assert (denied, f"on resource: {serial} with an explicit deny" in message) == (
        "AccessDenied",
        True,
    )
    (left,) = root_user.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert left == {"SerialNumber": serial}
