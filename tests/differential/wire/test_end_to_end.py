"""An unmodified boto3 against the server, with the smallest handler that can answer."""

import asyncio
import contextlib
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from rootsteward.domain.errors import InputError
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.server import asgi_app, serve
from rootsteward.sandbox.wire.decode import decode
from rootsteward.sandbox.wire.encode import encode, encode_error
from rootsteward.sandbox.wire.http import HttpRequest, HttpResponse
from rootsteward.sandbox.wire.route import Routed, identify, route
from rootsteward.sandbox.wire.sigv4 import SigningKey, verify

KEY_ID, SECRET = "AKIAEXAMPLE000000001", "a-made-up-secret"
REQUEST_ID = "5cf52f27-0000-4000-8000-0123456789ab"
CREATED = datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)
OUTPUTS: dict[str, dict[str, Any]] = {
    "GetCallerIdentity": {"Account": "111111111111", "Arn": "arn:aws:iam::111111111111:root"},
    "GetAccountSummary": {"SummaryMap": {"AccountMFAEnabled": 1, "Users": 0}},
    "GetBucketLocation": {"LocationConstraint": "eu-west-1"},
    "ListBuckets": {"Buckets": [{"Name": "b", "CreationDate": CREATED}]},
    "GetBucketPolicy": {"Policy": '{"é": 1}'},
    "GetObject": {"Body": b"\x00\xffcontent", "ETag": '"e"', "Metadata": {"colour": "red"}},
    "HeadObject": {"ContentLength": 42},
    "ListFindings": {"FindingIds": ["f"]},
    "LookupEvents": {"Events": [{"EventId": "e", "EventTime": CREATED}]},
    "ListAccounts": {"Accounts": [{"Id": "111111111111", "JoinedTimestamp": CREATED}]},
    "GetQueueAttributes": {"Attributes": {"Policy": "{}"}},
}


class Handler:
    """Verifies, reads, answers from `OUTPUTS`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.broken = False
        self.reset = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.broken:
            raise RuntimeError("a bug in the world")
        service, routed = identify(request), None
        assert service is not None
        try:
            key = SigningKey(SECRET)
            signature = verify(request, {KEY_ID: key}.get, datetime.now(UTC))
            routed = route(request, service)
            response = self.answer(replace(request, body=signature.body), routed)
        except ServiceError as error:
            operation = routed.operation if routed else None
            return encode_error(error, service, operation, REQUEST_ID)
        return replace(response, reset=self.reset)

    def answer(self, request: HttpRequest, routed: Routed) -> HttpResponse:
        name = routed.operation.name
        self.asked.append((name, decode(request, routed)))
        if name == "GetQueueUrl":
            raise ServiceError("AWS.SimpleQueueService.NonExistentQueue", "no such queue")
        return encode(OUTPUTS.get(name, {}), routed.service, routed.operation, REQUEST_ID)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Handler, str]]:
    handler = Handler()
    with serve(handler) as url:
        yield handler, url


@pytest.fixture
def handler(served: tuple[Handler, str]) -> Iterator[Handler]:
    served[0].asked.clear()
    yield served[0]
    served[0].broken = served[0].reset = False


class Clients:
    """boto3 clients of one server, closed together."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stack = contextlib.ExitStack()

    def __call__(self, name: str, secret: str = SECRET) -> Any:  # noqa: ANN401 (any boto3 client)
        session: Any = boto3.Session(KEY_ID, secret, region_name="eu-west-1")
        config = Config(retries={"total_max_attempts": 1})
        client = session.client(name, endpoint_url=self.url, config=config)
        self.stack.callback(client.close)
        return client


@pytest.fixture
def client(served: tuple[Handler, str]) -> Iterator[Clients]:
    clients = Clients(served[1])
    with clients.stack:
        yield clients


