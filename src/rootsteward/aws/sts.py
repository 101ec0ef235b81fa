"""STS: who we are, and root sessions."""

from typing import TYPE_CHECKING

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.service import Service, request_id_of
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_session import CallerIdentity, RootSession
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import TaskPolicy

if TYPE_CHECKING:
    from mypy_boto3_sts.client import STSClient


class StsService(Service):
    """`CallerReader` and `RootSessions`."""

    @property
    def region(self) -> str:
        """The Region that regional calls go to."""
        return self._door.region

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self._door.partition

    def caller(self) -> CallerIdentity:
        """`sts:GetCallerIdentity`."""
        call = ApiCall("sts", "GetCallerIdentity", self.region)
        client: STSClient = self._door.client(call)
        answer = self._door.send(call, client.get_caller_identity)
        return CallerIdentity(AccountId(answer["Account"]), answer["Arn"], answer["UserId"])

    def open_root_session(
        self, account: AccountId, task: TaskPolicy, *, duration_seconds: int = 900
    ) -> RootSession:
        """`sts:AssumeRoot` on the Regional endpoint (rule card STS-01).

        Repeated like a read: another session changes nothing in the account.
        """
        call = ApiCall("sts", "AssumeRoot", self.region, account)
        client: STSClient = self._door.client(call)
        answer = self._door.send(
            call,
            lambda: client.assume_root(
                TargetPrincipal=account,
                TaskPolicyArn={"arn": task.arn(self.partition)},
                DurationSeconds=duration_seconds,
            ),
        )
        issued = answer["Credentials"]
        return RootSession(
            account=account,
            task=task,
            access_key_id=issued["AccessKeyId"],
            secret_access_key=Secret(issued["SecretAccessKey"]),
            session_token=Secret(issued["SessionToken"]),
            expires_at=issued["Expiration"],
            request_id=request_id_of(answer),
        )
