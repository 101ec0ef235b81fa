"""The shape of a scenario file. Every field's description is also the text of its error message.

`docs/scenarios.md` explains the fields to people who write scenarios; `json_schema` gives the
same to editors.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.behaviour import FaultRules

AccountNumber = Annotated[
    str, Field(pattern=r"^[0-9]{12}$", description="an account id: twelve digits in quotes")
]
Name = Annotated[
    str, Field(min_length=1, max_length=128, description="a name: 1 to 128 characters")
]
Email = Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$", description="an e-mail address")]
Region = Annotated[
    str,
    Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$", description="a Region, such as `us-east-1`"),
]
ServicePrincipal = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9.-]+\.amazonaws\.com$",
        description="a service principal, such as `iam.amazonaws.com`",
    ),
]
Days = Annotated[
    float, Field(ge=0, le=10_000, description="a number of days before now, 0 or more")
]
ProfileName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_.-]{1,64}$",
        description="a profile name: 1 to 64 letters, digits, `_`, `.` or `-`",
    ),
]
# SOURCE: the model of IAM, `serialNumberType`.
_SERIAL_LENGTH = 9
# A policy document, as a YAML mapping or as its own JSON text.
Document = dict[str, Any] | str
DOCUMENT = "a policy document: a mapping, or its JSON text"


class Model(BaseModel):
    """What all parts share: nothing unknown, nothing converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PasswordSpec(Model):
    """A console password."""

    created_days_ago: Days = 900
    last_used_days_ago: Days | None = Field(
        default=None, description="a number of days before now, 0 or more; leave it out for never"
    )


class AccessKeySpec(Model):
    """A long-term access key. Its id and secret follow from the seed."""

    active: bool = Field(default=True, description="true or false")
    created_days_ago: Days = 700
    last_used_days_ago: Days | None = Field(
        default=None, description="a number of days before now, 0 or more; leave it out for never"
    )
    last_used_service: str | None = Field(default=None, description="a service, such as `s3`")
    last_used_region: Region | None = None
    profile: ProfileName | None = None


class CertificateSpec(Model):
    """A signing certificate."""

    active: bool = Field(default=True, description="true or false")
    uploaded_days_ago: Days = 1500


class MfaSpec(Model):
    """An MFA device of a root user."""

    kind: Literal["virtual", "passkey", "hardware"] = Field(
        description="`virtual`, `passkey` or `hardware`"
    )
    name: str | None = Field(
        default=None,
        pattern=r"^[\w+=/:,.@-]{1,128}$",
        description="a device name, or a serial number of 9 characters or more for hardware",
    )
    enabled_days_ago: Days = 800

    @field_validator("name")
    @classmethod
    def _serial_numbers_are_long(cls, name: str | None, info: ValidationInfo) -> str | None:
        # WHY: no call could name a shorter one (rule card ROOT-09).
        if info.data.get("kind") == "hardware" and name is not None and len(name) < _SERIAL_LENGTH:
            raise ValueError("too short for a serial number")
        return name


class RootUserSpec(Model):
    """What an account's root user holds; nothing when the field is left out."""

    password: PasswordSpec | None = None
    access_keys: list[AccessKeySpec] = Field(
        default=[], max_length=2, description="at most two keys"
    )
    certificates: list[CertificateSpec] = Field(
        default=[], max_length=2, description="at most two signing certificates"
    )
    mfa: list[MfaSpec] = Field(default=[], max_length=8, description="at most eight MFA devices")


class UserSpec(Model):
    """An IAM user."""

    name: Name
    path: str = Field(
        default="/", pattern=r"^/([\w+=,.@-]+/)*$", description="a path, `/` at both ends"
    )
    managed_policies: list[str] = Field(
        default=[], description="names of AWS managed policies that the sandbox has"
    )
    inline_policies: dict[str, Document] = Field(default={}, description="policy documents by name")
    access_keys: list[AccessKeySpec] = Field(
        default=[], max_length=2, description="at most two keys"
    )


class RoleSpec(Model):
    """A role. Who may assume it: `trust`, or every principal of the accounts in `trusts`."""

    name: Name
    path: str = Field(
        default="/", pattern=r"^/([\w+=,.@-]+/)*$", description="a path, `/` at both ends"
    )
    trust: Document | None = Field(default=None, description=DOCUMENT)
    trusts: list[str] = Field(default=[], description="names or ids of accounts")
    managed_policies: list[str] = Field(
        default=[], description="names of AWS managed policies that the sandbox has"
    )
    inline_policies: dict[str, Document] = Field(default={}, description="policy documents by name")
    profile: ProfileName | None = None
    source_profile: ProfileName | None = None


class BucketSpec(Model):
    """A bucket, with objects as text by key."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="a bucket name: 3 to 63 small letters, digits, dots or hyphens",
    )
    region: Region | None = None
    policy: Document | None = Field(default=None, description=DOCUMENT)
    objects: dict[str, str] = Field(default={}, description="texts by object key")


class QueueSpec(Model):
    """A queue, with the messages that wait in it."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,80}$",
        description="a queue name: 1 to 80 letters, digits, `_` or `-`",
    )
    region: Region | None = None
    policy: Document | None = Field(default=None, description=DOCUMENT)
    messages: list[str] = Field(default=[], description="texts")


