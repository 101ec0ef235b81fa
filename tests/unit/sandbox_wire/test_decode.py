"""Requests that can and that cannot be read."""

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.decode import decode
from rootsteward.sandbox.wire.http import Headers, HttpRequest
from rootsteward.sandbox.wire.models import SERVICES, Service, legacy_sqs, load
from rootsteward.sandbox.wire.route import identify, route
from rootsteward.sandbox.wire.scalars import MalformedError, parse_timestamp
from rootsteward.sandbox.wire.sigv4 import SigningKey, verify

FORM = ("content-type", "application/x-www-form-urlencoded")
JSON = ("content-type", "application/x-amz-json-1.1")


def query(body: bytes, service: Service | None = None) -> dict[str, Any]:
    service = service or load("sts")
    request = HttpRequest("POST", "/", headers=Headers([FORM]), body=body)
    return decode(request, route(request, service))


def json_call(operation: str, body: bytes) -> dict[str, Any]:
    target = ("x-amz-target", f"AWSOrganizationsV20161128.{operation}")
    request = HttpRequest("POST", "/", headers=Headers([target, JSON]), body=body)
    return decode(request, route(request, load("organizations")))


def s3_put(query_string: str, body: bytes) -> dict[str, Any]:
    request = HttpRequest("PUT", "/bucket", query_string, body=body, host="127.0.0.1")
    return decode(request, route(request, load("s3")))


def test_an_assume_root_form_is_read() -> None:
    body = (
        b"Action=AssumeRoot&Version=2011-06-15&TargetPrincipal=111111111111"
        b"&TaskPolicyArn.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Froot-task%2FX&DurationSeconds=0"
    )
    assert query(body) == {
        "TargetPrincipal": "111111111111",
        "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/X"},
        "DurationSeconds": 0,
    }


def test_list_positions_are_numbers_and_not_text() -> None:
    parts = [f"PolicyArns.member.{i}.arn=a{i}" for i in (10, 9, *range(1, 9))]
    body = "&".join(["Action=AssumeRole&Version=2011-06-15", *parts]).encode()
    assert [item["arn"] for item in query(body)["PolicyArns"]] == [f"a{i}" for i in range(1, 11)]


def iam_list(*positions: str) -> list[str | None]:
    parts = [f"TagKeys.member.{position}=k" for position in positions]
    body = "&".join(["Action=UntagUser&Version=2010-05-08&UserName=u", *parts]).encode()
    keys: list[str | None] = query(body, load("iam"))["TagKeys"]
    return keys


