"""Every operation of the sandbox in a session of every task: allowed or denied, as the task says.

The lists are written out here from the published task policies, apart from the documents that the
sandbox judges by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.model import ListShape, StructureShape

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.denials import NO_PERMISSIONS
from rootsteward.sandbox.services.registry import OPERATIONS
from rootsteward.sandbox.wire.models import load
from rootsteward.sandbox.world.buckets import Bucket
from rootsteward.sandbox.world.queues import Queue
from sandbox_bench import MEMBER, START

if TYPE_CHECKING:
    from botocore.model import Shape

    from sandbox_bench import Bench

LISTS = {"ListAccessKeys", "ListSigningCertificates", "ListMFADevices"}
READS = {*LISTS, "GetLoginProfile", "GetUser", "GetAccessKeyLastUsed"}
ALLOWED = {
    TaskPolicy.AUDIT: {("iam", name) for name in (*READS, "GetAccountSummary")},
    TaskPolicy.CREATE_PASSWORD: {("iam", "CreateLoginProfile"), ("iam", "GetLoginProfile")},
    TaskPolicy.DELETE_CREDENTIALS: {
        ("iam", name)
        for name in (
            *READS,
            "DeleteAccessKey",
            "DeleteSigningCertificate",
            "DeleteLoginProfile",
            "DeactivateMFADevice",
        )
    },
    TaskPolicy.UNLOCK_BUCKET: {
        ("s3", name)
        for name in ("DeleteBucketPolicy", "PutBucketPolicy", "GetBucketPolicy", "ListBuckets")
    },
    TaskPolicy.UNLOCK_QUEUE: {
        ("sqs", name)
        for name in ("SetQueueAttributes", "GetQueueAttributes", "ListQueues", "GetQueueUrl")
    },
}
# Needs no permission, so no deny stops it (rule card STS-04).
ALWAYS = {("sts", "GetCallerIdentity")}
# Refused to root users and their sessions whatever policies say, each in its own words.
NOT_BY_ROOT = {("sts", "AssumeRole"), ("sts", "AssumeRoot")}
GIVEN = {
    "Bucket": "locked",
    "QueueUrl": f"http://127.0.0.1/{MEMBER}/locked",
    "QueueName": "locked",
    "TaskPolicyArn": {"arn": TaskPolicy.AUDIT.arn()},
    "TargetPrincipal": str(MEMBER),
}
TEXTS = {
    "string": "locked",
    "integer": 1,
    "long": 1,
    "boolean": False,
    "blob": b"",
    "timestamp": START,
}


# How services begin a denial; Organizations says no more than this.
DENIALS = ("User: ", NO_PERMISSIONS)


def smallest(shape: Shape) -> Any:  # noqa: ANN401 (parameters of any shape)
    if isinstance(shape, StructureShape):
        return {
            name: GIVEN.get(name, smallest(shape.members[name])) for name in shape.required_members
        }
    if isinstance(shape, ListShape):
        return [smallest(shape.member)]
    if shape.type_name == "map":
        return {}
    return (shape.metadata.get("enum") or [TEXTS[shape.type_name]])[0]


def params_of(service: str, operation: str) -> dict[str, Any]:
    shape = load(service).operations[operation].input_shape
    if operation == "SetQueueAttributes":
        return {"QueueUrl": GIVEN["QueueUrl"], "Attributes": {"Policy": ""}}
    return smallest(shape) if shape is not None else {}


@pytest.fixture
def locked(bench: Bench) -> Bench:
    bench.switch_on()
    deny = '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}'
    bench.world.buckets.add(Bucket("locked", MEMBER, "us-east-1", START, policy=deny))
    bench.world.queues.add(Queue("locked", MEMBER, "us-east-1", START, START, policy=deny))
    return bench


@pytest.mark.parametrize("task", TaskPolicy)
def test_a_task_opens_exactly_its_operations(locked: Bench, task: TaskPolicy) -> None:
    opened = ALLOWED[task] | ALWAYS
    wrong = []
    for service, operation in OPERATIONS:
        session = locked.assume_root(task)
        params = params_of(service, operation)
        try:
            locked.call(service, operation, session, **params)
            message = ""
        except ServiceError as error:
            denied = error.code.startswith("AccessDenied") and error.message.startswith(DENIALS)
            message = error.message if denied else ""
        if (service, operation) in NOT_BY_ROOT:
            continue
        expected = (service, operation) not in opened
        by_session = "with an explicit deny in a session policy" in message
        named = by_session or (service == "organizations" and message == NO_PERMISSIONS)
        if bool(message) != expected or (message and not named):
            wrong.append((service, operation, message))
    assert wrong == []


@pytest.mark.parametrize("task", TaskPolicy)
def test_no_session_opens_another(locked: Bench, task: TaskPolicy) -> None:
    session = locked.assume_root(task)
    for operation in ("AssumeRole", "AssumeRoot"):
        error = locked.refusal("sts", operation, session, **params_of("sts", operation))
        assert (error.code, error.http_status) == ("AccessDenied", 403)
