"""Documents nested deeper than code can walk: refused in AWS's words, and nothing breaks later."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox_bench import MANAGEMENT, Bench, boto_client, small_organization
from sandbox_replay import call

SCP_DRAFT = {"Name": "p", "Description": "", "Type": "SERVICE_CONTROL_POLICY"}
TRUST = '{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'


@pytest.fixture
def bench() -> Bench:
    made = small_organization()
    made.clock.at = datetime.now(UTC)
    return made


def client(bench: Bench, service: str) -> Any:  # noqa: ANN401 (boto3 makes its clients from data)
    return boto_client(bench.sandbox, service, bench.callers["management"].access_key_id)


@pytest.mark.parametrize("levels", [100, 900, 1300])
@pytest.mark.parametrize(
    ("service", "operation", "params", "member", "code"),
    [
        (
            "iam",
            "PutUserPolicy",
            {"UserName": "management", "PolicyName": "p"},
            "PolicyDocument",
            "MalformedPolicyDocument",
        ),
        ("organizations", "CreatePolicy", SCP_DRAFT, "Content", "MalformedPolicyDocumentException"),
        (
            "organizations",
            "CreatePolicy",
            {**SCP_DRAFT, "Type": "TAG_POLICY"},
            "Content",
            "MalformedPolicyDocumentException",
        ),
        ("organizations", "PutResourcePolicy", {}, "Content", "InvalidInputException"),
        ("s3", "PutBucketPolicy", {"Bucket": "owned"}, "Policy", "MalformedPolicy"),
    ],
)
def test_a_deep_document_is_malformed(
    bench: Bench,
    service: str,
    operation: str,
    params: dict[str, str],
    member: str,
    code: str,
    levels: int,
) -> None:
    client(bench, "s3").create_bucket(Bucket="owned")
    deep = '{"Statement":' + '{"a":' * levels + "1" + "}" * levels + "}"
    answer = call(client(bench, service), operation, {**params, member: deep})
    assert answer[0] == code
    assert client(bench, "cloudtrail").lookup_events()["Events"]


def test_a_deep_session_policy_is_malformed(bench: Bench) -> None:
    client(bench, "iam").create_role(RoleName="R", AssumeRolePolicyDocument=TRUST)
    deep = json.dumps({"Statement": []})[:-2] + "[" * 900 + "]" * 900 + "]}"
    request = {
        "RoleArn": f"arn:aws:iam::{MANAGEMENT}:role/R",
        "RoleSessionName": "me",
        "Policy": deep,
    }
    assert call(client(bench, "sts"), "AssumeRole", request)[0] == "MalformedPolicyDocument"


def test_a_deep_queue_policy_is_invalid(bench: Bench) -> None:
    sqs = client(bench, "sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    request = {
        "QueueUrl": url,
        "Attributes": {"Policy": '{"Statement":' + "[" * 900 + "]" * 900 + "}"},
    }
    assert call(sqs, "SetQueueAttributes", request)[0] == "InvalidAttributeValue"
