"""Processes that share campaigns on a real PostgreSQL server; some of them are killed."""

import json
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crash.campaign.kit import acts_without_reason, credentials_of, intents_in, scenario
from rootsteward.aws.clock import SystemClock
from rootsteward.campaigns.campaign import State
from rootsteward.campaigns.plan_file import read_plan
from rootsteward.campaigns.store import CampaignStore
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.ledger.ledger import Ledger
from rootsteward.sandbox.served import ServedSandbox, served_sandbox
from rootsteward.storage.database import open_database
from sandbox.cli.served import clean_environment, start

if TYPE_CHECKING:
    import subprocess

ACCOUNTS = 40
_PATIENCE_SECONDS = 100
LATENCY = {"kind": "latency", "service": "iam", "seconds": 0.03}


@dataclass
class Fleet:
    """A served organization and processes that work for it, all on one database."""

    sandbox: ServedSandbox
    database: str
    folder: Path
    processes: "list[subprocess.Popen[str]]" = field(default_factory=list)

    @property
    def environment(self) -> Mapping[str, str]:
        address = {"ROOTSTEWARD_DATABASE": self.database}
        return clean_environment(self.folder) | self.sandbox.environment() | address

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        process = start([*arguments], self.environment, self.folder)
        self.processes.append(process)
        return process

    def worker(self) -> "subprocess.Popen[str]":
        worker = self.begin("worker", "--in-flight", "4")
        assert worker.stdout is not None
        for line in worker.stdout:
            if "Ctrl-C ends it" in line:
                return worker
        raise AssertionError(worker.communicate()[1])

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.begin(*arguments)
        out, err = process.communicate(timeout=_PATIENCE_SECONDS)
        return process.returncode, out, err

    def deletions(self) -> int:
        return sum(
            event.call.operation.startswith(("Delete", "Deactivate"))
            for events in self.sandbox.world.trail._events.values()
            for event in tuple(events)
        )

    def wait_for_deletions(self, number: int) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while self.deletions() < number:
            assert time.monotonic() < end, "nobody works"
            time.sleep(0.02)


@contextmanager
def fleet(folder: Path, database: str, seed: int = 5) -> Iterator[Fleet]:
    folder.mkdir(exist_ok=True)
    path = folder / "world.yaml"
    path.write_text(scenario(ACCOUNTS, seed=seed), encoding="utf-8")
    with served_sandbox(path) as sandbox:
        opened = Fleet(sandbox, database, folder)
        try:
            yield opened
        finally:
            for process in opened.processes:
                if process.poll() is None:
                    process.kill()
                process.communicate()


def check_everything(one: Fleet, plan_name: str = "plan.json") -> None:
    """Every account accounted for, rightly; nothing done twice blindly; the ledger whole."""
    plan = read_plan(one.folder / plan_name)
    with open_database(one.database) as database:
        store = CampaignStore(database, SystemClock())
        ledger = Ledger(database, SystemClock())
        campaign, items = store.campaign(plan.id), store.items(plan.id)
        assert ledger.verify().ok
        intents = intents_in(ledger)
    assert campaign.state is State.FINISHED, campaign.reason
    outcomes = {i.planned.key: i.result.outcome.value for i in items if i.result is not None}
    assert len(outcomes) == ACCOUNTS
    held = credentials_of(one.sandbox.world, outcomes)
    for number in range(ACCOUNTS):
        account = f"{200000000000 + number}"
        keeps_keys = number % 10 == 1 and number % 4 in {0, 1}
        expected = "clean" if number % 4 == 3 else "denied" if keeps_keys else "deleted"
        assert outcomes[account] == expected
        assert bool(held[account]) == keeps_keys
    assert list(acts_without_reason(one.sandbox.world, plan, intents)) == []


def make_plan(one: Fleet) -> None:
    code, _, err = one.run("delete-credentials", "--all", "--plan", "plan.json")
    assert code == ExitCode.DONE, err
    one.sandbox.set_faults(LATENCY)


@pytest.mark.slow
def test_two_workers_share_a_campaign_and_one_goes_on_alone_when_the_others_are_killed(
    tmp_path: Path, postgresql_url: str
) -> None:
    with fleet(tmp_path, postgresql_url) as one:
        make_plan(one)
        killed, survivor = one.worker(), one.worker()
        applying = one.begin("apply", "plan.json", "--yes", "--in-flight", "4")
        one.wait_for_deletions(8)
        killed.kill()
        applying.kill()
        code, out, err = one.run(
            "campaign", "watch", read_plan(tmp_path / "plan.json").id, "--format", "json"
        )
        assert code == ExitCode.REFUSED, err
        assert len(json.loads(out)) == ACCOUNTS
        survivor.send_signal(signal.SIGTERM)
        _, err = survivor.communicate(timeout=_PATIENCE_SECONDS)
        assert survivor.returncode == ExitCode.DONE, err
        check_everything(one)


@pytest.mark.slow
def test_a_worker_that_is_asked_to_leave_hands_on_what_it_has(
    tmp_path: Path, postgresql_url: str
) -> None:
    """Also the campaign's own workflow, which waits for what the others do."""
    with fleet(tmp_path, postgresql_url) as one:
        make_plan(one)
        first, second = one.worker(), one.worker()
        applying = one.begin("apply", "plan.json", "--yes", "--in-flight", "4")
        one.wait_for_deletions(4)
        applying.kill()
        first.send_signal(signal.SIGTERM)
        _, err = first.communicate(timeout=_PATIENCE_SECONDS)
        assert first.returncode == ExitCode.DONE, err
        third = one.worker()
        second.send_signal(signal.SIGTERM)
        _, err = second.communicate(timeout=_PATIENCE_SECONDS)
        assert second.returncode == ExitCode.DONE, err
        code, _, err = one.run("campaign", "watch", read_plan(tmp_path / "plan.json").id)
        assert code == ExitCode.REFUSED, err
        assert third.poll() is None
        check_everything(one)


@pytest.mark.slow
def test_a_worker_never_takes_work_of_another_organization(
    tmp_path: Path, postgresql_url: str
) -> None:
    with (
        fleet(tmp_path / "ours", postgresql_url) as ours,
        fleet(tmp_path / "theirs", postgresql_url, seed=6) as theirs,
    ):
        make_plan(ours)
        theirs.worker()
        applying = ours.begin("apply", "plan.json", "--yes", "--in-flight", "4")
        ours.wait_for_deletions(4)
        applying.kill()
        plan = read_plan(ours.folder / "plan.json")
        time.sleep(7)  # longer than their worker needs to look around
        assert theirs.deletions() == 0
        with open_database(postgresql_url) as database:
            assert CampaignStore(database, SystemClock()).is_running(plan.id)
        code, _, err = ours.run("campaign", "resume", plan.id)
        assert code == ExitCode.REFUSED, err
        assert theirs.deletions() == 0
        trail = theirs.sandbox.world.trail._events.values()
        assert "AssumeRoot" not in {e.call.operation for events in trail for e in events}
        check_everything(ours)