def test_a_list_may_leave_a_few_positions_out() -> None:
    assert iam_list("01") == ["k"]
    assert iam_list("11") == [None] * 10 + ["k"]
    assert iam_list("1", "8", "15") == ["k", *[None] * 6, "k", *[None] * 6, "k"]


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        (["0"], "0 is not a valid index"),
        (["-1"], "Key -1 may not have a leading '-'"),
        (["%2B1"], "Start of list found where not expected"),
        (["one"], "Start of list found where not expected"),
        (["12"], "Excessively sparse input would skip 11 list elements"),
        (["12", "1"], "Excessively sparse input would skip 11 list elements"),
        (["1", "22", "43"], "Excessively sparse input would skip 21 list elements"),
        ([*map(str, range(1, 11)), "22"], "Excessively sparse input would skip 12 list elements"),
    ],
)
def test_other_positions_are_refused_as_recorded(positions: list[str], message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        iam_list(*positions)
    assert (caught.value.code, caught.value.message) == ("MalformedInput", message)


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_truth_values_have_four_spellings(text: str, value: object) -> None:
    form = f"Action=ListPolicies&Version=2010-05-08&OnlyAttached={text}".encode()
    assert query(form, load("iam")) == {"OnlyAttached": value}


@pytest.mark.parametrize(
    "field",
    [
        *(f"OnlyAttached={text}" for text in ("True", "FALSE", "+true", "true%0A", "", "yes")),
        *(f"MaxItems={text}" for text in ("+1+", "%091%0A", "1.0", "1e0", "2147483648")),
    ],
)
def test_other_spellings_are_malformed(field: str) -> None:
    with pytest.raises(ServiceError) as caught:
        query(f"Action=ListPolicies&Version=2010-05-08&{field}".encode(), load("iam"))
    assert (caught.value.code, caught.value.http_status) == ("MalformedInput", 400)


def test_whole_numbers_may_have_a_sign_and_zeros_in_front() -> None:
    for text in ("1", "01", "%2B1"):
        form = f"Action=ListPolicies&Version=2010-05-08&MaxItems={text}".encode()
        assert query(form, load("iam")) == {"MaxItems": 1}


def test_unknown_names_of_a_form_are_ignored() -> None:
    assert query(b"Action=GetCallerIdentity&Version=2011-06-15&Nonsense.1=2") == {}


def test_sqs_forms_are_read_as_the_json_they_became() -> None:
    body = (
        b"Action=SendMessage&Version=2012-11-05&QueueUrl=u&MessageBody=hi"
        b"&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String"
        b"&MessageAttribute.1.Value.StringValue=v"
    )
    assert query(body, legacy_sqs()) == {
        "QueueUrl": "u",
        "MessageBody": "hi",
        "MessageAttributes": {"n": {"DataType": "String", "StringValue": "v"}},
    }


@pytest.mark.parametrize(
    "fields",
    [
        b"DurationSeconds=ten",
        b"DurationSeconds=1_0",
        b"DurationSeconds=99999999999999999999999",
        b"DurationSeconds=4294967296",
        b"DurationSeconds.x=1",
        b"PolicyArns=text",
        b"PolicyArns.member.x.arn=a",
        b"PolicyArns.member.1=text",
        b"." * 5000 + b"=x",
    ],
)
def test_a_form_with_a_value_of_another_type_is_malformed(fields: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        query(b"Action=AssumeRole&Version=2011-06-15&" + fields)
    assert (caught.value.code, caught.value.http_status) == ("MalformedInput", 400)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"\xff",
        b'{"MaxResults":"ten"}',
        b'{"MaxResults":true}',
        b'{"MaxResults":1.5}',
        b'{"MaxResults":' + b"9" * 5000 + b"}",
        b'{"NextToken":7}',
        b'{"NextToken":{"a":1}}',
        b'{"NextToken":"\\ud800"}',
        b'{"Filter":[]}' * 2,
        b"[" * 100_000,
    ],
)
def test_json_that_does_not_fit_is_a_serialization_exception(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        json_call("ListAccounts", body)
    assert (caught.value.code, caught.value.http_status) == ("SerializationException", 400)


def test_json_nulls_and_unknown_members_are_left_out() -> None:
    assert json_call("ListAccounts", b'{"NextToken":null,"MaxResults":5.0,"Nope":{}}') == {
        "MaxResults": 5
    }


def test_an_empty_json_body_is_an_empty_object() -> None:
    assert json_call("ListAccounts", b"") == {}


@pytest.mark.parametrize(
    "body",
    [
        b"<Tagging",
        b"text",
        b"<Other/>",
        b"<Tagging><TagSet><Nope/></TagSet></Tagging>",
        b"<Tagging><TagSet/><TagSet/></Tagging>",
        b"<Tagging><TagSet><Tag><Key><a/></Key></Tag></TagSet></Tagging>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><Tagging>&a;</Tagging>',
        "<!DOCTYPE x><Tagging/>".encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-16"?><Tagging>\xff</Tagging>',
        b"<Tagging>\x00</Tagging>",
        b"<a>" * 50_000,
    ],
)
def test_xml_that_does_not_fit_is_malformed(body: bytes) -> None:
    with pytest.raises(ServiceError) as caught:
        s3_put("tagging", body)
    assert (caught.value.code, caught.value.http_status) == ("MalformedXML", 400)


def test_xml_with_a_namespace_is_read() -> None:
    body = (
        b'<?xml version="1.0"?><Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>'
        b"<Tag><Key>k</Key><Value>v &amp; w</Value></Tag></TagSet></Tagging>"
    )
    assert s3_put("tagging", body) == {
        "Bucket": "bucket",
        "Tagging": {"TagSet": [{"Key": "k", "Value": "v & w"}]},
    }


def test_a_bucket_policy_is_the_body_as_it_came() -> None:
    assert s3_put("policy", b'{"a": "\xc3\xa9"}')["Policy"] == '{"a": "é"}'


def test_the_travelling_encoding_is_no_part_of_the_object() -> None:
    headers = Headers([("content-encoding", "aws-chunked,gzip"), ("x-amz-meta-Colour", "red")])
    request = HttpRequest("PUT", "/bucket/key", "", headers, b"x", "127.0.0.1")
    params = decode(request, route(request, load("s3")))
    assert params["ContentEncoding"] == "gzip"
    assert params["Metadata"] == {"colour": "red"}


def test_a_header_of_another_type_is_an_invalid_argument() -> None:
    headers = Headers([("if-modified-since", "yesterday")])
    request = HttpRequest("GET", "/bucket/key", "", headers, host="127.0.0.1")
    with pytest.raises(ServiceError) as caught:
        decode(request, route(request, load("s3")))
    assert caught.value.code == "InvalidArgument"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10:20:30Z",
        "2026-11-23T11:20:30.000+01:00",
        "2026-11-23T10:20:30",
        "Mon, 23 Nov 2026 10:20:30 GMT",
        "1795429230",
        1795429230,
        1795429230.0,
    ],
)
def test_every_form_of_a_timestamp_is_the_same_moment(text: str | float) -> None:
    assert parse_timestamp(text) == datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", 1e30, "1e999", float("nan")])
def test_what_is_no_timestamp_is_malformed(text: str | float) -> None:
    with pytest.raises(MalformedError):
        parse_timestamp(text)


# --- fuzz: whatever comes, only a ServiceError may come out ---

