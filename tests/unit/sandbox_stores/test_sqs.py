"""SQS: names and addresses, attributes, policies and lock-outs, messages."""

import json
from typing import Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world.control_policies import RCP, SCP
from sandbox_bench import DELEGATE, MEMBER, Bench

URL = f"http://127.0.0.1:4566/{MEMBER}/orders"
ARN = f"arn:aws:sqs:us-east-1:{MEMBER}:orders"


def policy(effect: str = "Deny", principal: object = "*") -> str:
    statement = {"Effect": effect, "Principal": principal, "Action": "sqs:*", "Resource": ARN}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def queue(bench: Bench) -> Bench:
    bench.call("sqs", "CreateQueue", "member", QueueName="orders")
    return bench


@pytest.fixture
def locked(queue: Bench) -> Bench:
    queue.call("sqs", "SendMessage", "member", QueueUrl=URL, MessageBody="order 1")
    queue.call("sqs", "SetQueueAttributes", "member", QueueUrl=URL, Attributes={"Policy": policy()})
    return queue


def attributes(bench: Bench, *names: str) -> dict[str, str]:
    output = bench.call(
        "sqs", "GetQueueAttributes", "member", QueueUrl=URL, AttributeNames=list(names)
    )
    return dict(output.get("Attributes", {}))


# --- names and addresses


def test_the_address_is_at_the_host_the_client_used(bench: Bench) -> None:
    made = bench.call("sqs", "CreateQueue", "member", QueueName="orders")
    assert made == {"QueueUrl": URL}
    found = bench.call("sqs", "GetQueueUrl", "member", QueueName="orders", host="localhost:1")
    assert found == {"QueueUrl": f"http://localhost:1/{MEMBER}/orders"}


def test_queues_are_regional(queue: Bench) -> None:
    assert queue.call("sqs", "ListQueues", "member", "eu-west-1") == {}
    assert queue.call("sqs", "ListQueues", "member") == {"QueueUrls": [URL]}
    error = queue.refusal("sqs", "GetQueueAttributes", "member", "eu-west-1", QueueUrl=URL)
    assert (error.code, error.message) == (
        "QueueDoesNotExist",
        "The specified queue does not exist.",
    )


