"""Whole requests: signed by botocore, read, judged, answered, and parsed by botocore again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.wire.http import Headers, HttpRequest
from sandbox_bench import MANAGEMENT, MEMBER, boto_client, root_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox_bench import Bench


@pytest.fixture
def live(bench: Bench) -> Bench:
    """botocore signs with the machine's clock; the sandbox's stands at the same moment."""
    bench.clock.at = datetime.now(UTC)
    bench.switch_on()
    return bench


def client(bench: Bench, service: str, by: str = "management", *, retries: bool = True) -> Any:  # noqa: ANN401 (boto3 makes its clients from data)
    return boto_client(bench.sandbox, service, bench.callers[by].access_key_id, retries=retries)


def refusal(call: Callable[..., object], **params: object) -> Mapping[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return cast("Mapping[str, Any]", caught.value.response)


def test_a_root_session_can_be_opened_and_used(live: Bench) -> None:
    answer = client(live, "sts").assume_root(**root_request(TaskPolicy.AUDIT))
    iam = boto_client(live.sandbox, "iam", answer["Credentials"]["AccessKeyId"])
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 0
    assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{MEMBER}:root"
    error = refusal(iam.get_login_profile)
    assert error["Error"]["Code"] == "NoSuchEntity"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "af-south-1"])
def test_global_services_answer_whatever_region_a_request_is_signed_for(
    live: Bench, region: str
) -> None:
    key = live.callers["management"].access_key_id
    for service, ask in (("iam", "list_organizations_features"), ("organizations", "list_roots")):
        # A client with an address of its own signs for its own Region.
        asked = boto_client(
            live.sandbox, service, key, region=region, endpoint_url="http://127.0.0.1:4566"
        )
        assert getattr(asked, ask)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_an_expired_session_is_told_so(live: Bench) -> None:
    answer = client(live, "sts").assume_root(**root_request(TaskPolicy.AUDIT, DurationSeconds=60))
    iam = boto_client(live.sandbox, "iam", answer["Credentials"]["AccessKeyId"])
    live.clock.forward(seconds=61)
    assert refusal(iam.get_user)["Error"]["Code"] == "ExpiredToken"


def test_expired_credentials_open_no_session_in_the_words_of_every_call(live: Bench) -> None:
    answer = client(live, "sts").assume_root(**root_request(TaskPolicy.AUDIT, DurationSeconds=60))
    expired = boto_client(live.sandbox, "sts", answer["Credentials"]["AccessKeyId"])
    live.clock.forward(seconds=61)
    error = refusal(expired.assume_root, **root_request(TaskPolicy.AUDIT))
    assert error["Error"]["Code"] == "ExpiredToken"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_durations_are_checked_before_anything_else(live: Bench) -> None:
    sts = client(live, "sts", "member")
    error = refusal(sts.assume_root, **root_request(TaskPolicy.AUDIT, DurationSeconds=901))
    assert error["Error"] == {
        "Type": "Sender",
        "Code": "ValidationError",
        "Message": "1 validation error detected: Value '901' at 'durationSeconds' failed to "
        "satisfy constraint: Member must have value less than or equal to 900",
    }


def test_organizations_errors_carry_their_reason(live: Bench) -> None:
    error = refusal(
        client(live, "organizations").register_delegated_administrator,
        AccountId=MANAGEMENT,
        ServicePrincipal="iam.amazonaws.com",
    )
    assert error["Error"]["Code"] == "ConstraintViolationException"
    assert error["Reason"] == "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("iam", "list_groups", "InvalidAction"),
        ("sts", "get_session_token", "InvalidAction"),
        ("organizations", "list_handshakes_for_organization", "UnknownOperationException"),
        ("sqs", "list_message_move_tasks", None),
        ("dynamodb", "list_tables", "UnknownOperationException"),
    ],
)
def test_what_is_not_implemented_is_named_and_not_retried(
    live: Bench, service: str, method: str, code: str | None
) -> None:
    params = {"SourceArn": "arn:aws:sqs:us-east-1:1:q"} if service == "sqs" else {}
    error = refusal(getattr(client(live, service), method), **params)
    assert "the sandbox does not implement" in error["Error"]["Message"]
    assert error["ResponseMetadata"]["RetryAttempts"] == 0
    if code is not None:
        assert error["Error"]["Code"] == code


def test_calls_are_recorded_whether_allowed_or_not(live: Bench) -> None:
    sts = client(live, "sts")
    sts.assume_root(**root_request(TaskPolicy.AUDIT))
    refusal(sts.assume_root, **root_request(TaskPolicy.AUDIT, MANAGEMENT))
    events = list(live.world.trail.newest_first(MANAGEMENT, "us-east-1"))
    assert [(e.call.operation, e.error_code) for e in events] == [
        ("AssumeRoot", "AccessDenied"),
        ("AssumeRoot", ""),
    ]


def test_a_wrong_secret_is_refused(live: Bench) -> None:
    iam = client(live, "iam")
    key = live.callers["management"].access_key_id
    user, record = live.world.identities.find_key(key) or (None, None)
    assert user is not None
    assert record is not None
    live.world.identities.remove_key(user, key)
    assert refusal(iam.get_user)["Error"]["Code"] == "InvalidClientTokenId"


def test_skewed_clocks_are_refused(live: Bench) -> None:
    live.clock.at += timedelta(minutes=20)
    assert refusal(client(live, "iam").get_user)["Error"]["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("sqs", "list_queues", "InvalidClientTokenId"),
        ("guardduty", "list_detectors", "UnrecognizedClientException"),
        ("cloudtrail", "lookup_events", "UnrecognizedClientException"),
    ],
)
def test_regional_services_know_nobody_in_a_region_that_is_off(
    live: Bench, service: str, method: str, code: str
) -> None:
    key = live.callers["management"].access_key_id
    there = boto_client(live.sandbox, service, key, region="ap-east-1")
    assert refusal(getattr(there, method))["Error"]["Code"] == code
    here = boto_client(live.sandbox, service, key, region="eu-west-1")
    assert getattr(here, method)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_unsigned_nonsense_gets_an_answer(live: Bench) -> None:
    for request in (
        HttpRequest("GET", "/"),
        HttpRequest("POST", "/", body=b"\xff\xfe", headers=Headers([("content-type", "x")])),
        HttpRequest("DELETE", "/%zz", "a=%"),
    ):
        assert 400 <= live.sandbox.handle(request).status < 500


def test_a_fault_inside_becomes_an_internal_failure(live: Bench) -> None:
    iam = client(live, "iam", retries=False)
    del live.world.root_users
    answer = refusal(iam.get_account_summary)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500
