"""Actions that RCPs speak about for certain.

RCPs speak about an action when the service supports them and the action has a resource type in the
Service Authorization Reference (rule card RCP-20). The whole reference is not kept here: for an
action that is not listed a proof has to hold either way.
"""

from collections.abc import Iterable, Mapping

from rootsteward.policy.prove.action_cells import service_of

_NAMES: Mapping[str, tuple[str, ...]] = {
    "s3": (
        "AbortMultipartUpload", "DeleteBucket", "DeleteBucketPolicy", "DeleteObject",
        "DeleteObjectTagging", "DeleteObjectVersion", "GetBucketAcl", "GetBucketLocation",
        "GetBucketPolicy", "GetBucketPublicAccessBlock", "GetBucketTagging", "GetBucketVersioning",
        "GetEncryptionConfiguration", "GetLifecycleConfiguration", "GetObject", "GetObjectAcl",
        "GetObjectTagging", "GetObjectVersion", "ListBucket", "ListBucketMultipartUploads",
        "ListBucketVersions", "ListMultipartUploadParts", "PutBucketAcl", "PutBucketPolicy",
        "PutBucketPublicAccessBlock", "PutBucketTagging", "PutBucketVersioning",
        "PutEncryptionConfiguration", "PutLifecycleConfiguration", "PutObject", "PutObjectAcl",
        "PutObjectTagging", "ReplicateObject", "RestoreObject",
    ),
    "sqs": (
        "AddPermission", "ChangeMessageVisibility", "CreateQueue", "DeleteMessage", "DeleteQueue",
        "GetQueueAttributes", "GetQueueUrl", "PurgeQueue", "ReceiveMessage", "RemovePermission",
        "SendMessage", "SetQueueAttributes",
    ),
    "sts": ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"),
    "kms": (
        "CancelKeyDeletion", "CreateGrant", "Decrypt", "DescribeKey", "DisableKey", "Encrypt",
        "GenerateDataKey", "GetKeyPolicy", "ListGrants", "PutKeyPolicy", "ReEncryptFrom",
        "ReEncryptTo", "ScheduleKeyDeletion", "Sign", "Verify",
    ),
    "secretsmanager": (
        "CreateSecret", "DeleteSecret", "DescribeSecret", "GetResourcePolicy", "GetSecretValue",
        "PutResourcePolicy", "PutSecretValue", "RotateSecret", "UpdateSecret",
    ),
    "dynamodb": (
        "DeleteItem", "DeleteTable", "DescribeTable", "GetItem", "PutItem", "Query", "Scan",
        "UpdateItem", "UpdateTable",
    ),
    "ecr": (
        "BatchGetImage", "CreateRepository", "DeleteRepository", "GetDownloadUrlForLayer",
        "PutImage", "SetRepositoryPolicy",
    ),
    "logs": ("CreateLogStream", "DeleteLogGroup", "FilterLogEvents", "PutLogEvents"),
    "cognito-idp": ("AdminCreateUser", "DeleteUserPool", "DescribeUserPool"),
}  # fmt: skip
"""SOURCE: the Service Authorization Reference, actions with a resource type."""

_BY_SERVICE = {
    service: tuple(f"{service}:{name}".lower() for name in names)
    for service, names in _NAMES.items()
}
COVERED = frozenset(action for actions in _BY_SERVICE.values() for action in actions)
"""In lower case."""


def covered_among(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The actions to tell apart beside lists of patterns: those of the services they name."""
    services = {service_of(pattern) for patterns in lists for pattern in patterns}
    found = _BY_SERVICE if "" in services else services
    return tuple(action for s in sorted(found) for action in _BY_SERVICE.get(s, ()))