def test_making_a_queue_again_gives_its_address_unless_an_attribute_differs(queue: Bench) -> None:
    assert queue.call("sqs", "CreateQueue", "member", QueueName="orders") == {"QueueUrl": URL}
    same = {"VisibilityTimeout": "30"}
    queue.call("sqs", "CreateQueue", "member", QueueName="orders", Attributes=same)
    error = queue.refusal(
        "sqs",
        "CreateQueue",
        "member",
        QueueName="orders",
        Attributes={"VisibilityTimeout": "31"},
    )
    assert error.code == "QueueNameExists"
    assert error.message.endswith("different value for attribute VisibilityTimeout")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "InvalidParameterValue"),
        ("a b", "InvalidParameterValue"),
        ("x" * 81, "InvalidParameterValue"),
        ("orders.fifo", "UnsupportedOperation"),
    ],
)
def test_a_bad_queue_name_is_refused(bench: Bench, name: str, code: str) -> None:
    assert bench.refusal("sqs", "CreateQueue", "member", QueueName=name).code == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:4566/", "InvalidAddress"),
        ("orders", "InvalidAddress"),
        (f"http://127.0.0.1:4566/{DELEGATE}/orders", "QueueDoesNotExist"),
        ("http://127.0.0.1:4566/12/orders", "QueueDoesNotExist"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(queue: Bench, url: str, code: str) -> None:
    assert queue.refusal("sqs", "GetQueueAttributes", "member", QueueUrl=url).code == code


def test_a_listing_pages_and_takes_a_prefix(bench: Bench) -> None:
    for name in ("b", "a1", "a2", "a3"):
        bench.call("sqs", "CreateQueue", "member", QueueName=name)
    first = bench.call("sqs", "ListQueues", "member", QueueNamePrefix="a", MaxResults=2)
    rest = bench.call(
        "sqs",
        "ListQueues",
        "member",
        QueueNamePrefix="a",
        MaxResults=2,
        NextToken=first["NextToken"],
    )
    urls = [*first["QueueUrls"], *rest["QueueUrls"]]
    assert [url.rpartition("/")[2] for url in urls] == ["a1", "a2", "a3"]
    assert "NextToken" not in rest


def test_a_deleted_queue_is_gone(queue: Bench) -> None:
    queue.call("sqs", "DeleteQueue", "member", QueueUrl=URL)
    assert queue.refusal("sqs", "GetQueueUrl", "member", QueueName="orders").code == (
        "QueueDoesNotExist"
    )


# --- attributes


def test_defaults_and_counts_are_read(queue: Bench) -> None:
    everything = attributes(queue, "All")
    assert everything["QueueArn"] == ARN
    assert everything["VisibilityTimeout"] == "30"
    assert everything["ApproximateNumberOfMessages"] == "0"
    assert "Policy" not in everything
    assert attributes(queue) == {}
    assert attributes(queue, "QueueArn", "Policy") == {"QueueArn": ARN}


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        (
            "DelaySeconds",
            "901",
            "InvalidAttributeValue",
            "Invalid value for the parameter DelaySeconds.",
        ),
        (
            "DelaySeconds",
            "soon",
            "InvalidAttributeValue",
            "Invalid value for the parameter DelaySeconds.",
        ),
        ("Policy", "{", "InvalidAttributeValue", "Invalid value for the parameter Policy."),
        ("Policy", "[]", "InvalidAttributeValue", "Invalid value for the parameter Policy."),
        (
            "Policy",
            '{"Statement":[{"Effect":"Deny"}]}',
            "InvalidAttributeValue",
            "Invalid value for the parameter Policy.",
        ),
        ("Colour", "red", "InvalidAttributeName", "Unknown Attribute Colour."),
        (
            "FifoQueue",
            "true",
            "UnsupportedOperation",
            "Unsupported operation: the sandbox has no FIFO queues.",
        ),
    ],
)
def test_an_attribute_that_sqs_would_not_keep_is_refused(
    queue: Bench, name: str, value: str, code: str, message: str
) -> None:
    before = attributes(queue, "All")
    error = queue.refusal(
        "sqs", "SetQueueAttributes", "member", QueueUrl=URL, Attributes={name: value}
    )
    assert (error.code, error.message) == (code, message)
    assert attributes(queue, "All") == before


def test_asking_for_an_unknown_attribute_is_refused(queue: Bench) -> None:
    error = queue.refusal(
        "sqs", "GetQueueAttributes", "member", QueueUrl=URL, AttributeNames=["Colour"]
    )
    assert error.code == "InvalidAttributeName"


# --- policies and the lock-out


def test_a_policy_opens_a_queue_to_another_account(queue: Bench) -> None:
    send: dict[str, Any] = {"QueueUrl": URL, "MessageBody": "hello"}
    assert queue.refusal("sqs", "SendMessage", "delegate", **send).code == "AccessDenied"
    opened = policy("Allow", {"AWS": DELEGATE})
    queue.call("sqs", "SetQueueAttributes", "member", QueueUrl=URL, Attributes={"Policy": opened})
    queue.call("sqs", "SendMessage", "delegate", **send)
    assert attributes(queue, "Policy") == {"Policy": opened}


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("SetQueueAttributes", {"Attributes": {"Policy": ""}}),
        ("AddPermission", {"Label": "l", "AWSAccountIds": [DELEGATE], "Actions": ["SendMessage"]}),
        ("RemovePermission", {"Label": "l"}),
        ("ListQueueTags", {}),
        ("TagQueue", {"Tags": {"a": "b"}}),
        ("UntagQueue", {"TagKeys": ["a"]}),
        ("DeleteQueue", {}),
    ],
)
def test_no_policy_opens_what_is_the_owners_account_alone(
    queue: Bench, operation: str, more: dict[str, Any]
) -> None:
    opened = policy("Allow", {"AWS": DELEGATE})
    queue.call("sqs", "SetQueueAttributes", "member", QueueUrl=URL, Attributes={"Policy": opened})
    error = queue.refusal("sqs", operation, "delegate", QueueUrl=URL, **more)
    assert (error.code, error.http_status) == ("AccessDenied", 403)
    assert "because no resource-based policy allows" in error.message
    assert attributes(queue, "Policy") == {"Policy": opened}


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("SendMessage", {"MessageBody": "x"}),
        ("ReceiveMessage", {}),
        ("GetQueueAttributes", {"AttributeNames": ["All"]}),
        ("SetQueueAttributes", {"Attributes": {"Policy": ""}}),
        ("DeleteQueue", {}),
    ],
)
def test_a_lock_holds_for_administrators(
    locked: Bench, operation: str, more: dict[str, Any]
) -> None:
    error = locked.refusal("sqs", operation, "member", QueueUrl=URL, **more)
    assert (error.code, error.http_status) == ("AccessDenied", 403)
    assert error.message == (
        f"User: arn:aws:iam::{MEMBER}:user/member is not authorized to perform: "
        f"sqs:{operation.lower()} on resource: {ARN} with an explicit deny in a "
        "resource-based policy"
    )


