"""How fast the sandbox answers, how fast it starts, how much memory its worlds take.

Run by hand: `python bench/bench_sandbox.py [seconds]`. The server is one process on one core; the
load comes from this process, on another core where there is one. Every request is a signed
`GetAccountSummary` in a root session, and the server verifies, judges and records each.

Goals: 1,500 calls a second; `article` under 1 s; 10,000 accounts under 3 s and 300 MB; 50,000
accounts under 1 GB.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CONNECTIONS = 8
SESSIONS = 64
BODY = b"Action=GetAccountSummary&Version=2010-05-08"
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
TASK = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
ARTICLE_SECONDS, MEDIUM_SECONDS, MEDIUM_MB, LARGE_MB, CALLS_PER_SECOND = 1.0, 3.0, 300, 1000, 1500

# What the server process runs: its imports and the making of the world count as its start.
SERVER = """
import json, os, resource, sys, time
from datetime import UTC, datetime
from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import listing
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve_forever
from rootsteward.sandbox.world.root_access import IAM_SERVICE

if sys.argv[2] != "-":
    os.sched_setaffinity(0, {int(sys.argv[2])})
world = load_scenario(sys.argv[1], now=lambda: datetime.now(UTC))
world.organization.services.trust(IAM_SERVICE, world.now())
for feature in RootFeature:
    world.organization.root_features.enable(feature)
organization = world.organization
members = [a for a in organization.accounts if a != organization.management_account_id]

def say(url):
    print(json.dumps({
        "url": url,
        "key": next(i for i in listing(world) if i["profile"] == "management"),
        "members": [a for a in members if organization.is_active(a)],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }), flush=True)

serve_forever(Sandbox(world).handle, on_started=say)
"""


@dataclass(frozen=True)
class Server:
    url: str
    key: dict[str, str]
    members: list[str]
    started_seconds: float
    started_cpu_seconds: float
    peak_mb: float
    process_id: int


@contextlib.contextmanager
def serving(scenario: str, core: int | None = None) -> Iterator[Server]:
    """A server process; `started_seconds` counts from its start until it listens."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, scenario, "-" if core is None else str(core)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        seconds = time.perf_counter() - began
        yield Server(
            said["url"],
            said["key"],
            said["members"],
            seconds,
            cpu_seconds(process.pid),
            said["peak_mb"],
            process.pid,
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def signed(url: str, service: str, region: str, key: Credentials, body: bytes) -> bytes:
    """The bytes of one signed POST on a connection that stays open."""
    request = AWSRequest("POST", f"{url}/", {"Content-Type": CONTENT_TYPE}, body)
    SigV4Auth(key, service, region).add_auth(request)
    headers = {
        "Host": url.removeprefix("http://"),
        "Content-Length": str(len(body)),
        **{name: str(value) for name, value in request.prepare().headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + body


@dataclass
class Connection:
    """One connection: sends a request, reads its whole answer, sends the next."""

    requests: list[bytes]
    stream: socket.socket
    next_request: int = 0
    answered: int = 0
    refused: int = 0
    buffer: bytes = b""
    latencies: list[float] = field(default_factory=list)
    sent_at: float = 0.0

    def send(self) -> None:
        self.stream.sendall(self.requests[self.next_request % len(self.requests)])
        self.next_request += 1
        self.sent_at = time.perf_counter()

    def receive(self) -> None:
        self.buffer += self.stream.recv(65536)
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < content_length(head):
            return
        self.latencies.append(time.perf_counter() - self.sent_at)
        self.answered += 1
        self.refused += not (head.startswith(b"HTTP/1.1 200") and b"AccountMFAEnabled" in body)
        self.buffer = b""
        self.send()


def content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def ask(server: Server, body: bytes, service: str = "sts") -> bytes:
    """One call of the management account's administrator."""
    key = Credentials(server.key["access_key_id"], server.key["secret_access_key"])
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as stream:
        request = signed(server.url, service, "us-east-1", key, body)
        stream.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        answer = b""
        while chunk := stream.recv(65536):
            answer += chunk
    return answer


def root_session(server: Server, account: str) -> Credentials:
    text = ask(
        server,
        f"Action=AssumeRoot&Version=2011-06-15&TargetPrincipal={account}"
        f"&TaskPolicyArn.arn={TASK}".encode(),
    ).decode()
    assert "<AccessKeyId>" in text, text

    def value(name: str) -> str:
        return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]

    return Credentials(value("AccessKeyId"), value("SecretAccessKey"), value("SessionToken"))


def calls_per_second(server: Server, seconds: float) -> dict[str, Any]:
    members = server.members[:SESSIONS]
    requests = [
        signed(server.url, "iam", "us-east-1", root_session(server, account), BODY)
        for account in members
    ]
    host, port = server.url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        connections = []
        for number in range(CONNECTIONS):
            stream = stack.enter_context(socket.create_connection((host, int(port))))
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(requests, stream, number)
            selector.register(stream, selectors.EVENT_READ, connection)
            connections.append(connection)
            connection.send()
        before = cpu_seconds(server.process_id)
        started = time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            for ready, _ in selector.select(0.1):
                ready.data.receive()
    answered = sum(connection.answered for connection in connections)
    latencies = sorted(second for c in connections for second in c.latencies)
    return {
        "calls_per_second": answered / elapsed,
        "calls_per_cpu_second": answered / (cpu_seconds(server.process_id) - before),
        "refused": sum(connection.refused for connection in connections),
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p99_ms": 1000 * latencies[len(latencies) * 99 // 100],
    }


def cpu_seconds(process_id: int) -> float:
    with open(f"/proc/{process_id}/stat", encoding="ascii") as file:  # noqa: PTH123 (not a file)
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def judged(label: str, value: float, unit: str, goal: str, *, met: bool) -> None:
    print(f"{label:<44} {value:>10,.2f} {unit:<6} goal {goal:<12} {'met' if met else 'MISSED'}")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[1]})
    print(f"python bench/bench_sandbox.py {seconds:g}, {datetime.now(UTC):%Y-%m-%d},", end=" ")
    print(f"Python {sys.version.split()[0]}, {len(cores)} cores")
    with serving("generated:1000", cores[0]) as server:
        found = calls_per_second(server, seconds)
    rate = found["calls_per_second"]
    judged("signed GetAccountSummary in root sessions", rate, "/s", "≥ 1,500", met=rate >= 1500)
    print(f"  {found['calls_per_cpu_second']:,.0f} per second of the server's processor time,")
    print(f"  p50 {found['p50_ms']:.2f} ms, p99 {found['p99_ms']:.2f} ms", end="")
    print(f" with {CONNECTIONS} connections, {found['refused']} refused")
    for scenario, most_seconds, most_mb in (
        ("article", ARTICLE_SECONDS, None),
        ("generated:10000", MEDIUM_SECONDS, MEDIUM_MB),
        ("generated:50000", None, LARGE_MB),
    ):
        with serving(scenario) as server:
            if most_seconds is not None:
                met = server.started_seconds < most_seconds
                judged(
                    f"{scenario}: start",
                    server.started_seconds,
                    "s",
                    f"< {most_seconds:g}",
                    met=met,
                )
                print(f"  {server.started_cpu_seconds:.2f} s of processor time")
            if most_mb is not None:
                met = server.peak_mb < most_mb
                judged(f"{scenario}: peak memory", server.peak_mb, "MB", f"< {most_mb}", met=met)


if __name__ == "__main__":
    main()
