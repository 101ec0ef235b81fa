from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.wire.models import load
from rootsteward.sandbox.world.credentials import (
    AccessKeyRecord,
    CertificateRecord,
    MfaRecord,
    passkey_serial,
    virtual_mfa_serial,
)
from sandbox_bench import START

if TYPE_CHECKING:
    from rootsteward.domain.identifiers import AccountId
    from rootsteward.sandbox.call import Caller
    from sandbox_bench import Bench

MEMBER = "333333333333"
KEY_ID = "AKIAROOTKEYOFMEMBER1"
HARDWARE = "GAHT12345678"


@pytest.fixture
def audit(bench: Bench) -> Caller:
    bench.switch_on()
    return bench.assume_root(TaskPolicy.AUDIT)


@pytest.fixture
def deleter(bench: Bench) -> Caller:
    bench.switch_on()
    return bench.assume_root(TaskPolicy.DELETE_CREDENTIALS)


@pytest.fixture
def member(bench: Bench) -> AccountId:
    return bench.callers["member"].account


@pytest.fixture
def loaded(bench: Bench, member: AccountId) -> Bench:
    """The member's root user holds one of everything, and all three forms of MFA."""
    root_users = bench.world.root_users
    root_users.open_recovery(member, bench.clock())
    root_users.add_access_key(member, AccessKeyRecord(KEY_ID, Secret("s"), bench.clock()))
    certificate = CertificateRecord("CERT1", "-----BEGIN CERTIFICATE-----", bench.clock())
    root_users.add_certificate(member, certificate)
    for serial in (virtual_mfa_serial(member), passkey_serial(member, "laptop-AB12"), HARDWARE):
        root_users.add_mfa_device(member, MfaRecord(serial, bench.clock()))
    return bench


FLAGS = (
    "AccountPasswordPresent",
    "AccountAccessKeysPresent",
    "AccountMFAEnabled",
    "AccountSigningCertificatesPresent",
)


SUMMARY = {
    "AccessKeysPerUserQuota": 2,
    "AccountAccessKeysPresent": 0,
    "AccountMFAEnabled": 0,
    "AccountPasswordPresent": 0,
    "AccountSigningCertificatesPresent": 0,
    "AssumeRolePolicySizeQuota": 2048,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 20,
    "AttachedPoliciesPerUserQuota": 10,
    "GlobalEndpointTokenVersion": 1,
    "GroupPolicySizeQuota": 5120,
    "Groups": 0,
    "GroupsPerUserQuota": 10,
    "GroupsQuota": 300,
    "InstanceProfiles": 0,
    "InstanceProfilesQuota": 1000,
    "MFADevices": 0,
    "MFADevicesInUse": 0,
    "Policies": 0,
    "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144,
    "PolicyVersionsInUse": 2,
    "PolicyVersionsInUseQuota": 10000,
    "Providers": 0,
    "RolePolicySizeQuota": 10240,
    "Roles": 1,
    "RolesQuota": 1000,
    "ServerCertificates": 0,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
    "UserPolicySizeQuota": 2048,
    "Users": 1,
    "UsersQuota": 5000,
    "VersionsPerPolicyQuota": 5,
}


def test_the_summary_of_a_clean_account_has_every_entry(bench: Bench, audit: Caller) -> None:
    summary = bench.call("iam", "GetAccountSummary", audit)["SummaryMap"]
    assert summary == SUMMARY
    assert summary.keys() == set(load("iam").model.shape_for("summaryKeyType").metadata["enum"])


def test_the_summary_needs_no_root_session(loaded: Bench, audit: Caller) -> None:
    own = loaded.call("iam", "GetAccountSummary", "member")
    assert own == loaded.call("iam", "GetAccountSummary", audit)


def test_a_clean_account_has_no_flags_and_empty_lists(bench: Bench, audit: Caller) -> None:
    summary = bench.call("iam", "GetAccountSummary", audit)["SummaryMap"]
    assert [summary[flag] for flag in FLAGS] == [0, 0, 0, 0]
    assert bench.call("iam", "ListAccessKeys", audit)["AccessKeyMetadata"] == []
    assert bench.call("iam", "ListMFADevices", audit)["MFADevices"] == []
    assert bench.call("iam", "ListSigningCertificates", audit)["Certificates"] == []
    error = bench.refusal("iam", "GetLoginProfile", audit)
    assert (error.code, error.http_status, error.message) == (
        "NoSuchEntity",
        404,
        "Login Profile for User null cannot be found.",
    )


