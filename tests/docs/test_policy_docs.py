"""Every example in docs/policy.md prints what the page says.

The page's files are ```json and ```yaml blocks with a name; its examples are ```console blocks: a
command after `$`, then its output, then its exit code when that is not 0. After a change of words
`python tests/docs/test_policy_docs.py` writes what is printed now into the page, to be read.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rootsteward.cli.commands.policy import policy_app
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy.md"
FILE = re.compile(r"```(?:json|yaml) (\S+)\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)


def shown(command: str, folder: Path) -> str:
    """What a terminal of 80 columns shows, without spaces at the ends of lines."""
    name, *arguments = shlex.split(command.partition("<")[0])
    assert name == "rootsteward"
    code, printed = printed_by(arguments, folder, command.partition("<")[2].strip())
    lines = [line.rstrip() for line in printed.splitlines()]
    if code:
        lines.append(f"exit code {code}: {ExitCode(code).meaning}")
    return "\n".join([f"$ {command}", *lines, ""])


def printed_by(arguments: list[str], folder: Path, input_file: str) -> tuple[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("AWS_", "ROOTSTEWARD_")):
                patch.delenv(name)
        patch.setenv("COLUMNS", "80")
        patch.chdir(folder)
        if input_file:
            program = "from rootsteward.cli.main import main; main()"
            ended = subprocess.run(
                [sys.executable, "-c", program, *arguments],
                input=Path(input_file).read_text(),
                capture_output=True,
                text=True,
                check=False,
            )
            return ended.returncode, ended.stdout + ended.stderr
        screen = io.StringIO()
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
            return run(arguments), screen.getvalue()


@contextlib.contextmanager
def files_of(page: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        for file_name, text in FILE.findall(page):
            Path(name, file_name).write_text(text)
        yield Path(name)


def as_run(example: str, folder: Path) -> str:
    commands = [line[2:] for line in example.splitlines() if line.startswith("$ ")]
    return "".join(shown(command, folder) for command in commands)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text()


def test_the_examples_print_what_the_page_says(page: str) -> None:
    with files_of(page) as folder:
        for example in EXAMPLE.findall(page):
            assert as_run(example, folder) == example


def test_every_command_has_an_example_and_a_heading(page: str) -> None:
    for command in policy_app.registered_commands:
        assert f"$ rootsteward policy {command.name} " in page
        assert f"\n## `policy {command.name}`" in page
    assert "$ rootsteward rules " in page


def test_every_option_of_our_own_is_explained(page: str, tmp_path: Path) -> None:
    for command in policy_app.registered_commands:
        _, printed = printed_by(["policy", str(command.name), "--help"], tmp_path, "")
        own, _, _ = printed.partition("Connection")
        options = set(re.findall(r"│ (--[a-z-]+)", own)) - {"--help", "--format"}
        assert options or command.name == "diff"
        assert {option for option in options if f"`{option}" not in page} == set()


def _rewrite() -> None:
    page = PAGE.read_text()
    with files_of(page) as folder:
        PAGE.write_text(EXAMPLE.sub(lambda example: as_run(example.group(), folder), page))


if __name__ == "__main__":
    _rewrite()
