"""Who a signature stands for: the `Caller` of a key or a new session."""

from datetime import datetime

from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.call import Caller, CallerKind
from rootsteward.sandbox.world.identities import IamUser, Role


def root_user_caller(account: AccountId, key_id: str) -> Caller:
    """A root user with a long-term key."""
    arn = root_user_arn(account)
    return Caller(
        kind=CallerKind.ROOT_USER,
        account=account,
        arn=arn,
        principal_arn=arn,
        user_id=account,
        access_key_id=key_id,
    )


def iam_user_caller(user: IamUser, key_id: str) -> Caller:
    """An IAM user with a long-term key."""
    return Caller(
        kind=CallerKind.IAM_USER,
        account=user.account,
        arn=user.arn,
        principal_arn=user.arn,
        user_id=user.unique_id,
        access_key_id=key_id,
    )


def root_session_caller(
    account: AccountId,
    task: TaskPolicy,
    key_id: str,
    issued_at: datetime,
    source_identity: str | None,
) -> Caller:
    """A session of `AssumeRoot`: the member's root user, within a task (rule card ROOT-08)."""
    arn = root_user_arn(account)
    return Caller(
        kind=CallerKind.ROOT_SESSION,
        account=account,
        arn=arn,
        principal_arn=arn,
        user_id=account,
        access_key_id=key_id,
        task=task,
        source_identity=source_identity,
        session_issued_at=issued_at,
    )


def role_session_caller(
    role: Role, session_name: str, key_id: str, issued_at: datetime, source_identity: str | None
) -> Caller:
    """A session of `AssumeRole`."""
    return Caller(
        kind=CallerKind.ASSUMED_ROLE,
        account=role.account,
        arn=role.session_arn(session_name),
        principal_arn=role.arn,
        user_id=f"{role.unique_id}:{session_name}",
        access_key_id=key_id,
        source_identity=source_identity,
        session_issued_at=issued_at,
        session_name=session_name,
    )
