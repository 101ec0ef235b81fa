"""The README's examples, run as they are printed."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.conftest import console_blocks
from rootsteward.cli.exit_codes import ExitCode
from sandbox.cli.served import clean_environment

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text()
SERVE = "sandbox serve"
# How the commands of the last block end, in its order; a README that grows must say.
ENDS_WITH = (
    ExitCode.DONE,  # export
    ExitCode.DONE,  # status
    ExitCode.DONE,  # enable
    ExitCode.UNSEEN,  # audit: the policy still denies
    ExitCode.FINDINGS,  # preflight
    ExitCode.FINDINGS,  # scp repair: what would be changed
    ExitCode.DONE,  # scp repair --apply
    ExitCode.REFUSED,  # delete-credentials --dry-run: a key is in use
    ExitCode.DONE,  # delete-credentials --plan
    ExitCode.DONE,  # apply
    ExitCode.DONE,  # campaign list
    ExitCode.DONE,  # aws
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder in which `.venv/bin/rootsteward` is what the README's reader has."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture
def environment(checkout: Path) -> dict[str, str]:
    found = clean_environment(checkout)
    return found | {"PATH": f"{Path(sys.executable).parent}:{found['PATH']}"}


@pytest.fixture
def serving(checkout: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """The README's own `sandbox serve`, on a port that is free; what it printed."""
    (command,) = [line for block in console_blocks(README) for line in block if SERVE in line]
    with subprocess.Popen(
        [*shlex.split(command), "--port", "0"],
        env=environment,
        cwd=checkout,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        yield said
        process.terminate()
        process.communicate()


@pytest.mark.slow
def test_the_examples_run_word_for_word(
    serving: list[str], checkout: Path, environment: dict[str, str]
) -> None:
    assert serving[-1].startswith("Ctrl-C")
    commands = console_blocks(README)[-1]
    script = "\n".join(f"{command}\nends+=($?)" for command in commands)
    ended = subprocess.run(
        ["/bin/bash", "-c", f"{script}\necho ends: ${{ends[*]}}"],
        env=environment,
        cwd=checkout,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    )
    codes = tuple(int(code) for code in ended.stdout.splitlines()[-1].split()[1:])
    assert codes == tuple(map(int, ENDS_WITH)), ended.stdout + ended.stderr
    assert "statement DenyRootUser" in ended.stdout
    assert '"Name": "payments-prod"' in ended.stdout


def test_the_only_other_example_is_the_demo() -> None:
    blocks = console_blocks(README)
    assert blocks[0] == ["make demo"]
    assert [len(block) for block in blocks[1:]] == [1, len(ENDS_WITH)]
    makefile = (REPOSITORY / "Makefile").read_text()
    assert re.search(r"^demo:.*\n\t.*rootsteward demo$", makefile, re.MULTILINE)


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        *sorted(str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "docs").glob("*.md")),
    ],
)
def test_links_within_the_project_lead_somewhere(page: str) -> None:
    text = (REPOSITORY / page).read_text()
    folder = (REPOSITORY / page).parent
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (folder / target).exists(), target
