"""What IAM says of a whole account: the summary and the credential report."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, zip_longest

from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.iam.service_roles import ensure_service_role
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.credentials import Holdings
from rootsteward.sandbox.world.world import World

# SOURCE: recording root_sessions, case summary_before: a fresh member with the default quotas.
_QUOTAS: Mapping[str, int] = {
    "AccessKeysPerUserQuota": 2,
    "AssumeRolePolicySizeQuota": 2048,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 20,
    "AttachedPoliciesPerUserQuota": 10,
    "GlobalEndpointTokenVersion": 1,
    "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10,
    "GroupsQuota": 300,
    "InstanceProfilesQuota": 1000,
    "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144,
    "PolicyVersionsInUseQuota": 10000,
    "RolePolicySizeQuota": 10240,
    "RolesQuota": 1000,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
    "UserPolicySizeQuota": 2048,
    "UsersQuota": 5000,
    "VersionsPerPolicyQuota": 5,
}
# The sandbox has none of these.
_NONE_HERE = (
    "Groups", "InstanceProfiles", "Providers", "ServerCertificates",
)  # fmt: skip

_COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used",
    "password_last_changed", "password_next_rotation", "mfa_active",
    "access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date",
    "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service",
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip
_SLOTS = 2
# SOURCE: IAM user guide, credential reports: one that is younger is given again.
_REPORT_LIFETIME = timedelta(hours=4)
# SOURCE: recording credential_report.json: not there after 0.97 seconds, there after 1.9.
_REPORT_TIME = timedelta(seconds=1)
_ABSENT = "N/A"
_NO_MESSAGE = ""


def _operation(name: str, handle: Callable[[World, Call], Output]) -> Operation:
    """An operation on the account: the resource is always `*` (rule card IAM-01)."""

    def needs(_world: World, call: Call) -> Sequence[Need]:
        return (Need(f"iam:{name}", "*", call.caller.account),)

    return Operation(needs, handle)


def _summary(world: World, call: Call) -> Output:
    account = call.caller.account
    ensure_service_role(world, account)
    held = world.root_users.of(account).holdings
    users = tuple(world.identities.users_in(account))
    everybody = (held, *(user.holdings for user in users))
    return {
        "SummaryMap": {
            **_QUOTAS,
            **dict.fromkeys(_NONE_HERE, 0),
            "Users": len(users),
            "Roles": sum(1 for _ in world.identities.roles_in(account)),
            "Policies": sum(1 for _ in world.managed_policies.of(account)),
            "PolicyVersionsInUse": _versions_in_use(world, account),
            "MFADevices": sum(_virtual_devices(each) for each in everybody)
            + sum(1 for _ in world.virtual_devices.unassigned(account)),
            "MFADevicesInUse": sum(len(each.mfa_devices) for each in everybody),
            # Rule card IAM-02: flags, not counts; an inactive key or certificate counts.
            "AccountAccessKeysPresent": int(bool(held.access_keys)),
            "AccountMFAEnabled": int(bool(held.mfa_devices)),
            "AccountPasswordPresent": int(held.password is not None),
            "AccountSigningCertificatesPresent": int(bool(held.certificates)),
        }
    }


def _versions_in_use(world: World, account: AccountId) -> int:
    """Managed policies that somebody holds, AWS's own included; each is in use by one version.

    A permissions boundary is held, too (rule card IAM-25).
    """
    holders = tuple(world.identities.holders_in(account))
    boundaries = {holder.boundary.name for holder in holders if holder.boundary}
    return len(boundaries | {arn for holder in holders for arn in holder.managed})


def _virtual_devices(holdings: Holdings) -> int:
    return sum(1 for serial in holdings.mfa_devices if ":mfa/" in serial)


def _generate_report(world: World, call: Call) -> Output:
    """A report is made when there is none of the last four hours (rule card IAM-08)."""
    account, now = call.caller.account, world.now()
    found = world.credential_reports.get(account)
    if found is not None and not _is_old(world, found[0]):
        # WHY `min`: who asks a second time is told that it is there, however soon that is.
        world.credential_reports[account] = (min(found[0], now), found[1])
        return {"State": "COMPLETE"}
    world.credential_reports[account] = (now + _REPORT_TIME, _report(world, account))
    return {
        "State": "STARTED",
        "Description": "No report exists. Starting a new report generation task",
    }


def _is_old(world: World, generated_at: datetime) -> bool:
    return world.now() - generated_at >= _REPORT_LIFETIME


def _get_report(world: World, call: Call) -> Output:
    found = world.credential_reports.get(call.caller.account)
    if found is None:
        raise ServiceError("ReportNotPresent", _NO_MESSAGE, 410)
    generated_at, text = found
    if world.now() < generated_at:
        raise ServiceError("ReportInProgress", _NO_MESSAGE, 404)
    if _is_old(world, generated_at):
        raise ServiceError("ReportExpired", _NO_MESSAGE, 410)
    return {
        "Content": text.encode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": generated_at,
    }


def _report(world: World, account: AccountId) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    record = world.organization.accounts.get(account)
    held = world.root_users.of(account).holdings
    created_at = record.joined_at if record else None
    root_row = _row("<root_account>", root_user_arn(account), created_at, held)
    if held.password is not None:
        root_row |= {"password_next_rotation": "not_supported"}
    writer.writerow(root_row)
    users = world.identities.users_in(account)
    for user in sorted(users, key=lambda user: user.name.casefold()):
        writer.writerow(_row(user.name, user.arn, user.created_at, user.holdings))
    return text.getvalue().rstrip("\n")


def _row(user: str, arn: str, created_at: datetime | None, held: Holdings) -> dict[str, str]:
    password = held.password
    row = {
        "user": user,
        "arn": arn,
        "user_creation_time": _time(created_at),
        "password_enabled": _flag(password is not None),
        "password_last_used": _time(password.last_used_at, "no_information")
        if password
        else _ABSENT,
        "password_last_changed": _time(password.created_at) if password else _ABSENT,
        # LIMIT: no account of the sandbox has a password policy that makes them expire.
        "password_next_rotation": _ABSENT,
        "mfa_active": _flag(bool(held.mfa_devices)),
    }
    keys = islice(sorted(held.keys(), key=lambda key: key.id), _SLOTS)
    for number, key in zip_longest(range(1, _SLOTS + 1), keys):
        row |= {
            f"access_key_{number}_active": _flag(key is not None and key.active),
            f"access_key_{number}_last_rotated": _time(key.created_at if key else None),
            f"access_key_{number}_last_used_date": _time(key.last_used_at if key else None),
            f"access_key_{number}_last_used_region": (key and key.last_used_region) or _ABSENT,
            f"access_key_{number}_last_used_service": (key and key.last_used_service) or _ABSENT,
        }
    certificates = islice(sorted(held.certificates.values(), key=lambda c: c.active), _SLOTS)
    for number, certificate in zip_longest(range(1, _SLOTS + 1), certificates):
        row |= {
            f"cert_{number}_active": _flag(certificate is not None and certificate.active),
            f"cert_{number}_last_rotated": _time(certificate.uploaded_at if certificate else None),
        }
    return row


def _time(at: datetime | None, absent: str = _ABSENT) -> str:
    return absent if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _flag(value: bool) -> str:  # noqa: FBT001 (the value itself)
    return "true" if value else "false"


def _aliases(_world: World, _call: Call) -> Output:
    """LIMIT: no account of the sandbox has an alias."""
    return {"AccountAliases": [], "IsTruncated": False}


def _properties(_world: World, _call: Call) -> Output:
    """The one property that was recorded (rule card IAM-16).

    LIMIT: no account of the sandbox has changed it; there is no `PutAccountProperties`.
    """
    return {"Properties": {"RoleManager/Enabled": "false"}}


ACCOUNT_OPERATIONS: Operations = {
    "GetAccountProperties": _operation("GetAccountProperties", _properties),
    "ListAccountAliases": _operation("ListAccountAliases", _aliases),
    "GetAccountSummary": _operation("GetAccountSummary", _summary),
    "GenerateCredentialReport": _operation("GenerateCredentialReport", _generate_report),
    "GetCredentialReport": _operation("GetCredentialReport", _get_report),
}