TARGETS = [
    f"{load(name).target_prefix}.{operation}"
    for name in ("organizations", "cloudtrail", "sqs")
    for operation in list(load(name).operations)[:12]
]
ACTIONS = [
    f"Action={operation}&Version={load(name).api_version}&"
    for name in ("sts", "iam")
    for operation in list(load(name).operations)[:12]
]
ODD_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
NAMES = st.sampled_from(["PolicyArns.member.1.arn", "Tags.member.1", "DurationSeconds", "a..b", ""])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXT
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
MEMBER_NAMES = st.sampled_from(
    ["Tags", "Filter", "MaxResults", "QueueUrl", "Attributes", "Entries"]
)


def json_bodies() -> st.SearchStrategy[bytes]:
    def dumped(value: object) -> bytes:
        return json.dumps(value).encode()

    return st.dictionaries(MEMBER_NAMES, DOCUMENTS, max_size=4).map(dumped)


def forms() -> st.SearchStrategy[bytes]:
    pairs = st.lists(st.tuples(NAMES, ODD_TEXT), max_size=5)
    return st.tuples(st.sampled_from(ACTIONS), pairs).map(
        lambda parts: (parts[0] + urlencode(parts[1])).encode()
    )


BODIES = st.one_of(
    st.binary(max_size=200),
    json_bodies(),
    forms(),
    st.sampled_from([b"<Tagging>", b"<Delete><Object/></Delete>", b"<a b='c'/>"]),
)
HEADER_NAMES = [
    "authorization",
    "content-type",
    "x-amz-target",
    "x-amz-date",
    "content-md5",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "if-modified-since",
    "x-amz-object-attributes",
    "content-encoding",
    "host",
    "x-amz-security-token",
]
CREDENTIAL = "Credential=AKIA/20261123/eu-west-1/s3/aws4_request"
HEADER_VALUES = st.one_of(
    st.sampled_from(
        [
            *TARGETS,
            FORM[1],
            JSON[1],
            "AWS4-HMAC-SHA256 " + CREDENTIAL,
            f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host, Signature=" + "0" * 64,
            "20261123T000000Z",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "UNSIGNED-PAYLOAD",
            "-1",
        ]
    ),
    st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=30),
)
REQUESTS = st.builds(
    HttpRequest,
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "X"]),
    raw_path=st.sampled_from(["/", "/b", "/b/k", "/detector", "/tags/x", "//", "/%zz", "/%ff"])
    | st.text(alphabet="/%abcé.?#\x00{}", max_size=20),
    query_string=st.sampled_from(["", "policy", "delete", "tagging", "a=%ff", "uploadId=1"])
    | st.text(alphabet="abc=&%+;X-Amz-Credential/", max_size=40),
    headers=st.lists(st.tuples(st.sampled_from(HEADER_NAMES), HEADER_VALUES), max_size=6).map(
        Headers
    ),
    body=BODIES,
    host=st.sampled_from(["127.0.0.1", "b.localhost:1", "b.s3.x", "[::1]:2", "", "é", ":::"]),
)

HEADER_CLAIMS = ("Credential", "SignedHeaders", "Signature")
CLAIMS = st.fixed_dictionaries(
    {
        "X-Amz-Credential": st.sampled_from(
            [
                *(f"AKIA/20261123/eu-west-1/{s}/aws4_request" for s in (*SERVICES, "nope")),
                "AKIA/20261123/eu-west-1/sts",
                "AKIA/2026/////aws4_request",
            ]
        ),
        "X-Amz-SignedHeaders": st.sampled_from(["host", "host;x-amz-date", ";", "x-amz-date", "é"]),
        "X-Amz-Signature": st.sampled_from(["0" * 64, "é", "ab"]),
        "X-Amz-Date": st.sampled_from(
            ["20261123T000000Z", "20261123T999999Z", "x", "20200101T000000Z"]
        ),
        "X-Amz-Expires": st.sampled_from(["60", "0", "-1", "604801", "9" * 5000, "\u0663", "x"]),
        "X-Amz-Algorithm": st.sampled_from(["AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"]),
    }
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS, name=st.sampled_from([*SERVICES, ""]))
def test_no_request_ends_in_anything_but_an_answer_or_a_service_error(
    request: HttpRequest, name: str
) -> None:
    service = load(name) if name else identify(request)
    with contextlib.suppress(ServiceError):
        if service is not None:
            decode(request, route(request, service))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=REQUESTS, claims=CLAIMS, place=st.sampled_from(["query", "header"]))
def test_no_unauthentic_request_gets_past_verification(
    request: HttpRequest, claims: dict[str, str], place: str
) -> None:
    if place == "query":
        request = replace(request, query_string=urlencode(claims))
    else:
        parts = ", ".join(f"{n}={claims[f'X-Amz-{n}']}" for n in HEADER_CLAIMS)
        own = [("authorization", f"AWS4-HMAC-SHA256 {parts}"), ("x-amz-date", claims["X-Amz-Date"])]
        request = replace(request, headers=Headers([*own, *request.headers]))
    with pytest.raises(ServiceError):
        verify(request, lambda _: SigningKey("made-up"), datetime(2026, 11, 23, tzinfo=UTC))
