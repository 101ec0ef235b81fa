"""How fast the wire is: one signed call, in its steps and over HTTP.

Run by hand: `python bench/bench_wire.py [seconds]`. The server runs in a process of its own and
answers `GetAccountSummary` from a fixed output, so the figure is the ceiling of the sandbox.
"""

import http.client
import multiprocessing
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rootsteward.sandbox.server import serve_forever
from rootsteward.sandbox.wire.decode import decode
from rootsteward.sandbox.wire.encode import encode
from rootsteward.sandbox.wire.http import Headers, HttpRequest, HttpResponse
from rootsteward.sandbox.wire.route import identify, route
from rootsteward.sandbox.wire.sigv4 import SigningKey, verify

KEY_ID, SECRET, TOKEN = "ASIAEXAMPLE000000001", "a-made-up-secret", "t" * 350
BODY = b"Action=GetAccountSummary&Version=2010-05-08"
SUMMARY = {"SummaryMap": {f"SummaryKeyNumber{i}": i for i in range(34)}}
CONNECTIONS = 4


def find_key(access_key_id: str) -> SigningKey | None:
    return SigningKey(SECRET, TOKEN) if access_key_id == KEY_ID else None


def handle(request: HttpRequest) -> HttpResponse:
    service = identify(request)
    assert service is not None
    signature = verify(request, find_key, datetime.now(UTC))
    routed = route(replace(request, body=signature.body), service)
    decode(request, routed)
    return encode(SUMMARY, service, routed.operation, "5cf52f27-0000-4000-8000-0123456789ab")


def signed_headers(host: str) -> dict[str, str]:
    content_type = "application/x-www-form-urlencoded; charset=utf-8"
    request = AWSRequest("POST", f"http://{host}/", {"Content-Type": content_type}, BODY)
    SigV4Auth(Credentials(KEY_ID, SECRET, TOKEN), "iam", "us-east-1").add_auth(request)
    return {name: str(value) for name, value in request.prepare().headers.items()}


def rate(work: Callable[[], object], seconds: float) -> float:
    count, started = 0, time.process_time()
    while time.process_time() - started < seconds:
        for _ in range(50):
            work()
        count += 50
    return count / (time.process_time() - started)


def steps(seconds: float) -> None:
    host = "127.0.0.1:8000"
    headers = Headers([("host", host), *signed_headers(host).items()])
    request = HttpRequest("POST", "/", "", headers, BODY, host)
    service = identify(request)
    assert service is not None
    routed, now = route(request, service), datetime.now(UTC)
    work: dict[str, Callable[[], object]] = {
        "identify": lambda: identify(request),
        "verify": lambda: verify(request, find_key, now),
        "route": lambda: route(request, service),
        "decode": lambda: decode(request, routed),
        "encode": lambda: encode(SUMMARY, service, routed.operation, "id"),
        "all": lambda: handle(request),
    }
    for name, step in work.items():
        print(f"{name:>10}: {1e6 / rate(step, seconds):7.1f} µs")


def serve_in_process(pipe: Connection) -> None:
    started = []

    def on_started(url: str) -> None:
        started.append(time.process_time())
        pipe.send(url)

    serve_forever(handle, on_started=on_started)
    pipe.send(time.process_time() - started[0])


def over_http(seconds: float) -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve_in_process, args=(there,), daemon=True)
    server.start()
    host = here.recv().removeprefix("http://")
    headers = signed_headers(host)
    connections = [http.client.HTTPConnection(host) for _ in range(CONNECTIONS)]
    count, end = 0, datetime.now(UTC) + timedelta(seconds=seconds)
    while datetime.now(UTC) < end:
        for connection in connections:
            connection.request("POST", "/", BODY, headers)
        for connection in connections:
            response = connection.getresponse()
            assert response.status == 200, response.read()
            response.read()
        count += CONNECTIONS
    for connection in connections:
        connection.close()
    server.terminate()
    busy_seconds = here.recv()
    server.join()
    print(f" over HTTP: {count / seconds:7.0f} signed calls a second, client and all")
    print(f"            {count / busy_seconds:7.0f} a second of the server's own CPU time")


if __name__ == "__main__":
    duration_seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    steps(duration_seconds / 6)
    over_http(duration_seconds)
