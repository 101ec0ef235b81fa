"""How single answers of AWS are read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from rootsteward.aws.cloudtrail import trail_event
from rootsteward.aws.pages import every_page
from rootsteward.aws.sqs import queue_region
from rootsteward.domain.findings import TrailEvent

RECORD: dict[str, Any] = {
    "eventVersion": "1.08",
    "userIdentity": {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111111111111:assumed-role/RootOps/ops",
        "accountId": "111111111111",
        "accessKeyId": "ASIACALLER",
    },
    "eventTime": "2026-10-05T08:01:00Z",
    "eventSource": "sts.amazonaws.com",
    "eventName": "AssumeRoot",
    "awsRegion": "eu-west-1",
    "eventID": "e-1",
    "requestParameters": {
        "targetPrincipal": "222222222222",
        "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"},
    },
    "responseElements": {
        "credentials": {"accessKeyId": "ASIAROOT", "expiration": "Oct 5, 2026, 8:16:00 AM"}
    },
    "recipientAccountId": "111111111111",
}
EVENT = TrailEvent(
    id="e-1",
    at=datetime(2026, 10, 5, 8, 1, tzinfo=UTC),
    name="AssumeRoot",
    source="sts.amazonaws.com",
    region="eu-west-1",
    account="111111111111",
    principal_arn="arn:aws:sts::111111111111:assumed-role/RootOps/ops",
    access_key_id="ASIACALLER",
    issued_access_key_id="ASIAROOT",
    target_account="222222222222",
    task_policy_arn="arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
)


def test_an_assume_root_record_is_read_whole() -> None:
    assert trail_event(RECORD) == EVENT


def test_a_target_given_as_an_arn_is_the_same_account() -> None:
    asked = {**RECORD["requestParameters"], "targetPrincipal": "arn:aws:iam::222222222222:root"}
    assert trail_event({**RECORD, "requestParameters": asked}) == EVENT


def test_a_refused_record_has_no_credentials_and_names_the_error() -> None:
    event = trail_event(
        {
            **RECORD,
            "errorCode": "AccessDenied",
            "requestParameters": None,
            "responseElements": None,
        }
    )
    assert (event.issued_access_key_id, event.target_account, event.task_policy_arn) == ("", "", "")
    assert event.error_code == "AccessDenied"


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/222222222222/q", "eu-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/222222222222/q", "cn-north-1"),
        ("https://eu-central-1.queue.amazonaws.com/222222222222/q", "eu-central-1"),
        ("https://queue.amazonaws.com/222222222222/q", "us-east-1"),
        ("http://127.0.0.1:4566/222222222222/q", None),
        ("https://sqs.eu-west-1.amazonaws.com.evil.example/222222222222/q", None),
    ],
)
def test_a_queue_url_says_where_the_queue_is(url: str, region: str | None) -> None:
    assert queue_region(url) == region


def test_an_empty_page_with_a_token_is_not_the_end() -> None:
    pages: dict[str, dict[str, Any]] = {
        "": {"Items": [], "NextToken": "a"},
        "a": {"Items": [1], "NextToken": "b"},
        "b": {"Items": [], "NextToken": "c"},
        "c": {"Items": [2], "NextToken": None},
    }
    asked: list[dict[str, Any]] = []

    def fetch(more: dict[str, Any]) -> dict[str, Any]:
        asked.append(more)
        return pages[more.get("NextToken", "")]

    assert [item for page in every_page(fetch) for item in page["Items"]] == [1, 2]
    assert asked == [{}, {"NextToken": "a"}, {"NextToken": "b"}, {"NextToken": "c"}]
