"""Which service and operation a request means."""

import pytest

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.http import Headers, HttpRequest
from rootsteward.sandbox.wire.models import SERVICES, Protocol, by_signing_name, load
from rootsteward.sandbox.wire.route import bucket_of_host, identify, route

FORM = ("content-type", "application/x-www-form-urlencoded; charset=utf-8")


def s3(
    method: str, path: str, query: str = "", *, host: str = "127.0.0.1:1", **headers: str
) -> str:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = HttpRequest(method, path, query, Headers(pairs), host=host)
    return route(request, load("s3")).operation.name


def scope(service: str) -> tuple[str, str]:
    credential = f"AKIA/20261123/eu-west-1/{service}/aws4_request"
    return ("authorization", f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, ")


@pytest.mark.parametrize(
    ("method", "path", "query", "operation"),
    [
        ("GET", "/", "", "ListBuckets"),
        ("GET", "/", "x-id=ListBuckets&max-buckets=2", "ListBuckets"),
        ("GET", "/b", "", "ListObjects"),
        ("GET", "/b/", "list-type=2", "ListObjectsV2"),
        ("GET", "/b", "location", "GetBucketLocation"),
        ("GET", "/b", "location=", "GetBucketLocation"),
        ("GET", "/b", "policy", "GetBucketPolicy"),
        ("PUT", "/b", "policy", "PutBucketPolicy"),
        ("DELETE", "/b", "policy=&x-id=DeleteBucketPolicy", "DeleteBucketPolicy"),
        ("GET", "/b", "policyStatus", "GetBucketPolicyStatus"),
        ("HEAD", "/b", "", "HeadBucket"),
        ("PUT", "/b", "", "CreateBucket"),
        ("DELETE", "/b", "", "DeleteBucket"),
        ("POST", "/b", "delete", "DeleteObjects"),
        ("GET", "/b", "analytics", "ListBucketAnalyticsConfigurations"),
        ("GET", "/b", "analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("DELETE", "/b", "analytics", "DeleteBucketAnalyticsConfiguration"),
        ("PUT", "/b/k", "", "PutObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", "UploadPart"),
        ("GET", "/b/k", "uploadId=u", "ListParts"),
        ("DELETE", "/b/k", "annotation", "DeleteObjectAnnotation"),
        ("GET", "/b//leading", "versionId=1", "GetObject"),
        ("POST", "/WriteGetObjectResponse", "", "WriteGetObjectResponse"),
    ],
)
def test_s3_operations_follow_from_method_path_and_subresource(
    method: str, path: str, query: str, operation: str
) -> None:
    assert s3(method, path, query) == operation


def test_a_copy_is_told_from_a_put_by_its_source() -> None:
    assert s3("PUT", "/b/k", x_amz_copy_source="/a/k") == "CopyObject"


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("my-bucket.localhost:4566", "my-bucket"),
        ("my.dotted.bucket.s3.eu-west-1.amazonaws.com", "my.dotted.bucket"),
        ("b.s3-eu-west-1.amazonaws.com", "b"),
        ("b.s3.localhost:1", "b"),
        ("s3.localhost:1", ""),
        ("s3.amazonaws.com", ""),
        ("s3-eu-west-1.amazonaws.com", ""),
        ("localhost:1", ""),
        ("127.0.0.1:1", ""),
        ("[::1]:1", ""),
        ("", ""),
    ],
)
def test_a_bucket_may_stand_in_the_host_name(host: str, bucket: str) -> None:
    assert bucket_of_host(host) == bucket


def test_a_virtual_hosted_request_names_its_bucket_like_any_other() -> None:
    request = HttpRequest("GET", "/a%20key", "", host="b.s3.us-east-1.amazonaws.com")
    routed = route(request, load("s3"))
    assert routed.operation.name == "GetObject"
    assert routed.labels == {"Bucket": "b", "Key": "a key"}


