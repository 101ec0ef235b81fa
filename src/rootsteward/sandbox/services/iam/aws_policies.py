"""The managed policies of AWS that the sandbox has: the five of root tasks, and two more.

Rule card ROOT-10 for those of the tasks; IAM-12 says what may be done with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.task_documents import task_document
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS

_USE_ONLY_WITH = "Use this managed policy only with the STS AssumeRoot action."
_BY = "using the Security Token Service (STS) AssumeRoot API."


@dataclass(frozen=True, slots=True)
class AwsPolicy:
    """A managed policy of AWS. It has one version."""

    document: NamedDocument
    unique_id: str
    published_at: datetime
    description: str
    path: str = "/"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.document.name

    @property
    def name(self) -> str:
        """Its name, which is the last part of the ARN."""
        return self.arn.rpartition("/")[2]


def _task(
    task: TaskPolicy, unique_id: str, at: tuple[int, int, int], description: str
) -> AwsPolicy:
    return AwsPolicy(
        document=NamedDocument(task.arn(), task_document(task).text),
        unique_id=unique_id,
        published_at=datetime(2024, 11, 6, *at, tzinfo=UTC),
        description=description,
        path="/root-task/",
    )


# SOURCE: recording root_access, `GetPolicy` (id, time of publication, description).
_POLICIES = (
    AwsPolicy(
        document=ADMINISTRATOR_ACCESS,
        # SOURCE: AWS managed policy reference, page AdministratorAccess, and the id that every
        # account shows.
        unique_id="ANPAIWMBCKSKIEE64ZLYK",
        published_at=datetime(2015, 2, 6, 18, 39, 46, tzinfo=UTC),
        description="Provides full access to AWS services and resources.",
    ),
    AwsPolicy(
        # SOURCE: AWS managed policy reference, page AWSOrganizationsServiceTrustPolicy; the id is
        # made up.
        document=NamedDocument(
            "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy",
            '{"Version":"2012-10-17","Statement":[{"Sid":"AllowDeletionOfServiceLinkedRoleFor'
            'Organizations","Effect":"Allow","Action":["iam:DeleteRole"],"Resource":["arn:aws:'
            'iam::*:role/aws-service-role/organizations.amazonaws.com/*"]},{"Sid":"AllowCreation'
            'OfServiceLinkedRoles","Effect":"Allow","Action":["iam:CreateServiceLinkedRole"],'
            '"Resource":"*"}]}',
        ),
        unique_id="ANPAORGANIZATIONTRUST",
        published_at=datetime(2017, 10, 10, 23, 4, 7, tzinfo=UTC),
        description="A policy to allow AWS Organizations to share trust with other approved AWS "
        "Services for the purpose of simplifying customer configuration.",
        path="/aws-service-role/",
    ),
    _task(
        TaskPolicy.AUDIT,
        "ANPAZKAPJZG4BDSCREYVS",
        (22, 27, 58),
        "Provides access required to check the presence of root user credentials such as root "
        f"user password and root user access keys {_BY} {_USE_ONLY_WITH}",
    ),
    _task(
        TaskPolicy.CREATE_PASSWORD,
        "ANPAZKAPJZG4OEGTN7YT5",
        (22, 32, 59),
        f"Provides access required to create a root user password {_BY}  {_USE_ONLY_WITH} ",
    ),
    _task(
        TaskPolicy.DELETE_CREDENTIALS,
        "ANPAZKAPJZG4CX73XKORQ",
        (22, 47, 58),
        "Provides access required to delete all root user credentials such as root password "
        f"and root access keys {_BY}  {_USE_ONLY_WITH}",
    ),
    _task(
        TaskPolicy.UNLOCK_BUCKET,
        "ANPAZKAPJZG4OALTIPZOF",
        (21, 55, 56),
        f"Provides access required to unlock a S3 bucket policy {_BY} {_USE_ONLY_WITH}",
    ),
    _task(
        TaskPolicy.UNLOCK_QUEUE,
        "ANPAZKAPJZG4HPZI4FDUV",
        (21, 51, 2),
        f"Provides access required to unlock a SQS queue policy {_BY} {_USE_ONLY_WITH}",
    ),
)
AWS_POLICIES: Mapping[str, AwsPolicy] = {policy.arn: policy for policy in _POLICIES}
