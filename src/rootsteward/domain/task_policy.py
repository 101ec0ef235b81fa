"""The five AWS managed task policies that `sts:AssumeRoot` accepts.

SOURCE: the IAM user guide, "Perform a privileged task on a member account" and the managed policy
reference; documents as published, with the differences that `docs/rules/TASK-01.md` lists.
"""

from enum import StrEnum

from rootsteward.domain.errors import InputError


class RootFeature(StrEnum):
    """The two switches of centralized root access, spelled as IAM spells them."""

    CREDENTIALS_MANAGEMENT = "RootCredentialsManagement"
    SESSIONS = "RootSessions"


class TaskPolicy(StrEnum):
    """The scope of a root session; the value is the policy's name."""

    AUDIT = "IAMAuditRootUserCredentials"
    CREATE_PASSWORD = "IAMCreateRootUserPassword"  # noqa: S105 (a policy's name)
    DELETE_CREDENTIALS = "IAMDeleteRootUserCredentials"
    UNLOCK_BUCKET = "S3UnlockBucketPolicy"
    UNLOCK_QUEUE = "SQSUnlockQueuePolicy"

    def arn(self, partition: str = "aws") -> str:
        """The ARN to hand to `AssumeRoot`."""
        return f"arn:{partition}:iam::aws:policy/root-task/{self.value}"

    @property
    def feature(self) -> RootFeature:
        """The switch that must be on for this task (rule card ROOT-02)."""
        if self in {TaskPolicy.UNLOCK_BUCKET, TaskPolicy.UNLOCK_QUEUE}:
            return RootFeature.SESSIONS
        return RootFeature.CREDENTIALS_MANAGEMENT

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions a session under this task can carry out, in the order AWS lists them.

        `iam:DeleteVirtualMFADevice` is in the live delete document but can never pass its own
        second statement, so it is left out here (rule card TASK-01).
        """
        return _ACTIONS[self]

    @property
    def slug(self) -> str:
        """The short name used on the command line and in reports."""
        return _SLUGS[self]

    @classmethod
    def from_arn(cls, arn: str) -> "TaskPolicy":
        """Find the task policy an ARN names.

        Raises:
            InputError: when the ARN is not one of the five.
        """
        _, _, name = arn.rpartition(":policy/root-task/")
        try:
            return cls(name)
        except ValueError:
            raise InputError(
                f"`{arn}` is not a root task policy",
                help="the five are " + ", ".join(task.arn() for task in cls),
            ) from None


_ACTIONS = {
    TaskPolicy.AUDIT: (
        "iam:ListAccessKeys",
        "iam:ListSigningCertificates",
        "iam:GetLoginProfile",
        "iam:ListMFADevices",
        "iam:GetAccountSummary",
        "iam:GetUser",
        "iam:GetAccessKeyLastUsed",
    ),
    TaskPolicy.CREATE_PASSWORD: ("iam:CreateLoginProfile", "iam:GetLoginProfile"),
    TaskPolicy.DELETE_CREDENTIALS: (
        "iam:DeleteAccessKey",
        "iam:DeleteSigningCertificate",
        "iam:DeleteLoginProfile",
        "iam:DeactivateMFADevice",
        "iam:ListAccessKeys",
        "iam:ListSigningCertificates",
        "iam:GetLoginProfile",
        "iam:ListMFADevices",
        "iam:GetUser",
        "iam:GetAccessKeyLastUsed",
    ),
    TaskPolicy.UNLOCK_BUCKET: (
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:ListAllMyBuckets",
    ),
    TaskPolicy.UNLOCK_QUEUE: (
        "sqs:SetQueueAttributes",
        "sqs:GetQueueAttributes",
        "sqs:ListQueues",
        "sqs:GetQueueUrl",
    ),
}

_SLUGS = {
    TaskPolicy.AUDIT: "audit",
    TaskPolicy.CREATE_PASSWORD: "allow-recovery",
    TaskPolicy.DELETE_CREDENTIALS: "delete-credentials",
    TaskPolicy.UNLOCK_BUCKET: "unlock-bucket",
    TaskPolicy.UNLOCK_QUEUE: "unlock-queue",
}
