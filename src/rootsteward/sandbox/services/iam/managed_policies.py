"""`GetPolicy` and `GetPolicyVersion` for the five task policies (rule card ROOT-10)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.task_documents import task_document
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.iam.subjects import no_such_entity
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.world import World

_VERSION = "v1"
_USE_ONLY_WITH = "Use this managed policy only with the STS AssumeRoot action."
_BY = "using the Security Token Service (STS) AssumeRoot API."


def _published(hour: int, minute: int, second: int) -> datetime:
    return datetime(2024, 11, 6, hour, minute, second, tzinfo=UTC)


# SOURCE: recording root_access, `GetPolicy` (id, time of publication, description).
_PUBLISHED: Mapping[TaskPolicy, tuple[str, datetime, str]] = {
    TaskPolicy.AUDIT: (
        "ANPAZKAPJZG4BDSCREYVS",
        _published(22, 27, 58),
        (
            "Provides access required to check the presence of root user credentials such as root "
            f"user password and root user access keys {_BY} {_USE_ONLY_WITH}"
        ),
    ),
    TaskPolicy.CREATE_PASSWORD: (
        "ANPAZKAPJZG4OEGTN7YT5",
        _published(22, 32, 59),
        f"Provides access required to create a root user password {_BY}  {_USE_ONLY_WITH} ",
    ),
    TaskPolicy.DELETE_CREDENTIALS: (
        "ANPAZKAPJZG4CX73XKORQ",
        _published(22, 47, 58),
        (
            "Provides access required to delete all root user credentials such as root password "
            f"and root access keys {_BY}  {_USE_ONLY_WITH}"
        ),
    ),
    TaskPolicy.UNLOCK_BUCKET: (
        "ANPAZKAPJZG4OALTIPZOF",
        _published(21, 55, 56),
        f"Provides access required to unlock a S3 bucket policy {_BY} {_USE_ONLY_WITH}",
    ),
    TaskPolicy.UNLOCK_QUEUE: (
        "ANPAZKAPJZG4HPZI4FDUV",
        _published(21, 51, 2),
        f"Provides access required to unlock a SQS queue policy {_BY} {_USE_ONLY_WITH}",
    ),
}


def _operation(name: str, handle: Callable[[World, Call], Output]) -> Operation:
    def needs(_world: World, call: Call) -> Sequence[Need]:
        return (Need(f"iam:{name}", call.params["PolicyArn"], call.caller.account),)

    return Operation(needs, handle)


def _get(_world: World, call: Call) -> Output:
    task = _task(call)
    policy_id, published_at, description = _PUBLISHED[task]
    return {
        "Policy": {
            "PolicyName": task.value,
            "PolicyId": policy_id,
            "Arn": task.arn(),
            "Path": "/root-task/",
            "DefaultVersionId": _VERSION,
            "AttachmentCount": 0,
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": True,
            "Description": description,
            "CreateDate": published_at,
            "UpdateDate": published_at,
            "Tags": [],
        }
    }


def _get_version(_world: World, call: Call) -> Output:
    task = _task(call)
    version = call.params["VersionId"]
    if version != _VERSION:
        raise no_such_entity(f"Policy {task.arn()} version {version} does not exist.")
    return {
        "PolicyVersion": {
            # WHY quoted: IAM sends documents percent-encoded, and clients decode them.
            "Document": quote(task_document(task).text, safe=""),
            "VersionId": _VERSION,
            "IsDefaultVersion": True,
            "CreateDate": _PUBLISHED[task][1],
        }
    }


def _task(call: Call) -> TaskPolicy:
    arn = call.params["PolicyArn"]
    try:
        task = TaskPolicy.from_arn(arn)
    except OperatorError:
        raise _absent(arn) from None
    if task.arn() != arn:
        raise _absent(arn)
    return task


def _absent(arn: str) -> ServiceError:
    """The sandbox holds no other managed policies, and says so rather than that they are gone."""
    if ":iam::aws:policy/" in arn:
        return ServiceError(
            "NotImplemented",
            f"the sandbox knows the documents of the five root task policies only, not {arn}",
        )
    return no_such_entity(f"Policy {arn} was not found.")


MANAGED_POLICY_OPERATIONS: Operations = {
    "GetPolicy": _operation("GetPolicy", _get),
    "GetPolicyVersion": _operation("GetPolicyVersion", _get_version),
}
