import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rootsteward.cli.exit_codes import ExitCode, endings
from rootsteward.cli.main import run
from sandbox.cli.command_tree import COMMANDS
from sandbox.cli.served import STAGE, Served, clean_environment, served


@dataclass(frozen=True)
class Ended:
    """How a command line ended."""

    code: ExitCode
    out: str
    err: str

    # WHY Any: what JSON holds is the command's business.
    def json(self) -> Any:  # noqa: ANN401 (see above)
        return json.loads(self.out)

    def csv(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out), strict=True))


@dataclass(frozen=True)
class Tool:
    """Runs command lines in this process."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def run(self, *arguments: str) -> Ended:
        self.capsys.readouterr()
        code = run(list(arguments))
        words = " ".join(arguments)
        documented = [
            endings(command) for command in COMMANDS if f"{words} ".startswith(f"{command} ")
        ]
        assert not documented or code in documented[0], (words, code)
        captured = self.capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    def be(self, profile: str | None) -> None:
        if profile is None:
            self.monkeypatch.delenv("AWS_PROFILE", raising=False)
        else:
            self.monkeypatch.setenv("AWS_PROFILE", profile)

    def at(self, sandbox: Served) -> None:
        self.monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(sandbox.credentials))
        self.be("management")


@pytest.fixture
def tool(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Tool:
    """The tool in an environment of its own, not yet pointed at a sandbox."""
    for name in tuple(os.environ):
        if name.startswith(("AWS_", "ROOTSTEWARD_")):
            monkeypatch.delenv(name)
    for name, value in clean_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.chdir(tmp_path)
    return Tool(capsys, monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def standing_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One stage for all tests of a file that change nothing in it."""
    with served(STAGE, tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture
def stage(tool: Tool) -> Iterator[Served]:
    """A stage of its own, at which the tool is pointed."""
    with served(STAGE, tool.folder) as running:
        tool.at(running)
        yield running


@pytest.fixture
def reader(tool: Tool, standing_stage: Served) -> Tool:
    """The tool, pointed at the stage that nobody changes."""
    tool.at(standing_stage)
    return tool
