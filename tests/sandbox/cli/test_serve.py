"""`rootsteward sandbox serve` as a process of its own."""

import configparser
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from rootsteward.cli.exit_codes import ExitCode
from sandbox.cli.conftest import Tool
from sandbox.cli.served import clean_environment, start

_PATIENCE_SECONDS = 60


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The process, and what it printed until it was ready."""
    environment = clean_environment(folder)
    with start(["sandbox", "serve", *arguments], environment, folder) as process:
        try:
            assert process.stdout is not None
            announced: list[str] = []
            for line in process.stdout:
                announced.append(line.rstrip("\n"))
                if line.startswith("Ctrl-C"):
                    break
            yield process, announced
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_announces_itself_serves_and_stops_cleanly(tool: Tool, number: signal.Signals) -> None:
    # A path with a space: what is printed can be pasted into a shell as it is.
    folder = tool.folder / "my files"
    folder.mkdir()
    file = folder / "credentials"
    with serving(tool.folder, "--port", "0", "--credentials-file", str(file)) as (process, said):
        assert said[0].startswith("serving article on http://127.0.0.1:")
        assert f"export AWS_SHARED_CREDENTIALS_FILE='{file}'" in said
        profiles = configparser.ConfigParser(interpolation=None)
        profiles.read(file)
        for profile in ("management", "operator", "security", "root-steward", "payments-admin"):
            assert any(line.startswith(profile) for line in said)
            assert profiles[profile]["endpoint_url"] == said[0].split()[-1]
        assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
        # A sandbox's secrets open nothing but the sandbox, so they are printed for other clients.
        for setting in ("aws_access_key_id", "aws_secret_access_key"):
            assert profiles["management"][setting] in "\n".join(said)

        tool.monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
        tool.be("management")
        assert tool.run("status", "--format", "json").json()["accounts"] == 14

        process.send_signal(number)
        out, err = process.communicate(timeout=_PATIENCE_SECONDS)
    assert process.returncode == 0
    assert out.strip() == "stopped"
    assert err == ""


def test_it_stops_at_once_and_without_a_word_while_an_answer_is_held_back(tool: Tool) -> None:
    file = tool.folder / "credentials"
    with serving(tool.folder, "--port", "0", "--credentials-file", str(file)) as (process, said):
        url = said[0].split()[-1]
        late = '{"rules": [{"kind": "latency", "seconds": 3000}]}'
        put = Request(f"{url}/_rootsteward/faults", late.encode(), method="PUT")  # noqa: S310 (a sandbox)
        put.add_header("Content-Type", "application/json")
        urlopen(put).close()  # noqa: S310 (a sandbox)
        client = start(
            ["status", "--profile", "management"],
            clean_environment(tool.folder) | {"AWS_SHARED_CREDENTIALS_FILE": str(file)},
            tool.folder,
        )
        try:
            while "GetCallerIdentity" not in urlopen(f"{url}/_rootsteward/world").read().decode():  # noqa: S310 (a sandbox)
                pass
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=_PATIENCE_SECONDS)
        finally:
            client.kill()
            client.communicate()
    assert (process.returncode, out.strip(), err) == (0, "stopped", "")


@pytest.mark.parametrize(
    "begun",
    [
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf",
        b"POST / HTTP/1.1\r\nHost: 127.",
        b"GET /_rootsteward/saved-world HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=["half a body", "half a head", "an answer that nobody reads"],
)
def test_it_stops_without_a_word_while_a_client_leaves_a_request_unfinished(
    tool: Tool, begun: bytes
) -> None:
    with serving(tool.folder, "--port", "0", "--scenario", "generated:3000") as (process, said):
        port = int(said[0].rpartition(":")[2])
        with socket.socket() as client:
            # WHY: the answer must not fit into what the two ends keep for each other.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(begun)
            urlopen(f"http://127.0.0.1:{port}/_rootsteward/health").close()
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=_PATIENCE_SECONDS)
    assert (process.returncode, out.strip(), err) == (0, "stopped", "")


def test_an_address_that_stands_for_all_is_announced_as_one_to_connect_to(tool: Tool) -> None:
    with serving(tool.folder, "--port", "0", "--host", "0.0.0.0") as (_, said):  # noqa: S104 (what is tested)
        assert any("other machines can reach 0.0.0.0" in line for line in said)
        (page,) = (line.split()[-1] for line in said if line.startswith("status page"))
        assert page.startswith("http://127.0.0.1:")
        assert urlopen(page).status == 200  # noqa: S310 (a sandbox)


def test_a_host_that_is_empty_does_not_stand_for_all_addresses(tool: Tool) -> None:
    ended = tool.run("sandbox", "serve", "--port", "0", "--host", "")
    assert ended.code is ExitCode.BAD_USAGE
    assert "the host to listen on is empty" in ended.err
    assert "warning" not in ended.err


def test_a_port_that_is_taken_is_said_and_the_credentials_file_is_not_touched(
    tool: Tool,
) -> None:
    file = tool.folder / "credentials"
    with serving(tool.folder, "--port", "0", "--scenario", "generated:2") as (_, said):
        port = said[0].rpartition(":")[2]
        ended = tool.run("sandbox", "serve", "--port", port, "--credentials-file", str(file))
    assert ended.code is ExitCode.BAD_USAGE
    assert f"port {port}: address already in use" in ended.err
    assert "port 0" in ended.err
    assert not file.exists()


def test_a_generated_organization_is_served_without_a_credentials_file(tool: Tool) -> None:
    with serving(tool.folder, "--port", "0", "--scenario", "generated:2:9") as (_, said):
        assert not any("AWS_SHARED_CREDENTIALS_FILE" in line for line in said)
        assert "3 accounts in organization" in said[1]


def test_a_credentials_file_that_cannot_be_written_ends_it(tool: Tool) -> None:
    ended = tool.run("sandbox", "serve", "--port", "0", "--credentials-file", "nowhere/file")
    assert ended.code is ExitCode.BAD_USAGE
    assert "`nowhere/file` cannot be written" in ended.err
    assert "serving" not in ended.out


def test_a_file_for_the_end_that_cannot_be_written_is_said_at_the_beginning(tool: Tool) -> None:
    ended = tool.run("sandbox", "serve", "--port", "0", "--save-on-exit", "nowhere/world")
    assert ended.code is ExitCode.BAD_USAGE
    assert "`nowhere/world` cannot be written" in ended.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--snapshot", "a", "--scenario", "article"], "--scenario and --snapshot do not go"),
        (["--snapshot", "a", "--load", "b"], "--load and --snapshot do not go"),
        (["--audit", "a"], "--audit is for the twin of a snapshot"),
        (["--no-invent-credentials"], "--no-invent-credentials is for the twin of a snapshot"),
        (["--snapshot", "nowhere"], "snapshot `nowhere` cannot be read"),
    ],
)
def test_sources_that_do_not_go_together_are_refused(
    tool: Tool, arguments: list[str], says: str
) -> None:
    ended = tool.run("sandbox", "serve", "--port", "0", *arguments)
    assert ended.code is ExitCode.BAD_USAGE
    assert says in ended.err


def test_the_twin_of_a_snapshot_is_served_with_an_administrator(tool: Tool) -> None:
    credentials, taken = tool.folder / "credentials", tool.folder / "org.json"
    as_before = ["--port", "0", "--credentials-file", str(credentials)]
    tool.monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    with serving(tool.folder, *as_before):
        tool.be("management")
        assert tool.run("snapshot", str(taken)).code is ExitCode.DONE
    with serving(tool.folder, *as_before, "--snapshot", str(taken)) as (_, said):
        assert said[0].startswith(f"serving {taken} on http://127.0.0.1:")
        assert any(line.startswith("management") for line in said)
        assert tool.run("status", "--format", "json").json()["accounts"] == 14
