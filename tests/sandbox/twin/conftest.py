"""A shipped scenario, its snapshot, and the twin of the snapshot, each behind an address."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_file import read_snapshot
from rootsteward.sandbox.served import ServedSandbox


@dataclass(frozen=True)
class Tool:
    """Runs command lines in this process, against one served sandbox."""

    capsys: pytest.CaptureFixture[str]
    folder: Path

    # WHY Any: what JSON holds is the command's business.
    def json(self, served: ServedSandbox | None, *arguments: str) -> Any:  # noqa: ANN401 (see above)
        self.run(served, *arguments, "--format", "json")
        return json.loads(self.out)

    def run(self, served: ServedSandbox | None, *arguments: str, profile: str = "") -> ExitCode:
        with pytest.MonkeyPatch.context() as patch:
            for name in [n for n in os.environ if n.startswith(("AWS_", "ROOTSTEWARD_"))]:
                patch.delenv(name)
            if served is not None:
                for name, value in served.environment(profile or "management").items():
                    patch.setenv(name, value)
            patch.setenv("ROOTSTEWARD_DATABASE", str(self.folder / "rootsteward.db"))
            self.capsys.readouterr()
            return run(list(arguments))

    @property
    def out(self) -> str:
        return self.capsys.readouterr().out

    def snapshot(self, served: ServedSandbox, *arguments: str) -> Snapshot:
        """A snapshot of what is served."""
        path = self.folder / f"{len(list(self.folder.glob('*.json')))}.json"
        assert self.run(served, "snapshot", str(path), "--tags", *arguments) is ExitCode.DONE
        return read_snapshot(path)


@pytest.fixture
def tool(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Tool:
    return Tool(capsys, tmp_path)
