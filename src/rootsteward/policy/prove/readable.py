"""Texts that people recognise, to make witnesses of: real actions, plausible values of keys.

None of this decides anything: a cell that no text here falls into gets a machine-made one.
"""

from collections.abc import Mapping

EXAMPLE_ACCOUNT = "111122223333"

ACTION_NAMES: Mapping[str, tuple[str, ...]] = {
    "iam": (
        "ListUsers", "CreateUser", "CreateRole", "DeleteRole", "GetRole", "CreateAccessKey",
        "ListAccessKeys", "DeleteAccessKey", "UpdateAccessKey", "CreateLoginProfile",
        "GetLoginProfile", "DeleteLoginProfile", "UpdateLoginProfile", "ListMFADevices",
        "DeactivateMFADevice", "EnableMFADevice", "GetUser", "GetAccountSummary",
        "ListSigningCertificates", "DeleteSigningCertificate", "GetAccessKeyLastUsed",
        "AttachRolePolicy", "PutRolePolicy", "PassRole", "TagRole", "UpdateUser", "DeleteUser",
        "CreatePolicy", "SetDefaultPolicyVersion", "CreateSAMLProvider",
        "CreateServiceLinkedRole",
    ),
    "s3": (
        "GetObject", "PutObject", "DeleteObject", "ListBucket", "ListAllMyBuckets",
        "CreateBucket", "DeleteBucket", "GetBucketPolicy", "PutBucketPolicy",
        "DeleteBucketPolicy", "PutEncryptionConfiguration", "PutBucketPublicAccessBlock",
        "PutObjectAcl",
    ),
    "sqs": (
        "SendMessage", "ReceiveMessage", "CreateQueue", "DeleteQueue", "ListQueues",
        "GetQueueUrl", "GetQueueAttributes", "SetQueueAttributes", "AddPermission",
    ),
    "sts": ("AssumeRole", "GetCallerIdentity", "GetSessionToken", "AssumeRoot"),
    "ec2": (
        "DescribeInstances", "RunInstances", "TerminateInstances", "CreateVpc", "DeleteVpc",
        "CreateTags", "DeleteFlowLogs", "CreateInternetGateway", "ModifyInstanceAttribute",
    ),
    "organizations": ("LeaveOrganization", "DescribeOrganization", "ListAccounts"),
    "cloudtrail": ("StopLogging", "DeleteTrail", "DescribeTrails", "UpdateTrail"),
    "config": ("DeleteConfigRule", "StopConfigurationRecorder", "PutConfigRule"),
    "guardduty": ("DeleteDetector", "GetFindings", "UpdateDetector"),
    "kms": ("Decrypt", "Encrypt", "ScheduleKeyDeletion", "DescribeKey", "CreateGrant"),
    "lambda": ("InvokeFunction", "CreateFunction", "DeleteFunction", "UpdateFunctionCode"),
    "rds": ("DescribeDBInstances", "CreateDBInstance", "DeleteDBInstance"),
    "dynamodb": ("GetItem", "PutItem", "DeleteTable", "CreateTable"),
    "logs": ("PutLogEvents", "DeleteLogGroup", "CreateLogGroup"),
    "cloudwatch": ("GetMetricData", "DeleteAlarms"),
    "account": ("GetContactInformation", "EnableRegion", "CloseAccount"),
    "aws-portal": ("ViewBilling", "ModifyBilling"),
    "support": ("CreateCase", "DescribeCases"),
    "budgets": ("ViewBudget", "ModifyBudget"),
}  # fmt: skip
"""Names of actions by service prefix. SOURCE: the Service Authorization Reference."""

ANY_NAMES = ("Get", "List", "Create", "Update", "Delete", "Describe", "Put", "Tag")

RESOURCES = (
    "arn:aws:iam::111122223333:root",
    "*",
    "arn:aws:s3:::example-bucket",
    "arn:aws:s3:::example-bucket/example-object",
    "arn:aws:sqs:us-east-1:111122223333:example-queue",
    "arn:aws:iam::111122223333:user/example",
    "arn:aws:iam::111122223333:role/example",
    "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0",
    "arn:aws:kms:us-east-1:111122223333:key/example",
    "arn:aws:lambda:us-east-1:111122223333:function:example",
)

KEY_VALUES: Mapping[str, tuple[str, ...]] = {
    "aws:requestedregion": ("us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1"),
    "aws:principalaccount": ("111122223333", "444455556666"),
    "aws:resourceaccount": ("111122223333", "444455556666"),
    "aws:sourceaccount": ("111122223333", "444455556666"),
    "aws:sourcearn": ("arn:aws:s3:::example-bucket", "arn:aws:sns:us-east-1:444455556666:example"),
    "aws:sourceorgid": ("o-exampleorg1", "o-exampleorg2"),
    "aws:principalservicename": ("cloudtrail.amazonaws.com", "logs.amazonaws.com"),
    "aws:principalorgid": ("o-exampleorg1", "o-exampleorg2"),
    "aws:resourceorgid": ("o-exampleorg1", "o-exampleorg2"),
    "aws:sourcevpc": ("vpc-0example", "vpc-1example"),
    "aws:sourcevpce": ("vpce-0example", "vpce-1example"),
    "aws:useragent": ("aws-cli/2.22.0",),
    "aws:calledvia": ("cloudformation.amazonaws.com", "athena.amazonaws.com"),
    "sts:taskpolicyarn": (
        "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
        "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    ),
    "ec2:instancetype": ("t3.micro", "m7i.large", "p5.48xlarge"),
    "s3:x-amz-server-side-encryption": ("AES256", "aws:kms"),
    "s3:x-amz-acl": ("private", "public-read"),
}
"""Plausible values by key (lower case)."""

PLAIN_VALUES = ("example", "another", "arn:aws:iam::111122223333:role/example")


_LIKELY = {
    "dynamodb": "arn:aws:dynamodb:us-east-1:111122223333:table/example",
    "iam": "arn:aws:iam::111122223333:root",
    "kms": "arn:aws:kms:us-east-1:111122223333:key/example",
    "lambda": "arn:aws:lambda:us-east-1:111122223333:function:example",
    "s3": "arn:aws:s3:::example-bucket",
    "secretsmanager": "arn:aws:secretsmanager:us-east-1:111122223333:secret:example",
    "sqs": "arn:aws:sqs:us-east-1:111122223333:example-queue",
    "sts": "arn:aws:iam::111122223333:role/example",
}


def likely_resource(action: str, account: str = "") -> str:
    """A resource that an action is plausibly about, where any would do."""
    likely = _LIKELY.get(action.partition(":")[0].lower(), "*")
    return likely.replace(EXAMPLE_ACCOUNT, account or EXAMPLE_ACCOUNT)


def spelled_action(lower: str) -> str:
    """A known action in its own spelling; any other as it is."""
    return _SPELLED.get(lower, lower)


_SPELLED = {
    f"{service}:{name}".lower(): f"{service}:{name}"
    for service, names in ACTION_NAMES.items()
    for name in names
}