def test_a_root_session_unlocks_a_queue_by_an_empty_policy(locked: Bench) -> None:
    session = locked.assume_root(TaskPolicy.UNLOCK_QUEUE)
    found = locked.call("sqs", "GetQueueUrl", session, QueueName="orders")
    assert found == {"QueueUrl": URL}
    read = locked.call(
        "sqs", "GetQueueAttributes", session, QueueUrl=URL, AttributeNames=["Policy"]
    )
    assert read == {"Attributes": {"Policy": policy()}}
    locked.call("sqs", "SetQueueAttributes", session, QueueUrl=URL, Attributes={"Policy": ""})
    assert attributes(locked, "Policy") == {}
    (message,) = locked.call("sqs", "ReceiveMessage", "member", QueueUrl=URL)["Messages"]
    assert message["Body"] == "order 1"


def attach_deny(bench: Bench, kind: str, action: str) -> None:
    organization = bench.world.organization
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    if kind == RCP:
        organization.policies.enable(RCP, organization.targets())
        statement["Principal"] = "*"
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    draft = {"Name": "n", "Description": "", "Type": kind, "Content": text}
    made = bench.call("organizations", "CreatePolicy", **draft)
    policy_id = made["Policy"]["PolicySummary"]["Id"]
    bench.call("organizations", "AttachPolicy", PolicyId=policy_id, TargetId=MEMBER)


def test_an_rcp_stops_the_listing_too(queue: Bench) -> None:
    queue.switch_on()
    attach_deny(queue, RCP, "sqs:ListQueues")
    session = queue.assume_root(TaskPolicy.UNLOCK_QUEUE)
    for caller in ("member", session):
        error = queue.refusal("sqs", "ListQueues", caller)
        assert "with an explicit deny in a resource control policy" in error.message
    assert queue.call("sqs", "GetQueueUrl", session, QueueName="orders") == {"QueueUrl": URL}


UNLOCKING: list[tuple[str, dict[str, Any]]] = [
    ("GetQueueAttributes", {"QueueUrl": URL, "AttributeNames": ["Policy"]}),
    ("GetQueueUrl", {"QueueName": "orders"}),
    ("SetQueueAttributes", {"QueueUrl": URL, "Attributes": {"Policy": ""}}),
]


@pytest.mark.parametrize(("operation", "more"), UNLOCKING)
def test_a_lock_leaves_the_owners_root_user_the_policy_and_nothing_else(
    locked: Bench, operation: str, more: dict[str, Any]
) -> None:
    root_user = locked.root_key(MEMBER)
    for other, parameters in (
        ("ReceiveMessage", {}),
        ("SendMessage", {"MessageBody": "x"}),
        ("RemovePermission", {"Label": "l"}),
        ("ListQueueTags", {}),
        ("PurgeQueue", {}),
        ("DeleteQueue", {}),
    ):
        error = locked.refusal("sqs", other, root_user, QueueUrl=URL, **parameters)
        assert error.message.endswith("with an explicit deny in a resource-based policy")
    locked.call("sqs", operation, root_user, **more)