def test_every_protocol_answers_boto3(handler: Handler, client: Clients) -> None:
    assert client("sts").get_caller_identity()["Account"] == "111111111111"
    assert client("iam").get_account_summary()["SummaryMap"] == {"AccountMFAEnabled": 1, "Users": 0}
    accounts = client("organizations").list_accounts()["Accounts"]
    assert accounts[0]["JoinedTimestamp"] == CREATED
    assert client("guardduty").list_findings(DetectorId="d")["FindingIds"] == ["f"]
    assert client("cloudtrail").lookup_events()["Events"][0]["EventTime"] == CREATED
    assert len(handler.asked) == 5


def test_s3_answers_boto3(handler: Handler, client: Clients) -> None:
    s3 = client("s3")
    assert s3.get_bucket_location(Bucket="b")["LocationConstraint"] == "eu-west-1"
    assert s3.list_buckets()["Buckets"] == [{"Name": "b", "CreationDate": CREATED}]
    assert s3.get_bucket_policy(Bucket="b")["Policy"] == '{"é": 1}'
    assert s3.delete_bucket_policy(Bucket="b")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.head_object(Bucket="b", Key="k")["ContentLength"] == 42
    found = s3.get_object(Bucket="b", Key="k")
    with found["Body"] as body:
        assert body.read() == b"\x00\xffcontent"
    assert found["Metadata"] == {"colour": "red"}
    assert [name for name, _ in handler.asked][-1] == "GetObject"


def test_an_s3_upload_arrives_whole(handler: Handler, client: Clients) -> None:
    client("s3").put_object(Bucket="b", Key="a b/+é", Body=b"content" * 999, Metadata={"a": "b"})
    name, params = handler.asked[-1]
    assert (name, params["Key"], params["Metadata"]) == ("PutObject", "a b/+é", {"a": "b"})
    assert params["Body"] == b"content" * 999


def test_sqs_takes_an_empty_policy(handler: Handler, client: Clients) -> None:
    sqs = client("sqs")
    sqs.set_queue_attributes(QueueUrl="http://h/1/q", Attributes={"Policy": ""})
    expected = {"QueueUrl": "http://h/1/q", "Attributes": {"Policy": ""}}
    assert handler.asked[-1] == ("SetQueueAttributes", expected)
    assert sqs.get_queue_attributes(QueueUrl="q")["Attributes"] == {"Policy": "{}"}
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as caught:
        sqs.get_queue_url(QueueName="nope")
    assert caught.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("organizations", "list_accounts", "InvalidSignatureException"),
        ("guardduty", "list_detectors", "InvalidSignatureException"),
        ("sqs", "list_queues", "SignatureDoesNotMatch"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_secret_is_told_in_the_services_words(
    client: Clients, service: str, operation: str, code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client(service, "wrong"), operation)()
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InternalFailure"),
        ("organizations", "list_accounts", "InternalFailure"),
        ("sqs", "list_queues", "InternalFailure"),
        ("guardduty", "list_detectors", "InternalFailure"),
        ("s3", "list_buckets", "InternalError"),
    ],
)
def test_a_bug_is_an_internal_failure_and_the_server_lives(
    handler: Handler,
    client: Clients,
    caplog: pytest.LogCaptureFixture,
    service: str,
    operation: str,
    code: str,
) -> None:
    handler.broken = True
    with caplog.at_level(logging.ERROR), pytest.raises(ClientError) as caught:
        getattr(client(service), operation)()
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (
        code,
        500,
    )
    assert "the sandbox failed on" in caplog.text
    assert KEY_ID not in caplog.text
    handler.broken = False
    assert client("sts").get_caller_identity()["Account"] == "111111111111"


def test_a_reset_connection_has_no_answer(handler: Handler, client: Clients) -> None:
    handler.reset = True
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        client("sts").get_caller_identity()
    assert handler.asked[-1][0] == "GetCallerIdentity"
    handler.reset = False
    assert client("sts").get_caller_identity()["Account"] == "111111111111"


