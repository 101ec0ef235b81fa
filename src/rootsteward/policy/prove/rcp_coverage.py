"""Which actions RCPs speak about, as far as it is certain.

RCPs speak about an action when the service supports them and the action has a resource type in the
Service Authorization Reference (rule card RCP-20). The whole reference is not kept here: for an
action that is not listed, of a service that is, a proof has to hold either way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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

SUPPORTED = frozenset(
    {
        "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets",
        "clouddirectory", "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact",
        "codebuild", "codecommit", "codepipeline", "cognito-identity", "cognito-idp",
        "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub",
        "dax", "dsql", "dynamodb", "ecr", "ecr-public", "es", "events", "firehose", "fis",
        "fms", "gamelift", "health", "inspector-scan", "kendra", "kinesisvideo", "kms",
        "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
        "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups",
        "rolesanywhere", "s3", "secretsmanager", "servicediscovery", "signin", "sqs", "sts",
        "support", "swf", "textract", "timestream-influxdb", "transcribe", "transfer",
        "translate", "wafv2", "workspaces", "xray",
    }
)  # fmt: skip
"""Prefixes of the services that RCPs apply to. SOURCE: the same page as rule card RCP-20, in 2026.

LIMIT: the list grows; a service that an RCP names is taken to be on it.
"""

_BY_SERVICE = {
    service: tuple(f"{service}:{name}".lower() for name in names)
    for service, names in _NAMES.items()
}
COVERED = frozenset(action for actions in _BY_SERVICE.values() for action in actions)
"""In lower case."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is certain, given the services that the RCPs in question name."""

    services: frozenset[str]

    @classmethod
    def beside(cls, patterns: Iterable[str]) -> "Coverage":
        """With the services of the action patterns of RCPs."""
        return cls(SUPPORTED | {service_of(pattern) for pattern in patterns} - {""})

    def of(self, action: str) -> bool | None:
        """Whether RCPs speak about an action in lower case; None when nobody here knows."""
        if action in COVERED:
            return True
        return None if action.partition(":")[0] in self.services else False

    def told_apart(self, only: frozenset[str] | None) -> tuple[tuple[str, ...], ...]:
        """Lists of patterns that tell the actions apart; `only` the services in question."""
        services = sorted(self.services if only is None else self.services & only)
        certain = tuple(action for s in services for action in _BY_SERVICE.get(s, ()))
        return certain, tuple(f"{service}:*" for service in services)