def test_a_lock_holds_the_root_user_of_another_account(queue: Bench) -> None:
    statements = [
        json.loads(policy("Allow", {"AWS": DELEGATE}))["Statement"][0],
        json.loads(policy())["Statement"][0],
    ]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    queue.call("sqs", "SetQueueAttributes", "member", QueueUrl=URL, Attributes={"Policy": text})
    root_user = queue.root_key(DELEGATE)
    error = queue.refusal("sqs", "GetQueueAttributes", root_user, QueueUrl=URL)
    assert error.message.endswith("with an explicit deny in a resource-based policy")


@pytest.mark.parametrize(("operation", "more"), UNLOCKING)
@pytest.mark.parametrize(
    ("kind", "words"),
    [(SCP, "a service control policy"), (RCP, "a resource control policy")],
)
def test_policies_of_the_organization_hold_the_owners_root_user(
    locked: Bench, kind: str, words: str, operation: str, more: dict[str, Any]
) -> None:
    attach_deny(locked, kind, "sqs:*")
    session = locked.assume_root(TaskPolicy.UNLOCK_QUEUE)
    for caller in (session, locked.root_key(MEMBER)):
        error = locked.refusal("sqs", operation, caller, **more)
        assert f"with an explicit deny in {words}" in error.message


def test_a_root_session_reads_no_messages(locked: Bench) -> None:
    session = locked.assume_root(TaskPolicy.UNLOCK_QUEUE)
    error = locked.refusal("sqs", "ReceiveMessage", session, QueueUrl=URL)
    assert error.code == "AccessDenied"


# --- messages


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            "",
            "MissingParameter",
            "The request must contain the parameter MessageBody.",
        ),
        (
            "x" * 1025,
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
        ),
    ],
)
def test_messages_are_neither_empty_nor_too_long(
    queue: Bench, body: str, code: str, message: str
) -> None:
    small = {"MaximumMessageSize": "1024"}
    queue.call("sqs", "SetQueueAttributes", "member", QueueUrl=URL, Attributes=small)
    error = queue.refusal("sqs", "SendMessage", "member", QueueUrl=URL, MessageBody=body)
    assert (error.code, error.message, error.http_status) == (code, message, 400)


@pytest.mark.parametrize(
    ("operation", "name", "seconds", "most"),
    [
        ("SendMessage", "DelaySeconds", 54524, 900),
        ("ReceiveMessage", "VisibilityTimeout", -1, 43_200),
        ("ReceiveMessage", "WaitTimeSeconds", 10**12, 20),
    ],
)
def test_times_have_limits(
    queue: Bench, operation: str, name: str, seconds: int, most: int
) -> None:
    params: dict[str, Any] = {"QueueUrl": URL, "MessageBody": "x", name: seconds}
    error = queue.refusal("sqs", operation, "member", **params)
    said = f"Value {seconds} for parameter {name} is invalid. Reason: {name} must be >= 0"
    assert (error.code, error.message) == ("InvalidParameterValue", f"{said} and <= {most}.")


def test_a_received_message_hides_until_its_time_is_over_or_it_is_deleted(queue: Bench) -> None:
    queue.call("sqs", "SendMessage", "member", QueueUrl=URL, MessageBody="order 1")
    (first,) = queue.call("sqs", "ReceiveMessage", "member", QueueUrl=URL)["Messages"]
    assert queue.call("sqs", "ReceiveMessage", "member", QueueUrl=URL) == {}
    assert attributes(queue, "ApproximateNumberOfMessagesNotVisible") == {
        "ApproximateNumberOfMessagesNotVisible": "1"
    }
    queue.clock.forward(seconds=30)
    (again,) = queue.call("sqs", "ReceiveMessage", "member", QueueUrl=URL, AttributeNames=["All"])[
        "Messages"
    ]
    assert again["MessageId"] == first["MessageId"]
    assert again["Attributes"]["ApproximateReceiveCount"] == "2"
    queue.call("sqs", "DeleteMessage", "member", QueueUrl=URL, ReceiptHandle=again["ReceiptHandle"])
    queue.clock.forward(seconds=30)
    assert queue.call("sqs", "ReceiveMessage", "member", QueueUrl=URL) == {}