@pytest.mark.parametrize(
    ("method", "path", "query", "code", "status"),
    [
        ("PATCH", "/b", "", "MethodNotAllowed", 405),
        ("PUT", "/", "", "MethodNotAllowed", 405),
        ("PUT", "/b", "location", "MethodNotAllowed", 405),
        ("POST", "/b", "", "PreconditionFailed", 412),
        ("GET", "/%ff", "", "InvalidURI", 400),
    ],
)
def test_s3_refuses_what_it_has_no_operation_for(
    method: str, path: str, query: str, code: str, status: int
) -> None:
    with pytest.raises(ServiceError) as caught:
        s3(method, path, query)
    assert (caught.value.code, caught.value.http_status) == (code, status)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"Action=Nope&Version=2010-05-08", "InvalidAction", "Nope for version 2010-05-08"),
        (b"Action=GetUser&Version=1999-01-01", "InvalidAction", "GetUser for version 1999-01-01"),
        (b"Action=GetUser", "InvalidAction", "GetUser for version NO_VERSION_SPECIFIED"),
        (b"Version=2010-05-08", "MissingAction", "The request must contain the parameter Action"),
        (b"Action=%ff", "MalformedQueryString", "The query string contains a syntax error."),
        (b"\xff\xfe", "MalformedQueryString", "The query string contains a syntax error."),
    ],
)
def test_a_query_without_a_known_action_is_refused(body: bytes, code: str, message: str) -> None:
    request = HttpRequest("POST", "/", headers=Headers([FORM]), body=body)
    with pytest.raises(ServiceError, match=code) as caught:
        route(request, load("iam"))
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("target", "content_type"),
    [
        ("AWSOrganizationsV20161128.Nope", "application/x-amz-json-1.1"),
        ("AnotherPrefix.ListAccounts", "application/x-amz-json-1.1"),
        ("ListAccounts", "application/x-amz-json-1.1"),
        ("", "application/x-amz-json-1.1"),
        ("AWSOrganizationsV20161128.ListAccounts", "text/plain"),
    ],
)
def test_a_wrong_target_or_content_type_is_an_unknown_operation(
    target: str, content_type: str
) -> None:
    headers = Headers([("x-amz-target", target), ("content-type", content_type)])
    with pytest.raises(ServiceError) as caught:
        route(HttpRequest("POST", "/", headers=headers), load("organizations"))
    assert caught.value.code == "UnknownOperationException"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nope"), ("PATCH", "/detector"), ("GET", "/detector/x/y/z/w")]
)
def test_an_unknown_path_is_an_unknown_operation(method: str, path: str) -> None:
    with pytest.raises(ServiceError) as caught:
        route(HttpRequest(method, path), load("guardduty"))
    assert (caught.value.code, caught.value.http_status) == ("UnknownOperationException", 404)


def test_both_spellings_of_a_target_prefix_are_understood() -> None:
    full = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    for target in (full, "CloudTrail_20131101.LookupEvents"):
        headers = Headers(
            [("x-amz-target", target), ("content-type", "application/x-amz-json-1.1")]
        )
        request = HttpRequest("POST", "/", headers=headers)
        service = identify(request)
        assert service is load("cloudtrail")
        assert route(request, load("cloudtrail")).operation.name == "LookupEvents"


@pytest.mark.parametrize("name", SERVICES)
def test_the_credential_scope_names_the_service(name: str) -> None:
    content = ("content-type", "application/x-amz-json-1.0")
    service = identify(HttpRequest("POST", "/", headers=Headers([scope(name), content])))
    assert service is load(name)


def test_a_scope_in_a_presigned_address_names_the_service() -> None:
    query = "X-Amz-Credential=AKIA%2F20261123%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=x"
    assert identify(HttpRequest("GET", "/", query)) is load("sts")


def test_an_unknown_scope_is_no_service() -> None:
    assert identify(HttpRequest("POST", "/", headers=Headers([scope("nonesuch")]))) is None


def test_any_other_service_of_a_spoken_protocol_can_be_loaded() -> None:
    ssm = by_signing_name("ssm")
    assert ssm is not None
    assert ssm.protocol is Protocol.JSON


def test_sqs_answers_forms_in_its_query_dialect() -> None:
    body = (
        b"Action=SetQueueAttributes&Version=2012-11-05&Attribute.1.Name=Policy&Attribute.1.Value="
    )
    request = HttpRequest(
        "POST", "/111111111111/q", headers=Headers([scope("sqs"), FORM]), body=body, host="h:1"
    )
    service = identify(request)
    assert service is not None
    assert service.protocol is Protocol.QUERY
    routed = route(request, service)
    assert ("QueueUrl", "http://h:1/111111111111/q") in routed.fields
