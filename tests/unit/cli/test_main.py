"""How errors leave the process."""

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.main import _end_with, run
from rootsteward.domain.errors import (
    AccessDeniedError,
    BugError,
    InputError,
    OperatorError,
    Refusal,
)

REFUSAL = Refusal("AccessDenied", "no", "sts:AssumeRoot", account="222222222222")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("`x` is wrong", help="write y"), ExitCode.BAD_USAGE, "error: `x` is wrong\n"),
        (OperatorError("down", help="up"), ExitCode.COULD_NOT_FINISH, "error: down\nhelp: up\n"),
        (
            AccessDeniedError(REFUSAL, help="ask"),
            ExitCode.COULD_NOT_FINISH,
            "error: aws refused sts:AssumeRoot in account 222222222222: AccessDenied: no\n",
        ),
        (KeyboardInterrupt(), ExitCode.COULD_NOT_FINISH, "error: stopped by Ctrl-C\n"),
    ],
)
def test_whose_move_it_is_decides_the_exit_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: ExitCode, said: str
) -> None:
    assert _end_with(error) is code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert "Traceback" not in err


@pytest.mark.parametrize("error", [BugError("impossible"), ZeroDivisionError("oops")])
def test_a_defect_shows_where_it_is_and_asks_for_a_report(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    assert _end_with(error) is ExitCode.COULD_NOT_FINISH
    err = capsys.readouterr().err
    assert type(error).__name__ in err
    assert "please report it" in err


def test_a_long_message_is_one_line_whatever_the_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    _end_with(OperatorError("a long message " * 20, help="h"))
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["audit", "-h"]])
def test_help_and_version_succeed_on_stdout(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(arguments) is ExitCode.DONE
    out, err = capsys.readouterr()
    assert "rootsteward" in out
    assert err == ""


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) is ExitCode.BAD_USAGE
    out, err = capsys.readouterr()
    assert "delete-credentials" in out + err