def test_a_loaded_account_shows_everything_without_user_names(loaded: Bench, audit: Caller) -> None:
    summary = loaded.call("iam", "GetAccountSummary", audit)["SummaryMap"]
    assert [summary[flag] for flag in FLAGS] == [1, 1, 1, 1]
    assert (summary["MFADevices"], summary["MFADevicesInUse"]) == (1, 3)
    keys = loaded.call("iam", "ListAccessKeys", audit)["AccessKeyMetadata"]
    assert keys == [{"AccessKeyId": KEY_ID, "Status": "Active", "CreateDate": loaded.clock()}]
    devices = loaded.call("iam", "ListMFADevices", audit)["MFADevices"]
    serials = (
        f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device",
        f"arn:aws:iam::{MEMBER}:u2f/root/laptop-AB12",
        HARDWARE,
    )
    assert devices == [{"SerialNumber": s, "EnableDate": loaded.clock()} for s in serials]
    certificates = loaded.call("iam", "ListSigningCertificates", audit)["Certificates"]
    assert certificates == [
        {
            "CertificateId": "CERT1",
            "CertificateBody": "-----BEGIN CERTIFICATE-----",
            "Status": "Active",
            "UploadDate": loaded.clock(),
        }
    ]
    profile = loaded.call("iam", "GetLoginProfile", audit)["LoginProfile"]
    assert profile == {"CreateDate": loaded.clock(), "PasswordResetRequired": False}


def test_inactive_keys_still_set_the_flag_and_no_longer_sign(loaded: Bench, audit: Caller) -> None:
    member = loaded.callers["member"].account
    loaded.world.root_users.of(member).holdings.access_keys[KEY_ID].active = False
    assert loaded.call("iam", "GetAccountSummary", audit)["SummaryMap"][FLAGS[1]] == 1
    (listed,) = loaded.call("iam", "ListAccessKeys", audit)["AccessKeyMetadata"]
    assert listed["Status"] == "Inactive"
    assert loaded.world.credential(KEY_ID) is None


def test_the_flags_are_no_counts(loaded: Bench, member: AccountId, audit: Caller) -> None:
    root_users = loaded.world.root_users
    root_users.add_access_key(member, AccessKeyRecord("AKIA2", Secret("s"), loaded.clock()))
    root_users.add_certificate(member, CertificateRecord("CERT2", "pem", loaded.clock()))
    summary = loaded.call("iam", "GetAccountSummary", audit)["SummaryMap"]
    assert [summary[flag] for flag in FLAGS] == [1, 1, 1, 1]


