"""`iam-policy`: the identity policy that an operator's role needs for some verbs, and no more."""

import json
from collections.abc import Sequence

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.operations.permissions import (
    About,
    Permission,
    Verb,
    permissions_for,
    tasks_for,
)
from rootsteward.ports.journal import JsonValue

SLUG = "iam-policy"
# SOURCE: "IAM and AWS STS quotas": characters of a managed policy, white space not counted.
MOST_CHARACTERS = 6144

Document = dict[str, JsonValue]
_Group = tuple[About, tuple[str, str] | None]


def plan(
    verbs: Sequence[Verb], *, partition: str = "aws", accounts: Sequence[AccountId] = ()
) -> Document:
    """The policy, for `aws iam create-policy`: same question, same document.

    Args:
        verbs: what the operator is to do.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        accounts: the member accounts that may be touched; all when none is named. Reading the
            tree and its policies cannot be narrowed to accounts.

    Raises:
        InputError: when it is too long for a managed policy.
    """
    statements: list[JsonValue] = [
        _statement(group, permissions, partition, accounts)
        for group, permissions in _grouped(permissions_for(verbs)).items()
    ]
    tasks = tasks_for(verbs)
    if tasks:
        task_arns: list[JsonValue] = [task.arn(partition) for task in tasks]
        targets = [root_user_arn(account, partition) for account in accounts]
        statements.append(
            {
                "Sid": "OpenRootSessions",
                "Effect": "Allow",
                "Action": "sts:AssumeRoot",
                "Resource": [*(targets or [f"arn:{partition}:iam::*:root"])],
                "Condition": {"StringEquals": {"sts:TaskPolicyArn": task_arns}},
            }
        )
    document: Document = {"Version": "2012-10-17", "Statement": statements}
    _check_size(document)
    return document


def characters(document: Document) -> int:
    """How long IAM says it is."""
    return len("".join(json.dumps(document, ensure_ascii=False).split()))


def _grouped(permissions: Sequence[Permission]) -> dict[_Group, list[Permission]]:
    groups: dict[_Group, list[Permission]] = {}
    for permission in permissions:
        groups.setdefault((permission.about, permission.condition), []).append(permission)
    return groups


def _statement(
    group: _Group,
    permissions: Sequence[Permission],
    partition: str,
    accounts: Sequence[AccountId],
) -> JsonValue:
    about, condition = group
    actions: list[JsonValue] = [permission.action for permission in permissions]
    statement: Document = {
        "Sid": _sid(about, condition),
        "Effect": "Allow",
        "Action": actions,
        "Resource": [*resources(about, partition, accounts)],
    }
    if condition is not None:
        statement["Condition"] = {"StringEquals": {condition[0]: condition[1]}}
    return statement


def _sid(about: About, condition: tuple[str, str] | None) -> str:
    """A name that says what the statement is about; letters only, as IAM wants it."""
    last = condition[0].rpartition(":")[2] if condition else ""
    return f"About{about.value.capitalize()}{f'With{last}' if last else ''}"


def resources(about: About, partition: str, accounts: Sequence[AccountId] = ()) -> tuple[str, ...]:
    """The ARN patterns of what a permission is about (rule card IAM-42)."""
    organizations = f"arn:{partition}:organizations::"
    match about:
        case About.ANYTHING:
            return ("*",)
        case About.PARENTS:
            return f"{organizations}*:root/o-*/r-*", f"{organizations}*:ou/o-*/ou-*"
        case About.ACCOUNTS:
            return tuple(f"{organizations}*:account/o-*/{each}" for each in accounts or ("*",))
        case About.POLICIES:
            # AWS's own policies have no organization in their ARN.
            return f"{organizations}*:policy/o-*/*", f"{organizations}aws:policy/*"
        case About.DETECTORS:
            return (f"arn:{partition}:guardduty:*:*:detector/*",)


def _check_size(document: Document) -> None:
    length = characters(document)
    if length > MOST_CHARACTERS:
        raise InputError(
            f"the policy has {length:,} characters; a managed policy holds {MOST_CHARACTERS:,}",
            help="name fewer accounts, or attach several policies with some of the accounts each",
        )
