"""What each verb of the tool needs to be allowed: the one table (docs/adr/0011).

A verb names the permissions without which it fails or reports less, and the tasks that it opens
root sessions for. What happens inside a root session is not the operator's to be granted: the task
policy says it. `sts:GetCallerIdentity` needs no permission.

SOURCE: Service Authorization Reference (rule card IAM-42), for resource types and condition keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.task_policy import TaskPolicy


class About(StrEnum):
    """What a permission is about: the resource types that AWS authorizes it on."""

    ANYTHING = "anything"
    PARENTS = "parents"
    ACCOUNTS = "accounts"
    POLICIES = "policies"
    DETECTORS = "detectors"


@dataclass(frozen=True, slots=True)
class Permission:
    """One action, on what, and what for. `condition` is a key and the one value it may have."""

    action: str
    why: str
    about: About = About.ANYTHING
    condition: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """What one command needs. `actions` are names in `PERMISSIONS`."""

    slug: str
    actions: tuple[str, ...]
    tasks: tuple[TaskPolicy, ...] = ()


_FOR_IAM = ("organizations:ServicePrincipal", "iam.amazonaws.com")
_SCPS = ("organizations:PolicyType", "SERVICE_CONTROL_POLICY")

_TABLE = (
    Permission("organizations:DescribeOrganization", "which account is the management account"),
    Permission("organizations:ListRoots", "the top of the tree, and the enabled policy types"),
    Permission(
        "organizations:ListOrganizationalUnitsForParent", "the organizational units", About.PARENTS
    ),
    Permission("organizations:ListAccounts", "the accounts, their states and units"),
    Permission("organizations:ListPolicies", "which control policies there are"),
    Permission("organizations:DescribePolicy", "what control policies say", About.POLICIES),
    Permission("organizations:ListTargetsForPolicy", "where control policies hold", About.POLICIES),
    Permission("organizations:ListTagsForResource", "tags of accounts", About.ACCOUNTS),
    Permission(
        "organizations:ListAWSServiceAccessForOrganization", "whether IAM has trusted access"
    ),
    Permission(
        "organizations:ListDelegatedAdministrators",
        "who administers root access for the organization",
        condition=_FOR_IAM,
    ),
    Permission("iam:ListOrganizationsFeatures", "which features are on"),
    Permission(
        "organizations:EnableAWSServiceAccess", "trusted access for IAM", condition=_FOR_IAM
    ),
    Permission(
        "organizations:DisableAWSServiceAccess", "trusted access for IAM", condition=_FOR_IAM
    ),
    Permission("iam:EnableOrganizationsRootCredentialsManagement", "the first feature"),
    Permission("iam:EnableOrganizationsRootSessions", "the second feature"),
    Permission("iam:DisableOrganizationsRootCredentialsManagement", "the first feature"),
    Permission("iam:DisableOrganizationsRootSessions", "the second feature"),
    Permission(
        "organizations:RegisterDelegatedAdministrator",
        "the delegated administrator",
        About.ACCOUNTS,
        _FOR_IAM,
    ),
    Permission(
        "organizations:DeregisterDelegatedAdministrator",
        "the delegated administrator",
        About.ACCOUNTS,
        _FOR_IAM,
    ),
    Permission("organizations:UpdatePolicy", "the repaired text of an SCP", About.POLICIES, _SCPS),
    Permission("guardduty:ListDetectors", "whether GuardDuty is on in the Region"),
    Permission("guardduty:ListFindings", "findings about root credentials", About.DETECTORS),
    Permission("guardduty:GetFindings", "findings about root credentials", About.DETECTORS),
    Permission("cloudtrail:LookupEvents", "the AssumeRoot calls behind findings"),
)

PERMISSIONS: Mapping[str, Permission] = {each.action: each for each in _TABLE}

_TREE = (
    "organizations:DescribeOrganization",
    "organizations:ListRoots",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListAccounts",
)
_CONTROLS = (
    *_TREE,
    "organizations:ListPolicies",
    "organizations:DescribePolicy",
    "organizations:ListTargetsForPolicy",
)
_TRUST = "organizations:ListAWSServiceAccessForOrganization"
_DELEGATES = "organizations:ListDelegatedAdministrators"
_FEATURES = "iam:ListOrganizationsFeatures"

_VERBS = (
    Verb("status", (*_TREE, _TRUST, _DELEGATES, _FEATURES)),
    Verb(
        "enable",
        (
            *_TREE,
            _TRUST,
            _FEATURES,
            "organizations:EnableAWSServiceAccess",
            "iam:EnableOrganizationsRootCredentialsManagement",
            "iam:EnableOrganizationsRootSessions",
        ),
    ),
    Verb(
        "disable",
        (
            *_TREE,
            _TRUST,
            _DELEGATES,
            _FEATURES,
            "organizations:DisableAWSServiceAccess",
            "iam:DisableOrganizationsRootCredentialsManagement",
            "iam:DisableOrganizationsRootSessions",
        ),
    ),
    Verb(
        "delegate",
        (
            *_TREE,
            _TRUST,
            _DELEGATES,
            "organizations:RegisterDelegatedAdministrator",
            "organizations:DeregisterDelegatedAdministrator",
        ),
    ),
    Verb("audit", _CONTROLS, (TaskPolicy.AUDIT,)),
    Verb("snapshot", (*_CONTROLS, _TRUST, _DELEGATES, _FEATURES)),
    Verb("preflight", _CONTROLS),
    Verb("scp-repair", (*_CONTROLS, "organizations:UpdatePolicy")),
    Verb(
        "scp-restore",
        (
            # The ledger says for which organization an act was.
            "organizations:DescribeOrganization",
            "organizations:DescribePolicy",
            "organizations:UpdatePolicy",
        ),
    ),
    Verb("delete-credentials", _CONTROLS, (TaskPolicy.AUDIT, TaskPolicy.DELETE_CREDENTIALS)),
    Verb("allow-recovery", _CONTROLS, (TaskPolicy.AUDIT, TaskPolicy.CREATE_PASSWORD)),
    Verb("close-recovery", _CONTROLS, (TaskPolicy.AUDIT, TaskPolicy.DELETE_CREDENTIALS)),
    Verb("unlock-find", _CONTROLS, (TaskPolicy.UNLOCK_BUCKET, TaskPolicy.UNLOCK_QUEUE)),
    Verb("unlock-bucket", _CONTROLS, (TaskPolicy.UNLOCK_BUCKET,)),
    Verb("unlock-queue", _CONTROLS, (TaskPolicy.UNLOCK_QUEUE,)),
    Verb("unlock-restore", _CONTROLS, (TaskPolicy.UNLOCK_BUCKET, TaskPolicy.UNLOCK_QUEUE)),
    Verb(
        "findings-list",
        (
            "guardduty:ListDetectors",
            "guardduty:ListFindings",
            "guardduty:GetFindings",
            "cloudtrail:LookupEvents",
        ),
    ),
    # `--tag` and `--exclude-tag` of every command that takes accounts, and `snapshot --tags`.
    Verb("tags", ("organizations:ListTagsForResource",)),
)

VERBS: Mapping[str, Verb] = {verb.slug: verb for verb in _VERBS}


def permissions_for(verbs: Iterable[Verb]) -> tuple[Permission, ...]:
    """The permissions of several verbs, each once, in the table's order."""
    wanted = {action for verb in verbs for action in verb.actions}
    return tuple(permission for permission in _TABLE if permission.action in wanted)


def tasks_for(verbs: Iterable[Verb]) -> tuple[TaskPolicy, ...]:
    """The tasks of several verbs, each once, in AWS's order."""
    wanted = {task for verb in verbs for task in verb.tasks}
    return tuple(task for task in TaskPolicy if task in wanted)