def test_a_key_that_never_signed_has_no_last_use_and_one_that_did_has(
    loaded: Bench, audit: Caller
) -> None:
    never = loaded.call("iam", "GetAccessKeyLastUsed", audit, AccessKeyId=KEY_ID)
    assert never == {"AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
    root_user = loaded.caller_of(KEY_ID)
    loaded.clock.forward(minutes=5)
    loaded.call("sts", "GetCallerIdentity", root_user, region="eu-west-1")
    used = loaded.call("iam", "GetAccessKeyLastUsed", audit, AccessKeyId=KEY_ID)
    assert used["AccessKeyLastUsed"] == {
        "LastUsedDate": loaded.clock(),
        "ServiceName": "sts",
        "Region": "eu-west-1",
    }


def test_the_last_use_of_a_global_service_is_in_its_one_region(
    loaded: Bench, audit: Caller
) -> None:
    loaded.call("iam", "GetUser", loaded.caller_of(KEY_ID), region="eu-west-1")
    used = loaded.call("iam", "GetAccessKeyLastUsed", audit, AccessKeyId=KEY_ID)
    assert used["AccessKeyLastUsed"]["Region"] == "us-east-1"


def test_the_key_of_an_iam_user_is_outside_the_task(bench: Bench, audit: Caller) -> None:
    key_id = bench.callers["member"].access_key_id
    error = bench.refusal("iam", "GetAccessKeyLastUsed", audit, AccessKeyId=key_id)
    assert error.code == "AccessDenied"
    assert "on resource: user member with" in error.message


def test_the_key_of_another_account_is_not_found(bench: Bench, audit: Caller) -> None:
    key_id = bench.callers["delegate"].access_key_id
    error = bench.refusal("iam", "GetAccessKeyLastUsed", audit, AccessKeyId=key_id)
    assert error.code == "NoSuchEntity"


@pytest.mark.parametrize("step", [1, -1])
def test_everything_can_be_deleted_in_any_order_and_is_gone(
    loaded: Bench, deleter: Caller, member: AccountId, step: int
) -> None:
    calls: tuple[tuple[str, dict[str, str]], ...] = (
        ("DeleteLoginProfile", {}),
        ("DeleteAccessKey", {"AccessKeyId": KEY_ID}),
        ("DeleteSigningCertificate", {"CertificateId": "CERT1"}),
        ("DeactivateMFADevice", {"SerialNumber": HARDWARE}),
        ("DeactivateMFADevice", {"SerialNumber": virtual_mfa_serial(member)}),
        ("DeactivateMFADevice", {"SerialNumber": passkey_serial(member, "laptop-AB12")}),
    )
    for operation, params in calls[::step]:
        assert loaded.call("iam", operation, deleter, **params) == {}
        error = loaded.refusal("iam", operation, deleter, **params)
        assert (error.code, error.http_status) == ("NoSuchEntity", 404)
    assert not loaded.world.root_users.of(member).holdings
    assert loaded.world.credential(KEY_ID) is None


def test_a_delete_session_cannot_read_the_summary(bench: Bench, deleter: Caller) -> None:
    error = bench.refusal("iam", "GetAccountSummary", deleter)
    assert error.message.endswith("on resource: * with an explicit deny in a session policy")


def test_an_audit_session_cannot_delete(loaded: Bench, audit: Caller) -> None:
    assert loaded.refusal("iam", "DeleteLoginProfile", audit).code == "AccessDenied"


def test_recovery_is_opened_once_and_takes_neither_name_nor_password(bench: Bench) -> None:
    bench.switch_on()
    creator = bench.assume_root(TaskPolicy.CREATE_PASSWORD)
    named = bench.refusal("iam", "CreateLoginProfile", creator, UserName="member", Password="x")
    assert named.code == "AccessDenied"
    password = bench.refusal("iam", "CreateLoginProfile", creator, Password="Abcdef12345!")
    assert password.code == "ValidationError"
    created = bench.call("iam", "CreateLoginProfile", creator)
    assert created["LoginProfile"] == {
        "CreateDate": bench.clock(),
        "PasswordResetRequired": False,
    }
    again = bench.refusal("iam", "CreateLoginProfile", creator)
    assert (again.code, again.http_status, again.message) == (
        "EntityAlreadyExists",
        409,
        f"Login Profile for account {MEMBER} already exists.",
    )


def test_get_user_has_neither_name_nor_path(bench: Bench, audit: Caller) -> None:
    assert bench.call("iam", "GetUser", audit)["User"] == {
        "UserId": MEMBER,
        "Arn": f"arn:aws:iam::{MEMBER}:root",
        "CreateDate": START - timedelta(days=400),
    }


def test_get_user_has_the_last_sign_in_of_a_root_user_that_signed_in(
    loaded: Bench, member: AccountId, audit: Caller
) -> None:
    assert "PasswordLastUsed" not in loaded.call("iam", "GetUser", audit)["User"]
    password = loaded.world.root_users.of(member).holdings.password
    assert password is not None
    password.last_used_at = loaded.clock()
    user = loaded.call("iam", "GetUser", audit)["User"]
    assert user["PasswordLastUsed"] == loaded.clock()


def test_naming_a_user_leaves_the_task(bench: Bench, audit: Caller) -> None:
    for name in ("member", "nobody"):
        error = bench.refusal("iam", "ListAccessKeys", audit, UserName=name)
        assert error.code == "AccessDenied"
        assert f"on resource: user {name} with" in error.message


def test_users_outside_root_sessions_see_their_own_things(bench: Bench) -> None:
    keys = bench.call("iam", "ListAccessKeys", "member")["AccessKeyMetadata"]
    assert [key["UserName"] for key in keys] == ["member"]
    assert bench.call("iam", "GetUser", "member")["User"]["UserName"] == "member"
    error = bench.refusal("iam", "GetUser", "member", UserName="nobody")
    assert (error.code, error.message) == (
        "NoSuchEntity",
        "The user with name nobody cannot be found.",
    )
    needs_password = bench.refusal("iam", "CreateLoginProfile", "member")
    assert needs_password.code == "ValidationError"
    bench.call("iam", "CreateLoginProfile", "member", UserName="member", Password="Abc12345!")
    assert bench.call("iam", "GetLoginProfile", "member")["LoginProfile"]["UserName"] == "member"


def test_lists_are_paged_by_marker(loaded: Bench, audit: Caller) -> None:
    first = loaded.call("iam", "ListMFADevices", audit, MaxItems=2)
    assert (len(first["MFADevices"]), first["IsTruncated"]) == (2, True)
    rest = loaded.call("iam", "ListMFADevices", audit, MaxItems=2, Marker=first["Marker"])
    assert [d["SerialNumber"] for d in rest["MFADevices"]] == [HARDWARE]
    assert "Marker" not in rest


def test_a_page_has_a_hundred_items(bench: Bench, member: AccountId) -> None:
    for number in range(100):
        bench.add_user(member, f"user-{number}")
    first = bench.call("iam", "ListUsers", "member")
    assert (len(first["Users"]), first["IsTruncated"]) == (100, True)
    rest = bench.call("iam", "ListUsers", "member", Marker=first["Marker"])
    assert (len(rest["Users"]), rest["IsTruncated"]) == (1, False)


def test_the_credential_report_has_a_root_row(loaded: Bench) -> None:
    assert loaded.refusal("iam", "GetCredentialReport", "member").code == "ReportNotPresent"
    assert loaded.call("iam", "GenerateCredentialReport", "member")["State"] == "STARTED"
    assert loaded.call("iam", "GenerateCredentialReport", "member") == {"State": "COMPLETE"}
    report = loaded.call("iam", "GetCredentialReport", "member")
    rows = list(csv.DictReader(io.StringIO(report["Content"].decode())))
    assert [row["user"] for row in rows] == ["<root_account>", "member"]
    root_row = rows[0]
    assert root_row["password_enabled"] == "true"
    assert root_row["password_last_used"] == "no_information"
    assert root_row["password_last_changed"] == "2026-10-05T08:00:00Z"
    assert root_row["password_next_rotation"] == "not_supported"
    assert root_row["mfa_active"] == "true"
    assert root_row["access_key_1_active"] == "true"
    assert root_row["access_key_2_active"] == "false"
    assert root_row["cert_1_active"] == "true"


def test_a_credential_report_lives_four_hours(loaded: Bench) -> None:
    loaded.call("iam", "GenerateCredentialReport", "member")
    loaded.clock.forward(hours=4, seconds=1)
    expired = loaded.refusal("iam", "GetCredentialReport", "member")
    assert (expired.code, expired.http_status) == ("ReportExpired", 410)
    assert loaded.call("iam", "GenerateCredentialReport", "member")["State"] == "STARTED"
    early = loaded.refusal("iam", "GetCredentialReport", "member")
    assert (early.code, early.http_status, early.message) == ("ReportInProgress", 404, "")
    loaded.clock.forward(seconds=1)
    assert loaded.call("iam", "GetCredentialReport", "member")["GeneratedTime"] == loaded.clock()
    assert loaded.call("iam", "GenerateCredentialReport", "member")["State"] == "COMPLETE"


def test_the_task_policies_can_be_read_and_others_are_not_claimed_absent(bench: Bench) -> None:
    for task in TaskPolicy:
        policy = bench.call("iam", "GetPolicy", PolicyArn=task.arn())["Policy"]
        assert (policy["PolicyName"], policy["Path"]) == (task.value, "/root-task/")
    other = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert bench.refusal("iam", "GetPolicy", PolicyArn=other).code == "NotImplemented"
    own = "arn:aws:iam::111111111111:policy/mine"
    assert bench.refusal("iam", "GetPolicy", PolicyArn=own).code == "NoSuchEntity"
    version = {"PolicyArn": TaskPolicy.AUDIT.arn(), "VersionId": "v2"}
    assert bench.refusal("iam", "GetPolicyVersion", **version).code == "NoSuchEntity"
