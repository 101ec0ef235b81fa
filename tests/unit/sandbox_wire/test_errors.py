"""Errors in the true shape of each protocol."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from rootsteward.domain.errors import BugError
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.encode import encode, encode_error
from rootsteward.sandbox.wire.encode_xml import escape
from rootsteward.sandbox.wire.http import HttpResponse
from rootsteward.sandbox.wire.models import Service, legacy_sqs, load

REQUEST_ID = "5cf52f27-0000-4000-8000-0123456789ab"


def error(service: Service | None, *args: object, **kwargs: object) -> HttpResponse:
    refusal = ServiceError(*args, **kwargs)  # type: ignore[arg-type]
    return encode_error(refusal, service, None, REQUEST_ID)


def test_an_sts_denial_is_an_error_response() -> None:
    response = error(load("sts"), "AccessDenied", "User: x <is> not authorized", 403)
    assert response.status == 403
    assert response.header("content-type") == "text/xml"
    assert response.header("x-amzn-requestid") == REQUEST_ID
    assert response.body.decode() == (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
        "<Type>Sender</Type><Code>AccessDenied</Code>"
        "<Message>User: x &lt;is&gt; not authorized</Message></Error>"
        f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )


@pytest.mark.parametrize(
    ("given", "code", "status"),
    [
        ("NoSuchEntityException", "NoSuchEntity", 404),
        ("NoSuchEntity", "NoSuchEntity", 404),
        ("EntityAlreadyExists", "EntityAlreadyExists", 409),
        ("CallerIsNotManagementAccountException", "CallerIsNotManagementAccountException", 400),
        ("ServiceAccessNotEnabledException", "ServiceAccessNotEnabledException", 400),
        ("ValidationError", "ValidationError", 400),
        ("EntityTemporarilyUnmodifiable", "EntityTemporarilyUnmodifiable", 409),
        ("LimitExceeded", "LimitExceeded", 409),
        ("ConcurrentModification", "ConcurrentModification", 409),
        ("ServiceFailure", "ServiceFailure", 500),
    ],
)
def test_iam_codes_and_statuses_are_the_models(given: str, code: str, status: int) -> None:
    response = error(load("iam"), given, "m")
    assert f"<Code>{code}</Code>" in response.body.decode()
    assert response.status == status


@pytest.mark.parametrize(
    ("code", "status"), [("RegionDisabledException", 403), ("ExpiredTokenException", 400)]
)
def test_sts_statuses_are_the_models(code: str, status: int) -> None:
    response = error(load("sts"), code, "m")
    assert f"<Code>{code}</Code>" in response.body.decode()
    assert response.status == status


def test_a_server_fault_is_the_receivers() -> None:
    body = error(load("iam"), "InternalFailure", "m", 500).body.decode()
    assert "<Type>Receiver</Type>" in body


def test_an_s3_denial_is_a_bare_error_with_both_ids() -> None:
    response = error(
        load("s3"),
        "NoSuchBucketPolicy",
        "The bucket policy does not exist",
        404,
        members={"BucketName": "b"},
    )
    tree = ET.fromstring(response.body)  # noqa: S314 (written by the code under test)
    found = {child.tag: child.text for child in tree}
    assert tree.tag == "Error"
    assert found["Code"] == "NoSuchBucketPolicy"
    assert found["BucketName"] == "b"
    assert found["RequestId"] == response.header("x-amz-request-id") == REQUEST_ID
    assert found["HostId"] == response.header("x-amz-id-2")
    assert (response.status, response.header("x-amzn-requestid")) == (404, "")


def test_an_error_to_head_has_no_body() -> None:
    service = load("s3")
    refusal = ServiceError("NoSuchBucket", "m", 404)
    response = encode_error(refusal, service, service.operations["HeadBucket"], REQUEST_ID)
    assert (response.status, response.body) == (404, b"")


def test_an_sqs_denial_says_its_query_code_in_a_header() -> None:
    response = error(load("sqs"), "AccessDenied", "User: x is not authorized", 403)
    assert response.status == 403
    assert response.header("content-type") == "application/x-amz-json-1.0"
    assert response.header("x-amzn-query-error") == "AccessDenied;Sender"
    assert json.loads(response.body) == {
        "__type": "com.amazon.coral.service#AccessDeniedException",
        "Message": "User: x is not authorized",
    }


@pytest.mark.parametrize("code", ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"])
def test_a_missing_queue_has_two_names(code: str) -> None:
    response = error(load("sqs"), code, "The specified queue does not exist.")
    assert response.header("x-amzn-query-error") == "AWS.SimpleQueueService.NonExistentQueue;Sender"
    assert json.loads(response.body)["__type"] == "com.amazonaws.sqs#QueueDoesNotExist"
    legacy = error(legacy_sqs(), code, "The specified queue does not exist.").body.decode()
    assert "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>" in legacy
    assert "<Detail/>" in legacy


def test_an_organizations_error_carries_its_reason() -> None:
    response = error(
        load("organizations"), "ConstraintViolationException", "m", members={"Reason": "R"}
    )
    assert (response.status, response.header("content-type")) == (400, "application/x-amz-json-1.1")
    assert json.loads(response.body) == {
        "__type": "ConstraintViolationException",
        "Message": "m",
        "Reason": "R",
    }


def test_a_guardduty_error_is_named_in_header_and_body() -> None:
    response = error(load("guardduty"), "BadRequestException", "m", members={"Type": "T"})
    assert response.header("x-amzn-errortype") == "BadRequestException"
    assert json.loads(response.body) == {
        "__type": "T",
        "message": "m",
        "type": "T",
    }
    assert error(load("guardduty"), "InternalServerErrorException", "m").status == 500


def test_without_a_service_the_error_is_json() -> None:
    response = error(None, "UnknownOperationException", "m")
    assert json.loads(response.body) == {"__type": "UnknownOperationException", "message": "m"}


def test_headers_of_an_error_are_sent() -> None:
    response = error(
        load("s3"), "PermanentRedirect", "m", 301, headers={"x-amz-bucket-region": "r"}
    )
    assert response.header("x-amz-bucket-region") == "r"


def test_characters_xml_cannot_carry_are_replaced() -> None:
    assert escape("a\x00b\ud800c\r&") == "a\ufffdb\ufffdc&#xD;&amp;"


def test_an_assume_root_answer_is_written_as_recorded() -> None:
    service = load("sts")
    credentials = {
        "AccessKeyId": "ASIA",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": datetime(2026, 10, 5, 0, 5, 7, 250_000, tzinfo=UTC),
    }
    output = {"SourceIdentity": "Alice", "Credentials": credentials}
    response = encode(output, service, service.operations["AssumeRoot"], REQUEST_ID)
    assert response.body.decode() == (
        '<AssumeRootResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRootResult>'
        "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
        "<SessionToken>token</SessionToken><Expiration>2026-10-05T00:05:07Z</Expiration>"
        "</Credentials>"
        "<SourceIdentity>Alice</SourceIdentity></AssumeRootResult>"
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>"
        "</AssumeRootResponse>"
    )


def test_a_deleted_bucket_policy_is_no_content() -> None:
    service = load("s3")
    response = encode({}, service, service.operations["DeleteBucketPolicy"], REQUEST_ID)
    assert (response.status, response.body) == (204, b"")


def test_a_bucket_listing_has_s3s_own_root_element() -> None:
    service = load("s3")
    response = encode({"Buckets": []}, service, service.operations["ListBuckets"], REQUEST_ID)
    assert b"<ListAllMyBucketsResult xmlns=" in response.body


def test_a_header_value_cannot_begin_another_header() -> None:
    service = load("s3")
    output = {"ContentType": "a\r\nx-evil: 1"}
    response = encode(output, service, service.operations["GetObject"], REQUEST_ID)
    assert response.header("content-type") == "a  x-evil: 1"


@pytest.mark.parametrize("name", ["sts", "organizations"])
def test_an_output_the_model_does_not_know_is_our_bug(name: str) -> None:
    service = load(name)
    operation = next(o for o in service.operations.values() if o.output_shape is not None)
    with pytest.raises(BugError, match="Nonsense"):
        encode({"Nonsense": 1}, service, operation, REQUEST_ID)
