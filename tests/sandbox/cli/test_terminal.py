"""What only a terminal, a pipe or a signal shows; each in a process of its own."""

import json
import os
import pty
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.task_policy import RootFeature
from sandbox.cli.served import STAGE, Served, program, served, start

_PATIENCE_SECONDS = 60
ASKING = ["delete-credentials", "--account", "777777777777"]
AUDIT = ("audit", "--format", "json")
PHRASE = "delete 1 credential in 1 account"


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, arguments: list[str], environment: dict[str, str], folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [program(), *arguments],
            env=environment,
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.seen = ""

    def read_until(self, text: str) -> None:
        while text not in self.seen:
            if not self._read():
                raise AssertionError(f"`{text}` was never shown: {self.seen}")

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def to_the_end(self) -> int:
        while self._read():
            pass
        os.close(self._ours)
        return self.process.wait(_PATIENCE_SECONDS)

    def _read(self) -> bool:
        try:
            read = os.read(self._ours, 65536)
        except OSError:  # Linux says so when the last process on the terminal has gone.
            return False
        self.seen += read.decode("utf-8", "replace")
        return bool(read)


def _type(text: str) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.type(text)


def _interrupt(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGINT)


ANSWERS = {
    "a wrong phrase": _type("yes\n"),
    "end of input": _type("\x04"),
    "Ctrl-C": _interrupt,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_anything_but_the_phrase_does_nothing(
    standing_stage: Served, tmp_path: Path, answer: Callable[[Terminal], None]
) -> None:
    terminal = Terminal(ASKING, standing_stage.environment(tmp_path), tmp_path)
    terminal.read_until("to go on: ")
    assert PHRASE in terminal.seen
    answer(terminal)
    assert terminal.to_the_end() == ExitCode.COULD_NOT_FINISH
    assert "not confirmed; nothing was done" in terminal.seen
    assert "Traceback" not in terminal.seen
    assert standing_stage.writes() == []


def test_the_phrase_lets_it_go_on(tmp_path: Path) -> None:
    with served(STAGE, tmp_path) as sandbox:
        environment = sandbox.environment(tmp_path) | {"NO_COLOR": "1", "TERM": "dumb"}
        terminal = Terminal(ASKING, environment, tmp_path)
        terminal.read_until("to go on: ")
        terminal.type(f"{PHRASE}\n")
        assert terminal.to_the_end() == ExitCode.DONE
        assert "1 deleted" in terminal.seen
        assert "\x1b" not in terminal.seen
        assert sandbox.writes() == ["777777777777 iam:DeleteAccessKey"]


def test_a_terminal_gets_colour_and_a_cursor_that_comes_back(
    standing_stage: Served, tmp_path: Path
) -> None:
    terminal = Terminal(["audit"], standing_stage.environment(tmp_path), tmp_path)
    assert terminal.to_the_end() == ExitCode.UNSEEN
    assert "\x1b[1;31mpresent\x1b[0m" in terminal.seen
    assert terminal.seen.count("\x1b[?25l") == terminal.seen.count("\x1b[?25h")


def test_ctrl_c_during_an_audit_keeps_the_rows_and_says_what_is_left(tmp_path: Path) -> None:
    with served("generated:40", tmp_path) as sandbox:
        sandbox.world.organization.services.trust("iam.amazonaws.com", sandbox.world.now())
        for feature in RootFeature:
            sandbox.world.organization.root_features.enable(feature)
        first, interrupted = threading.Event(), threading.Event()

        def hold_the_first(action: str) -> None:
            if action == "AssumeRoot" and not first.is_set():
                first.set()
                interrupted.wait(_PATIENCE_SECONDS)

        sandbox.before = hold_the_first
        environment = sandbox.environment(tmp_path)
        with start([*AUDIT, "--in-flight", "4"], environment, tmp_path) as process:
            assert first.wait(_PATIENCE_SECONDS)
            process.send_signal(signal.SIGINT)
            interrupted.set()
            out, err = process.communicate(timeout=_PATIENCE_SECONDS)
    assert process.returncode == ExitCode.COULD_NOT_FINISH
    rows = json.loads(out)
    assert 0 < len(rows) < 40
    assert f"{40 - len(rows)} not started" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("output", ["table", "json"])
def test_a_reader_that_goes_away_is_no_defect(
    standing_stage: Served, tmp_path: Path, output: str
) -> None:
    environment = standing_stage.environment(tmp_path)
    with start(["audit", "--format", output], environment, tmp_path) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        process.wait(_PATIENCE_SECONDS)
    assert "Traceback" not in err
    assert "defect" not in err
    assert "Exception ignored" not in err