def test_bytes_that_are_no_http_do_not_hurt(
    served: tuple[Handler, str], client: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    parts = urlsplit(served[1])
    for junk in (b"\x16\x03\x01\x00junk\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Le"):
        with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
            connection.sendall(junk)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)
    del caplog
    assert client("sts").get_caller_identity()["Account"] == "111111111111"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-amz-target": "AmazonSQS.ListQueues"}, 413, "RequestEntityTooLargeException"),
        ({}, 400, "EntityTooLarge"),
    ],
)
def test_an_oversized_body_is_refused_in_the_services_words(
    handler: Handler, headers: dict[str, str], status: int, code: str
) -> None:
    with serve(handler, max_body_bytes=1000) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        with contextlib.closing(connection):
            connection.request("POST", "/b/k", body=b"x" * 200_000, headers=headers)
            response = connection.getresponse()
            body = response.read().decode()
    assert (response.status, code in body) == (status, True)
    assert handler.asked == []


@pytest.mark.parametrize(
    ("header", "code"),
    [("x-amz-target: AmazonSQS.ListQueues", "SerializationException"), ("x: y", "IncompleteBody")],
)
def test_a_body_that_ends_too_early_is_refused_and_not_taken_for_whole(
    served: tuple[Handler, str], handler: Handler, header: str, code: str
) -> None:
    answer = said_after_half_closing(
        served[1], f"PUT /b/k HTTP/1.1\r\nHost: x\r\n{header}\r\nContent-Length: 9\r\n\r\npart"
    )
    assert answer.startswith("HTTP/1.1 400 ")
    assert code in answer
    assert handler.asked == []


def test_whoever_ends_his_half_after_the_whole_request_is_answered(
    served: tuple[Handler, str],
) -> None:
    answer = said_after_half_closing(
        served[1], "PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nfull"
    )
    assert answer.startswith("HTTP/1.1 403 ")
    assert "AccessDenied" in answer


def test_nothing_is_done_for_a_client_that_hung_up_half_way() -> None:
    asked: list[HttpRequest] = []

    async def hung_up() -> dict[str, object]:
        return messages.pop(0)

    async def send(_message: dict[str, object]) -> None:
        pytest.fail("nobody listens any more")

    def handle(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        return HttpResponse(200, (), b"")

    messages: list[dict[str, object]] = [
        {"type": "http.request", "body": b"part", "more_body": True},
        {"type": "http.disconnect"},
    ]
    asyncio.run(asgi_app(handle)({"type": "http", "path": "/b/k"}, hung_up, send))
    assert asked == []


def said_after_half_closing(url: str, request: str) -> str:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read().decode()


def test_admin_pages_live_beside_aws(handler: Handler) -> None:
    async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 (ASGI)
        del receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    with serve(handler, admin=page) as url:
        assert fetch(f"{url}/_rootsteward/status") == b"/_rootsteward/status"


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 (our own server)
        return bytes(response.read())


def test_an_ipv4_client_keeps_its_address_where_both_families_are_served() -> None:
    asked: list[HttpRequest] = []

    def handle(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        return HttpResponse(200, (), b"")

    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(serve(handle, "::"))
            fetch(f"http://127.0.0.1:{urlsplit(url).port}/b/k")
        except (InputError, OSError):
            pytest.skip("no socket for both families on this machine")
    assert [request.source_ip for request in asked] == ["127.0.0.1"]


def test_a_taken_port_is_the_operators_to_change(served: tuple[Handler, str]) -> None:
    port = urlsplit(served[1]).port
    assert port is not None
    with pytest.raises(InputError, match="cannot listen on"), serve(Handler(), port=port):
        pass


PROGRAM = """
import sys
from rootsteward.sandbox.server import serve_forever
from rootsteward.sandbox.wire.http import HttpResponse
answer = HttpResponse(200, (), b"{}")
serve_forever(lambda request: answer, on_started=lambda url: print(url, flush=True))
print("stopped", flush=True)
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_served_sandbox_stops_cleanly(stop: signal.Signals, repository: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    environment = os.environ | {"PYTHONPATH": str(repository / "src")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert fetch(url) == b"{}"
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "stopped\n", "")
