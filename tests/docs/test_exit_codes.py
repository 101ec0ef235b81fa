"""docs/exit-codes.md says what the program does."""

import re
from pathlib import Path

from rootsteward.cli.exit_codes import _FURTHER, ExitCode, endings
from sandbox.cli.command_tree import COMMANDS

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "exit-codes.md").read_text()
ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)


def test_the_table_has_every_code_with_its_meaning() -> None:
    documented = {int(code): meaning for code, meaning in ROW.findall(PAGE)}
    assert documented == {code.value: code.meaning for code in ExitCode}


def test_every_code_can_happen_and_every_ending_is_a_command() -> None:
    possible = {code for command in COMMANDS for code in endings(command)}
    assert possible == set(ExitCode)


def test_every_command_may_succeed_fail_and_be_misused() -> None:
    for command in COMMANDS:
        assert {ExitCode.DONE, ExitCode.COULD_NOT_FINISH, ExitCode.BAD_USAGE} <= set(
            endings(command)
        )


def test_special_endings_belong_to_commands_that_exist() -> None:
    assert set(_FURTHER) <= set(COMMANDS)
