"""One authenticated API call, and the way an operation refuses it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from rootsteward.domain.authorization import ContextValue, NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy

# WHY Any: parsed parameters and outputs have the shapes of botocore's models, which exist only
# as data; every operation reads the members its model declares.
Params = Mapping[str, Any]
Output = Mapping[str, Any]


class CallerKind(StrEnum):
    """What signed the call."""

    ROOT_USER = "root user"
    ROOT_SESSION = "root session"
    IAM_USER = "iam user"
    ASSUMED_ROLE = "assumed role"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who made a call.

    `arn` is the ARN as `GetCallerIdentity` and error messages show it; `principal_arn` is the
    value of `aws:PrincipalArn` (the role's ARN for an assumed role). `mfa` is None for long-term
    keys. `attributes` are further context keys that follow from the identity, session tags among
    them; `transitive_tags` are those that sessions made by this one will have, too.
    """

    kind: CallerKind
    account: AccountId
    arn: str
    principal_arn: str
    user_id: str
    access_key_id: str
    task: TaskPolicy | None = None
    source_identity: str | None = None
    session_issued_at: datetime | None = None
    session_name: str = ""
    attributes: Mapping[str, ContextValue] = field(default_factory=dict)
    transitive_tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One call, parsed. `service` is botocore's service name, `operation` the model's name."""

    service: str
    operation: str
    params: Params
    region: str
    caller: Caller
    request_id: str
    at: datetime
    host: str = ""
    source_ip: str = "127.0.0.1"
    user_agent: str = ""
    secure: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One authorization an operation needs before it may run.

    `resource_account` owns the resource; its RCPs and resource policy apply. `context` holds
    the condition keys that this operation adds. With `resource_policy_must_allow` the resource
    policy itself has to allow, even within one account, as a role's trust policy does.
    `shown_as` is how a denial names the resource, when not by its ARN.
    """

    action: str
    resource: str
    resource_account: AccountId
    resource_policy: NamedDocument | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    resource_policy_must_allow: bool = False
    shown_as: str = ""


class ServiceError(Exception):
    """The answer is an error. `code` is the code on the wire; `members` further error members."""

    def __init__(
        self,
        code: str,
        message: str,
        http_status: int = 400,
        *,
        members: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status
        self.members = dict(members or {})
        self.headers = dict(headers or {})
