"""docs/unlock.md: its example is what the tool prints, and its tables have every word."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run
from rootsteward.operations.unlock import Method
from rootsteward.operations.unlock_find import Standing
from sandbox.cli.served import Served, clean_environment, served

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "unlock.md").read_text("utf-8")


@pytest.fixture
def article(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    """The article's organization, in which root sessions may unlock."""
    for name, value in clean_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    with served("article", tmp_path) as running:
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(running.credentials))
        monkeypatch.setenv("AWS_PROFILE", "management")
        assert run(["enable"]) is ExitCode.DONE
        repair = "scp repair --all --task unlock-bucket --task unlock-queue --apply --yes"
        assert run(shlex.split(repair)) is ExitCode.DONE
        yield running


@pytest.mark.usefixtures("article")
def test_the_examples_do_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    (example, *_) = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    command, _, printed = example.partition("\n")
    capsys.readouterr()
    assert run(shlex.split(command)[2:]) is ExitCode.FINDINGS
    assert (
        printed.splitlines()
        == [line.rstrip() for line in capsys.readouterr().out.splitlines()][
            : len(printed.splitlines())
        ]
    )
    unlocking = re.findall(r"^\$ rootsteward (unlock (?:bucket|queue) .*)$", PAGE, re.MULTILINE)
    assert len(unlocking) == 2
    for line in unlocking:
        assert run([*shlex.split(line), "--yes"]) is ExitCode.DONE
    capsys.readouterr()
    assert run(shlex.split(command)[2:]) is ExitCode.DONE


def test_every_method_and_standing_has_its_row() -> None:
    rows = re.findall(r"^\| (`?[a-z][a-z `]*)[,(| ]", PAGE, re.MULTILINE)
    words = " ".join(rows)
    assert all(f"`{method.value}`" in words for method in Method)
    assert all(standing.value in words for standing in Standing)
