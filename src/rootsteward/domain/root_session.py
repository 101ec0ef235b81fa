"""A short-lived privileged session on a member account, from `sts:AssumeRoot`."""

from dataclasses import dataclass
from datetime import datetime

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import TaskPolicy


@dataclass(frozen=True, slots=True)
class RootSession:
    """Credentials that last at most 900 seconds. Minted per attempt; never stored or shown.

    `access_key_id` is not secret: it ties CloudTrail events and findings to this session.
    `request_id` is that of the `AssumeRoot` call.
    """

    account: AccountId
    task: TaskPolicy
    access_key_id: str
    secret_access_key: Secret
    session_token: Secret
    expires_at: datetime
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who we are, by `sts:GetCallerIdentity`."""

    account: AccountId
    arn: str
    user_id: str