class ManagementSpec(Model):
    """The management account, and what every account can hold."""

    id: AccountNumber
    name: Name
    email: Email
    joined_days_ago: Days = 1200
    tags: dict[str, str] = Field(default={}, description="texts by tag key")
    root_user: RootUserSpec = RootUserSpec()
    users: list[UserSpec] = Field(default=[], description="a list of users")
    roles: list[RoleSpec] = Field(default=[], description="a list of roles")
    buckets: list[BucketSpec] = Field(default=[], description="a list of buckets")
    queues: list[QueueSpec] = Field(default=[], description="a list of queues")


class AccountSpec(ManagementSpec):
    """A member account. Without `unit` it is directly below the organization's root."""

    unit: str | None = Field(
        default=None, description="the path of a unit, such as `Workloads/Prod`"
    )
    state: Literal["ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"] = Field(
        default="ACTIVE", description="`ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`"
    )


class UnitSpec(Model):
    """An organizational unit and the units in it."""

    name: Name
    units: list["UnitSpec"] = Field(default=[], description="a list of units")


class ControlPolicySpec(Model):
    """An SCP or RCP, and where it is attached."""

    name: Name
    type: Literal["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"] = Field(
        default="SERVICE_CONTROL_POLICY",
        description="`SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`",
    )
    description: str = Field(default="", max_length=512, description="up to 512 characters")
    content: Document = Field(description=DOCUMENT)
    attach: list[str] = Field(
        default=[], description="`Root`, paths of units, names or ids of accounts"
    )


class OrganizationSpec(Model):
    """The tree and its switches."""

    management: ManagementSpec
    units: list[UnitSpec] = Field(default=[], description="a list of units")
    policy_types: list[Literal["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]] = Field(
        default=["SERVICE_CONTROL_POLICY"],
        description="`SERVICE_CONTROL_POLICY` and `RESOURCE_CONTROL_POLICY`",
    )
    policies: list[ControlPolicySpec] = Field(default=[], description="a list of control policies")
    without_full_access: list[str] = Field(
        default=[],
        description="`Root`, paths of units, names or ids of accounts with an SCP of their own",
    )
    trusted_services: list[ServicePrincipal] = Field(default=[], description="service principals")
    delegated_administrators: dict[ServicePrincipal, list[str]] = Field(
        default={}, description="names or ids of accounts by service principal"
    )
    root_features: list[Literal["RootCredentialsManagement", "RootSessions"]] = Field(
        default=[], description=" and ".join(f"`{feature.value}`" for feature in RootFeature)
    )


class GuardDutySpec(Model):
    """Where GuardDuty is on: every account that is active, unless `accounts` names some."""

    regions: list[Region] = Field(min_length=1, description="Regions of the scenario")
    accounts: list[str] | None = Field(default=None, description="names or ids of accounts")
    administrator: str | None = Field(default=None, description="the name or id of an account")
    delay_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        default=0, description="seconds until a finding shows, 0 to 86400"
    )


class GeneratedPolicySpec(Model):
    """An SCP that occurs in several numbered copies, each attached to some generated units."""

    name: Name
    copies: int = Field(default=1, ge=1, le=1000, description="how many copies, 1 to 1000")
    units: int = Field(ge=1, le=1000, description="units for each copy, 1 to 1000")
    content: Document = Field(description=DOCUMENT)


class GeneratedSpec(Model):
    """Further member accounts, made up from a seed, in units below one unit of their own."""

    accounts: int = Field(ge=1, le=50_000, description="how many accounts, 1 to 50000")
    seed: int = Field(default=1, ge=0, description="a whole number, 0 or more")
    accounts_per_unit: int = Field(
        default=250, ge=25, le=1000, description="a whole number, 25 to 1000"
    )
    unit_levels: int = Field(default=2, ge=2, le=5, description="a whole number, 2 to 5")
    policies: list[GeneratedPolicySpec] = Field(
        default=[], description="a list of policies with copies"
    )


class Scenario(Model):
    """A world to start from. The first Region is home."""

    description: str = Field(default="", description="text")
    seed: int = Field(default=1, ge=0, description="a whole number, 0 or more")
    regions: list[Region] = Field(min_length=1, description="at least one Region")
    organization: OrganizationSpec
    accounts: list[AccountSpec] = Field(default=[], description="a list of member accounts")
    member_roles: list[RoleSpec] = Field(
        default=[], description="roles that every member account has"
    )
    guardduty: GuardDutySpec | None = None
    generated: GeneratedSpec | None = None
    faults: FaultRules = FaultRules()
    throttle: bool = Field(default=False, description="true or false")
    realistic: bool = Field(default=False, description="true or false")


def document_text(document: Document) -> str:
    """A policy document's own text; a mapping is written as the console would."""
    return document if isinstance(document, str) else json.dumps(document, indent=2)


def json_schema() -> dict[str, Any]:
    """The schema of scenario files, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(),
    }


def schema_text() -> str:
    """The content of `docs/scenario.schema.json`."""
    return json.dumps(json_schema(), indent=2, sort_keys=True) + "\n"
