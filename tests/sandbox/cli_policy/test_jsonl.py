"""`policy evaluate --jsonl` as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = "from rootsteward.cli.main import main; main()"
COMMAND = (sys.executable, "-c", PROGRAM, "policy", "evaluate", "--jsonl")
ALLOW = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
DENY = {"Statement": [{"Sid": "No", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}


# WHY Any: requests and decisions are JSON objects.
def request(identity: int | str, action: str = "iam:GetUser", sid: str = "No") -> dict[str, Any]:
    deny = {"Statement": [{**DENY["Statement"][0], "Sid": sid}]}
    return {
        "id": identity,
        "principal": "arn:aws:iam::111122223333:root",
        "action": action,
        "resource": "*",
        "scp_levels": [[ALLOW], [ALLOW, deny]],
    }


def answered(data: bytes) -> tuple[int, list[dict[str, Any]], bytes]:
    ended = subprocess.run(COMMAND, input=data, capture_output=True, check=False)
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr


@contextmanager
def talking() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        yield process
        process.kill()


def exchange(process: subprocess.Popen[bytes], requests: Sequence[object]) -> list[dict[str, Any]]:
    """Send some lines and read as many, while standard input stays open."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"".join(json.dumps(r).encode() + b"\n" for r in requests))
    process.stdin.flush()
    return [json.loads(process.stdout.readline()) for _ in requests]


def test_the_contract() -> None:
    lines = [request("one"), request("two", "s3:GetObject")]
    code, decisions, errors = answered("\n".join(map(json.dumps, lines)).encode())
    assert (code, errors) == (0, b"")
    assert [list(d) for d in decisions] == [["id", "decision", "by", "depends_on", "why"]] * 2
    first, second = decisions
    assert (first["id"], first["decision"]) == ("one", "explicit_deny")
    by = {
        key: first["by"][key]
        for key in ("policy_type", "level", "policy", "statement_index", "sid")
    }
    assert by == {
        "policy_type": "service_control_policy",
        "level": 1,
        "policy": "scp_levels[1][1]",
        "statement_index": 0,
        "sid": "No",
    }
    assert (second["id"], second["decision"]) == ("two", "allowed")


def test_a_bad_line_gives_an_error_and_the_run_goes_on() -> None:
    good = json.dumps(request("good")).encode()
    bad = [b"no json", b'{"id": "short"}', b'\xff{"id": 3}', b'{"id": "\\ud800"}', b"[" * 90_000]
    code, decisions, _ = answered(b"\n".join([*bad, b"", good, b"{", good]))
    assert code == 10
    assert ["error" in d for d in decisions] == [True] * 5 + [False, True, False]
    assert decisions[1]["id"] == "short"
    assert [d["id"] for d in decisions if "error" not in d] == ["good", "good"]
    assert "input line 8" in decisions[6]["error"]


def test_words_beyond_ascii_pass_unchanged_whatever_the_locale() -> None:
    line = json.dumps(request("größe-東京"), ensure_ascii=False).encode()
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(COMMAND, input=line, capture_output=True, check=True, env=environment)
    assert json.loads(ended.stdout.decode())["id"] == "größe-東京"


def test_ten_thousand_lines_come_back_in_order_and_memory_stays() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak of memory is read from /proc")
    batches = [
        [
            # WHY the Sid: more policy sets than are remembered at once.
            request(n, "iam:GetUser" if n % 3 else "s3:GetObject", sid=f"No{n % 400}")
            for n in range(start, start + 100)
        ]
        for start in range(0, 10_000, 100)
    ]
    peaks: list[int] = []
    with talking() as process:
        for batch in batches:
            decisions = exchange(process, batch)
            assert [d["id"] for d in decisions] == [r["id"] for r in batch]
            assert all((d["decision"] == "allowed") == (d["id"] % 3 == 0) for d in decisions)
            peaks.append(peak_kilobytes(process.pid))
    assert peaks[-1] - peaks[9] < 20_000


def peak_kilobytes(process_id: int) -> int:
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError


def test_a_reader_that_goes_away_ends_the_run_without_noise() -> None:
    with talking() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        exchange(process, [request(1)])
        process.stdout.close()
        process.stdin.write(json.dumps(request(2)).encode() + b"\n")
        process.stdin.flush()
        assert process.wait(timeout=30) == 1
        assert process.stderr.read() == b""


def test_ctrl_c_ends_the_run_without_a_traceback() -> None:
    with talking() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        exchange(process, [request(1)])
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 1
        assert process.stdout.read() == b""
        errors = process.stderr.read().decode()
    assert "stopped by Ctrl-C" in errors
    assert "Traceback" not in errors
