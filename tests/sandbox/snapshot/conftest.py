"""A served organization whose calls are counted, and the tool in front of it."""

import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Never
from urllib.parse import parse_qs

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import write_credentials_file
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve
from rootsteward.sandbox.wire.http import HttpRequest, HttpResponse
from rootsteward.sandbox.world.world import World

STAGE = Path(__file__).with_name("stage.yaml")


@dataclass
class Counted:
    """A sandbox that counts its calls by operation."""

    world: World
    calls: Counter[str] = field(default_factory=Counter)
    url: str = ""
    credentials: Path = Path()

    def handle(self, request: HttpRequest) -> HttpResponse:
        target = request.headers.get("x-amz-target").rpartition(".")[2]
        action = parse_qs(request.body.decode("utf-8", "replace")).get("Action", [""])[0]
        self.calls[target or action] += 1
        return Sandbox(self.world).handle(request)


@contextmanager
def counted(scenario: str | Path, folder: Path) -> Iterator[Counted]:
    """Serve a fresh world of a scenario."""
    running = Counted(load_scenario(scenario, now=lambda: datetime.now(UTC)))
    with serve(running.handle) as url:
        running.url = url
        running.credentials = folder / "credentials"
        region = running.world.regions[0]
        write_credentials_file(running.world, running.credentials, region=region, endpoint_url=url)
        yield running


@dataclass(frozen=True)
class Ended:
    """How a command line ended."""

    code: ExitCode
    out: str
    err: str

    # WHY Any: what JSON holds is the command's business.
    def json(self) -> Any:  # noqa: ANN401 (see above)
        return json.loads(self.out)


@dataclass(frozen=True)
class Tool:
    """Runs command lines in this process, in a folder of its own."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def run(self, *arguments: str) -> Ended:
        self.capsys.readouterr()
        code = run(list(arguments))
        captured = self.capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    def at(self, sandbox: Counted, profile: str = "management") -> None:
        self.monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(sandbox.credentials))
        self.monkeypatch.setenv("AWS_PROFILE", profile)

    def cut_off(self) -> None:
        """No credentials, no Region, and no connection to anywhere."""

        def refuse(*_arguments: object) -> Never:
            raise AssertionError("a connection was made")

        for name in tuple(os.environ):
            if name.startswith("AWS_"):
                self.monkeypatch.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            self.monkeypatch.setenv(name, os.devnull)
        self.monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def tool(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Tool:
    for name in tuple(os.environ):
        if name.startswith(("AWS_", "ROOTSTEWARD_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return Tool(capsys, monkeypatch, tmp_path)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """The stage that no test here changes."""
    with counted(STAGE, tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture
def live(tool: Tool, stage: Counted) -> Tool:
    """The tool, pointed at the stage."""
    tool.at(stage)
    return tool


def snapshot_of(stage: Counted, folder: Path, *options: str) -> Path:
    """A snapshot of the stage, taken by the command line."""
    path = folder / "org.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(stage.credentials))
        patch.setenv("AWS_PROFILE", "management")
        assert run(["snapshot", str(path), *options, "--format", "json"]) is ExitCode.DONE
    return path


@pytest.fixture(scope="session")
def taken(stage: Counted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of the stage with tags, taken once."""
    return snapshot_of(stage, tmp_path_factory.mktemp("snapshots"), "--tags")


@pytest.fixture(scope="session")
def taken_without_tags(stage: Counted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without tags."""
    return snapshot_of(stage, tmp_path_factory.mktemp("snapshots"))


@pytest.fixture
def offline(tool: Tool) -> Tool:
    """The tool without any way to AWS."""
    tool.cut_off()
    return tool
