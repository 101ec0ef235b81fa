"""docs/commands.md is the command tree, and no page speaks of a command that is not there."""

import re
import runpy
from pathlib import Path

import pytest

from sandbox.cli.command_tree import COMMANDS

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")])
# Commands in code: `rootsteward audit --deep`, in a console block, or in a table of the README.
MENTION = re.compile(r"(?:^|[`$/ ])rootsteward ((?:[a-z][a-z-]*)(?: (?:[a-z][a-z-]*|--[a-z-]+))*)")


def test_the_page_of_commands_is_up_to_date() -> None:
    made = runpy.run_path(str(REPOSITORY / "docs" / "make_commands.py"))
    page = (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == made["page"](), "run `.venv/bin/python docs/make_commands.py`"


def test_the_readme_introduces_every_command() -> None:
    readme = code_in((REPOSITORY / "README.md").read_text())
    introduced = set(re.findall(r"[a-z][a-z-]+", readme))
    assert {command.split()[0] for command in COMMANDS} <= introduced


def code_in(text: str) -> str:
    """What the page prints as code; prose may say anything."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", prose)
    return "\n".join([*blocks, *spans])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    for mention in MENTION.findall(code_in(page.read_text())):
        words = mention.split()
        known = [c for c in COMMANDS if f"{mention} ".startswith(f"{c} ")]
        groups = [c for c in COMMANDS if c.split()[0] == words[0] and len(words) == 1]
        assert known or groups, mention
        if known:
            options = {name for p in COMMANDS[known[0]].params for name in p.opts}
            used = {word for word in words if word.startswith("--")}
            assert used <= options | {"--help"}, mention


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_a_sentence_of_help(command: str) -> None:
    assert COMMANDS[command].help
    for parameter in COMMANDS[command].params:
        if parameter.name != "help":
            assert parameter.help, parameter.name
