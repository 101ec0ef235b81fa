"""Clients that speak bad HTTP: the server answers, or hangs up, and goes on."""

import contextlib
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest


@pytest.fixture
def world(served: Callable[[str], Any]) -> Any:  # noqa: ANN401 (see conftest)
    return served("article")


def still_works(world: Any) -> bool:  # noqa: ANN401
    return bool(world.client("sts").get_caller_identity()["Account"])


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01",
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nshort",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    ],
    ids=[
        "nothing",
        "tls",
        "garbage",
        "version",
        "length",
        "truncated",
        "chunks",
        "path",
        "headers",
    ],
)
def test_bad_http_takes_nothing_down(world: Any, sent: bytes) -> None:  # noqa: ANN401
    address = urlsplit(world.url)
    with (
        socket.create_connection((address.hostname, address.port), timeout=5) as stream,
        contextlib.suppress(ConnectionError),
    ):
        stream.sendall(sent)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(65536):
            pass
    assert still_works(world)


def test_a_header_does_not_change_where_a_call_comes_from(
    served: Callable[[str], Any],
) -> None:
    """Whoever could say where they are could walk through the perimeter."""
    world = served("network-perimeter")
    admin = world.client("iam", "trading-admin")

    def pretend(request: Any, **_: object) -> None:  # noqa: ANN401 (botocore's event)
        request.headers["X-Forwarded-For"] = "203.0.113.9"

    admin.meta.events.register("before-sign.iam", pretend)
    assert admin.get_account_summary()
