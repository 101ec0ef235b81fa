"""Ctrl-C and SIGTERM while a campaign is under way; each in a process of its own."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from sandbox.cli.served import STAGE, Served, served, start

_PATIENCE_SECONDS = 60
EVERYTHING = AccountId("222222222222")
ONE_KEY = AccountId("777777777777")
DELETE = [
    "delete-credentials",
    *("--account", EVERYTHING, "--account", ONE_KEY, "--allow-recently-used", "--yes"),
    *("--in-flight", "1", "--format", "json"),
]


@dataclass
class Held:
    """A sandbox that holds the first deletion until it is let go."""

    served: Served
    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def before(self, action: str) -> None:
        if action.startswith("Delete") and not self.reached.is_set():
            self.reached.set()
            assert self.let_go.wait(_PATIENCE_SECONDS)


@contextmanager
def holding(folder: Path) -> Iterator[Held]:
    with served(STAGE, folder) as running:
        held = Held(running)
        running.before = held.before
        try:
            yield held
        finally:
            held.let_go.set()


def run(arguments: list[str], held: Held, folder: Path) -> "subprocess.CompletedProcess[str]":
    with start(arguments, held.served.environment(folder), folder) as process:
        out, err = process.communicate(timeout=_PATIENCE_SECONDS)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def outcomes(text: str) -> dict[str, str]:
    return {row["account"]: row["outcome"] for row in json.loads(text)}


@pytest.mark.slow
def test_ctrl_c_lets_the_steps_under_way_end_and_says_how_to_go_on(tmp_path: Path) -> None:
    with holding(tmp_path) as held:
        with start(DELETE, held.served.environment(tmp_path), tmp_path) as process:
            assert held.reached.wait(_PATIENCE_SECONDS)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            for line in process.stderr:
                if "the steps under way end" in line:
                    break
            held.let_go.set()
            out, err = process.communicate(timeout=_PATIENCE_SECONDS)
        assert process.returncode == ExitCode.COULD_NOT_FINISH
        assert outcomes(out) == {EVERYTHING: "deleted"}
        assert "is paused: stopped by Ctrl-C; 1 account not done" in err
        assert "Traceback" not in err
        assert held.served.world.root_users.of(ONE_KEY).holdings.access_keys
        campaign = err.split("campaign resume ")[1].split("`")[0]
        resumed = run(["campaign", "resume", campaign, "--format", "json"], held, tmp_path)
        assert resumed.returncode == ExitCode.DONE, resumed.stderr
        assert outcomes(resumed.stdout) == {EVERYTHING: "deleted", ONE_KEY: "deleted"}
        deletions = [call for call in held.served.writes() if call.startswith(EVERYTHING)]
        assert len(deletions) == 4


@pytest.mark.slow
def test_a_second_ctrl_c_does_not_wait_and_nothing_is_lost(tmp_path: Path) -> None:
    with holding(tmp_path) as held:
        with start(DELETE, held.served.environment(tmp_path), tmp_path) as process:
            assert held.reached.wait(_PATIENCE_SECONDS)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            for line in process.stderr:
                if "the steps under way end" in line:
                    break
            process.send_signal(signal.SIGINT)
            for line in process.stderr:
                if "campaign resume" in line:
                    break
            campaign = line.split("campaign resume ")[1].split("`")[0]
            held.let_go.set()
            _, err = process.communicate(timeout=_PATIENCE_SECONDS)
        assert process.returncode == ExitCode.COULD_NOT_FINISH
        assert "Traceback" not in err
        resumed = run(["campaign", "resume", campaign, "--format", "json"], held, tmp_path)
        assert outcomes(resumed.stdout) == {EVERYTHING: "deleted", ONE_KEY: "deleted"}
        assert len([call for call in held.served.writes() if call.startswith(EVERYTHING)]) == 4


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_between_steps(tmp_path: Path, how: signal.Signals) -> None:
    with holding(tmp_path) as held:
        environment = held.served.environment(tmp_path)
        with start(["worker", "--in-flight", "1"], environment, tmp_path) as worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                if "Ctrl-C ends it between steps" in line:
                    break
            worker.send_signal(how)
            _, err = worker.communicate(timeout=_PATIENCE_SECONDS)
        assert worker.returncode == ExitCode.DONE, err
        assert "Traceback" not in err
        assert held.served.writes() == []
