import io
import sys

import pytest

from rootsteward.cli.confirm import confirm
from rootsteward.cli.render import Format, Screen
from rootsteward.domain.errors import InputError, OperatorError


class Typed(io.StringIO):
    """A terminal on which somebody has typed."""

    def isatty(self) -> bool:
        return True


class Interrupted(Typed):
    """A terminal on which somebody presses Ctrl-C."""

    def readline(self, _size: int = -1, /) -> str:  # type: ignore[override] # text, as StringIO's
        raise KeyboardInterrupt


PHRASE = "unlock [bold] 1 bucket"


def ask(monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, *, yes: bool = False) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setenv("COLUMNS", "80")
    confirm(Screen(Format.JSON), PHRASE, yes=yes)


@pytest.mark.parametrize("line", [f"{PHRASE}\n", f"  {PHRASE}  \n"])
def test_the_phrase_lets_it_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    ask(monkeypatch, Typed(line))
    out, err = capsys.readouterr()
    assert out == ""
    assert f"Type {PHRASE} to go on: " in err


@pytest.mark.parametrize("line", ["", "\n", "y\n", "yes\n", PHRASE.upper() + "\n", "unlock\n"])
def test_anything_else_stops_it(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    with pytest.raises(OperatorError, match="not confirmed; nothing was done"):
        ask(monkeypatch, Typed(line))


def test_ctrl_c_at_the_question_stops_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OperatorError, match="not confirmed; nothing was done"):
        ask(monkeypatch, Interrupted())
    assert capsys.readouterr().err.endswith("\n")


def test_without_a_terminal_nobody_can_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="nobody is there"):
        ask(monkeypatch, io.StringIO(f"{PHRASE}\n"))


def test_yes_asks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(monkeypatch, io.StringIO(), yes=True)
    assert capsys.readouterr() == ("", "")
