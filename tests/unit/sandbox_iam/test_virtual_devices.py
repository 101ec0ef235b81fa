"""Virtual MFA devices, from the seed to the empty list."""

from __future__ import annotations

import hmac
from base64 import b32decode
from hashlib import sha1
from typing import TYPE_CHECKING, Any

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
        "MFADevice entity at the same path and name already exists.",
    )
    (free,) = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    assert free == {"SerialNumber": serial}
    assert iam.get_account_summary()["SummaryMap"]["MFADevices"] == 1
    seed, now = made["Base32StringSeed"], bench.clock()
    request = {"UserName": "management", "SerialNumber": serial}
    codes = {"AuthenticationCode1": code(seed, now), "AuthenticationCode2": code(seed, now, 1)}
    swapped = {"AuthenticationCode1": code(seed, now, 1), "AuthenticationCode2": code(seed, now)}
    refused = call(iam, "EnableMFADevice", {**request, **swapped})
    assert refused[:2] == (
        "InvalidAuthenticationCode",
        "Authentication code for device is not valid.",
    )
    assert call(iam, "EnableMFADevice", {**request, **codes})[0] == "Success"
    (assigned,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert assigned["User"]["UserName"] == "management"
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["MFADevices"], summary["MFADevicesInUse"]) == (1, 1)
    assert call(iam, "DeleteVirtualMFADevice", {"SerialNumber": serial})[:2] == (
        "DeleteConflict",
        "MFA VirtualDevice in use. Must deactivate first.",
    )
    iam.deactivate_mfa_device(**request)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert call(iam, "DeleteVirtualMFADevice", {"SerialNumber": serial})[0] == "NoSuchEntity"
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_codes_that_are_too_old_are_refused(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed, now = made["Base32StringSeed"], bench.clock()
    codes = {"AuthenticationCode1": code(seed, now, -9), "AuthenticationCode2": code(seed, now, -8)}
    request = {"UserName": "management", "SerialNumber": made["SerialNumber"], **codes}
    assert call(iam, "EnableMFADevice", request)[0] == "InvalidAuthenticationCode"


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