def test_a_delayed_message_waits(queue: Bench) -> None:
    queue.call("sqs", "SendMessage", "member", QueueUrl=URL, MessageBody="x", DelaySeconds=5)
    assert queue.call("sqs", "ReceiveMessage", "member", QueueUrl=URL) == {}
    assert attributes(queue, "ApproximateNumberOfMessagesDelayed") == {
        "ApproximateNumberOfMessagesDelayed": "1"
    }
    queue.clock.forward(seconds=5)
    assert queue.call("sqs", "ReceiveMessage", "member", QueueUrl=URL)["Messages"]


def test_the_digest_of_a_body_is_its_md5(queue: Bench) -> None:
    sent = queue.call("sqs", "SendMessage", "member", QueueUrl=URL, MessageBody="hello")
    assert sent["MD5OfMessageBody"] == "5d41402abc4b2a76b9719d911017c592"


def test_a_receipt_nobody_gave_is_refused(queue: Bench) -> None:
    error = queue.refusal("sqs", "DeleteMessage", "member", QueueUrl=URL, ReceiptHandle="x")
    assert error.code == "ReceiptHandleIsInvalid"


# --- permissions by label, tags


def test_a_permission_is_a_statement_of_the_policy(queue: Bench) -> None:
    request: dict[str, Any] = {"QueueUrl": URL, "Label": "ops", "AWSAccountIds": [DELEGATE]}
    queue.call("sqs", "AddPermission", "member", **request, Actions=["SendMessage"])
    (statement,) = json.loads(attributes(queue, "Policy")["Policy"])["Statement"]
    assert statement == {
        "Sid": "ops",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{DELEGATE}:root"},
        "Action": "SQS:SendMessage",
        "Resource": ARN,
    }
    assert queue.call("sqs", "SendMessage", "delegate", QueueUrl=URL, MessageBody="hello")
    again = queue.refusal("sqs", "AddPermission", "member", **request, Actions=["*"])
    assert again.message == "Value ops for parameter Label is invalid. Reason: Already exists."
    queue.call("sqs", "RemovePermission", "member", QueueUrl=URL, Label="ops")
    assert attributes(queue, "Policy") == {}
    gone = queue.refusal("sqs", "RemovePermission", "member", QueueUrl=URL, Label="ops")
    assert gone.message == "Value ops for parameter Label is invalid. Reason: can't find label."


def test_a_lock_is_not_lifted_by_its_label_in_a_root_session(queue: Bench) -> None:
    text = json.loads(policy())
    text["Statement"][0]["Sid"] = "lock"
    queue.call(
        "sqs",
        "SetQueueAttributes",
        "member",
        QueueUrl=URL,
        Attributes={"Policy": json.dumps(text)},
    )
    session = queue.assume_root(TaskPolicy.UNLOCK_QUEUE)
    adding: dict[str, Any] = {"AWSAccountIds": [DELEGATE], "Actions": ["*"]}
    for name, more in (("RemovePermission", {}), ("AddPermission", adding)):
        error = queue.refusal("sqs", name, session, QueueUrl=URL, Label="lock", **more)
        assert (error.code, error.http_status) == ("AccessDenied", 403)
        assert f"perform: sqs:{name.lower()} on resource: {ARN}" in error.message


def test_queues_have_tags_and_can_be_purged(bench: Bench) -> None:
    bench.call("sqs", "CreateQueue", "member", QueueName="orders", tags={"a": "1"})
    bench.call("sqs", "TagQueue", "member", QueueUrl=URL, Tags={"b": "2"})
    bench.call("sqs", "UntagQueue", "member", QueueUrl=URL, TagKeys=["a", "c"])
    assert bench.call("sqs", "ListQueueTags", "member", QueueUrl=URL) == {"Tags": {"b": "2"}}
    many = {str(number): "" for number in range(50)}
    refused = bench.refusal("sqs", "TagQueue", "member", QueueUrl=URL, Tags=many)
    assert refused.message == "Too many tags added for queue orders."
    bench.call("sqs", "SendMessage", "member", QueueUrl=URL, MessageBody="hello")
    bench.call("sqs", "PurgeQueue", "member", QueueUrl=URL)
    assert bench.call("sqs", "ReceiveMessage", "member", QueueUrl=URL) == {}
