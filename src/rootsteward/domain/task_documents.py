"""The five task policies as documents, in the form that is live in the service.

SOURCE: recording root_access, `GetPolicyVersion` of each policy (rule card ROOT-10). Where the
published reference differs, the live document stands: it still names
`iam:DeleteVirtualMFADevice` and uses `StringNotLike` for S3 (rule card TASK-01).
"""

import json
from collections.abc import Mapping
from typing import Any

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.task_policy import TaskPolicy

_ROOT_USERS = "arn:aws:iam::*:root"

_AUDIT_READS = (
    "iam:ListAccessKeys",
    "iam:ListSigningCertificates",
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
)
_DELETES = (
    "iam:DeleteAccessKey",
    "iam:DeleteSigningCertificate",
    "iam:DeleteLoginProfile",
    "iam:DeactivateMFADevice",
    "iam:DeleteVirtualMFADevice",
    *_AUDIT_READS,
    "iam:GetUser",
    "iam:GetAccessKeyLastUsed",
)
_PASSWORD = ("iam:CreateLoginProfile", "iam:GetLoginProfile")
_BUCKET = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:ListAllMyBuckets",
)
_QUEUE = ("sqs:SetQueueAttributes", "sqs:GetQueueAttributes", "sqs:ListQueues", "sqs:GetQueueUrl")


def task_document(task: TaskPolicy, partition: str = "aws") -> NamedDocument:
    """The document of a task policy, named by its ARN.

    Only the name follows the partition: the text names `arn:aws:` as the live commercial document
    does, since no document of another partition has been seen (rule card ROOT-10).
    """
    return NamedDocument(task.arn(partition), _TEXTS[task])


# WHY Any: JSON documents, written here only to be serialized.
def _deny_others(actions: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Sid": "DenyAllOtherActionsOnAnyResource",
        "Effect": "Deny",
        "NotAction": list(actions),
        "Resource": "*",
    }


def _deny_elsewhere(sid: str, actions: tuple[str, ...]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": list(actions), "NotResource": _ROOT_USERS}


def _deny_other_callers(sid: str, actions: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"StringNotLike": {"aws:PrincipalArn": _ROOT_USERS}},
    }


_DENY_FOREIGN_QUEUES = {
    "Sid": "DenyGettingQueueAttributesOnNonOwnQueue",
    "Effect": "Deny",
    "Action": ["sqs:GetQueueAttributes"],
    "Resource": "arn:aws:sqs:*:*:*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:ResourceAccount": ["${aws:PrincipalAccount}"]},
    },
}

_STATEMENTS: Mapping[TaskPolicy, list[dict[str, Any]]] = {
    TaskPolicy.AUDIT: [
        _deny_others(
            (*_AUDIT_READS, "iam:GetAccountSummary", "iam:GetUser", "iam:GetAccessKeyLastUsed")
        ),
        _deny_elsewhere(
            "DenyAuditingCredentialsOnNonRootUserResource",
            (*_AUDIT_READS, "iam:GetUser", "iam:GetAccessKeyLastUsed"),
        ),
    ],
    TaskPolicy.CREATE_PASSWORD: [
        _deny_others(_PASSWORD),
        _deny_elsewhere("DenyCreatingPasswordOnNonRootUserResource", _PASSWORD),
    ],
    TaskPolicy.DELETE_CREDENTIALS: [
        _deny_others(_DELETES),
        _deny_elsewhere("DenyDeletingRootUserCredentialsOnNonRootUserResource", _DELETES),
    ],
    TaskPolicy.UNLOCK_BUCKET: [
        _deny_others(_BUCKET),
        _deny_other_callers("DenyManagingBucketPolicyForNonRootCallers", _BUCKET),
    ],
    TaskPolicy.UNLOCK_QUEUE: [
        _deny_others(_QUEUE),
        _DENY_FOREIGN_QUEUES,
        _deny_other_callers("DenyActionsForNonRootUser", _QUEUE),
    ],
}

_TEXTS = {
    task: json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    for task, statements in _STATEMENTS.items()
}
