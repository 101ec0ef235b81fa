"""What durability costs a campaign, and what a second worker gains.

Run by hand: `python bench/bench_campaign.py [--accounts 1000] [--rounds 3]`. A sandbox in a process
of its own answers every IAM and STS call after `--latency-ms`. Each account holds a password and an
MFA device, so deleting takes 11 calls. Runs with and without durability alternate, and the ratio
of each pair is what counts: on a shared machine the seconds drift.

Goals: at most 1.15 times the run without durability, on SQLite, 64 in flight, 50 ms; two workers
on PostgreSQL at least 1.7 times as fast as one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from postgres import Server
from rootsteward.campaigns.campaign import Settings as CampaignSettings
from rootsteward.campaigns.campaign import State
from rootsteward.campaigns.facts import facts_about
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.run import run
from rootsteward.campaigns.verbs import delete_credentials as verb
from rootsteward.campaigns.verbs.verb import Tools, Work
from rootsteward.domain.outcome import Outcome
from rootsteward.operations import delete_credentials as operation
from rootsteward.operations.observe import blame_nobody
from rootsteward.wiring import Runtime, Settings, open_runtime

GOAL_OVERHEAD, GOAL_GAIN = 1.15, 1.7

# What the sandbox's process runs: it begins again with the same world whenever it is told to.
SANDBOX = """
import sys
from pathlib import Path
from rootsteward.sandbox.scenarios.identities import write_credentials_file
from rootsteward.sandbox.server import serve
from rootsteward.sandbox.stage import Stage

stage = Stage.of_scenario(sys.argv[1])
start = stage.saved()
latency = {"kind": "latency", "service": "[is][at][ms]*", "seconds": float(sys.argv[3])}
with serve(stage.sandbox.handle) as url:
    write_credentials_file(stage.world, Path(sys.argv[2]), region="us-east-1", endpoint_url=url)
    for line in sys.stdin:
        stage.restore(start)
        stage.set_faults(*([latency] if line.strip() == "slow" else []))
        print("ready", flush=True)
"""


class Silent:
    """A notifier that tells nobody."""

    def started(self, what: str, total: int | None) -> None:
        pass

    def advanced(self, steps: int = 1) -> None:
        pass

    def finished(self) -> None:
        pass


@dataclass(frozen=True)
class Bench:
    """An organization to delete in, the plan, and how a fresh start is made."""

    process: "subprocess.Popen[str]"
    folder: Path
    plan: Plan | None = None

    def fresh(self, pace: str = "slow") -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{pace}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ready\n"

    def numbered_plan(self) -> Plan:
        """The same plan under another id, for another campaign."""
        assert self.plan is not None
        return replace(self.plan, asked=f"bench at {time.monotonic()}")


def scenario(accounts: int) -> str:
    root_user = {
        "password": {"created_days_ago": 100},
        "mfa": [{"kind": "virtual", "enabled_days_ago": 90}],
    }
    administrator = {
        "name": "administrator",
        "managed_policies": ["AdministratorAccess"],
        "access_keys": [{"profile": "management"}],
    }
    return json.dumps(
        {
            "regions": ["us-east-1"],
            "organization": {
                "management": {
                    "id": "111111111111",
                    "name": "management",
                    "email": "m@example.com",
                    "users": [administrator],
                },
                "trusted_services": ["iam.amazonaws.com"],
                "root_features": ["RootCredentialsManagement", "RootSessions"],
            },
            "accounts": [
                {
                    "id": f"{200000000000 + number}",
                    "name": f"account-{number}",
                    "email": f"account-{number}@example.com",
                    "root_user": root_user,
                }
                for number in range(accounts)
            ],
        }
    )


@contextmanager
def bench(accounts: int, latency_ms: float) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="bench-campaign-") as name:
        folder = Path(name)
        (folder / "world.yaml").write_text(scenario(accounts), encoding="utf-8")
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(folder / "credentials")
        os.environ["AWS_CONFIG_FILE"] = str(folder / "no-config")
        os.environ["AWS_PROFILE"] = "management"
        os.environ.pop("ROOTSTEWARD_DATABASE", None)
        arguments = [str(folder / "world.yaml"), str(folder / "credentials")]
        with subprocess.Popen(
            [sys.executable, "-c", SANDBOX, *arguments, str(latency_ms / 1000)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            opened = Bench(process, folder)
            opened.fresh("fast")
            with open_runtime(Settings(database=str(folder / "plan.db"))) as runtime:
                opened = replace(opened, plan=make_plan(runtime))
            yield opened
            assert process.stdin is not None
            process.stdin.close()


def make_plan(runtime: Runtime) -> Plan:
    organization = runtime.gateway.organization()
    members = [a for a in organization.accounts if a.id != organization.management_account_id]
    looked = run(
        members,
        lambda account: operation.gather(runtime.gateway, account),
        lambda _account, error: (_ for _ in ()).throw(error),
        Silent(),
        title="",
    )
    planned = operation.plan(looked.rows)
    return Plan(
        slug=operation.SLUG,
        made_at=runtime.clock.now(),
        made_by=runtime.gateway.caller(),
        organization_id=organization.id,
        asked="bench",
        facts=facts_about(runtime.controls, [account.id for account in members]),
        items=tuple(verb.item(account) for account in planned.accounts),
    )


def without_durability(one: Bench, in_flight: int, database: str) -> float:
    """The same steps and the same ledger; what is left to do lives in memory."""
    plan = one.numbered_plan()
    with open_runtime(Settings(database=database)) as runtime:
        tools = Tools(
            runtime.gateway,
            runtime.journal,
            runtime.backups,
            runtime.clock,
            blame_nobody,
            lambda _by: (),
        )

        def step(item: PlannedItem) -> ItemResult:
            return verb.VERB.step(tools, Work(plan.id, item))

        def lost(_item: PlannedItem, error: Exception) -> ItemResult:
            return ItemResult(Outcome.UNKNOWN, repr(error))

        began = time.perf_counter()
        report = run(plan.acting, step, lost, Silent(), title="", in_flight=in_flight)
        seconds = time.perf_counter() - began
    assert all(row.outcome is Outcome.DELETED for row in report.rows)
    return seconds


def with_durability(one: Bench, in_flight: int, database: str) -> float:
    """What `apply` does, from beginning the campaign to having left it."""
    plan = one.numbered_plan()
    with open_runtime(Settings(database=database)) as runtime:
        caller = runtime.gateway.caller()
        began = time.perf_counter()
        settings = CampaignSettings(in_flight=in_flight)
        campaign = runtime.control.begin(plan, settings, caller, runtime.statement_names)
        with runtime.engine(plan.organization_id, in_flight=in_flight, only=campaign):
            wait_for_the_end(runtime, plan)
        seconds = time.perf_counter() - began
        check(runtime, plan)
    return seconds


def wait_for_the_end(runtime: Runtime, plan: Plan) -> None:
    while runtime.campaigns.is_running(plan.id):
        runtime.campaigns.progress(plan.id)
        time.sleep(0.25)


def check(runtime: Runtime, plan: Plan) -> None:
    assert runtime.campaigns.campaign(plan.id).state is State.FINISHED
    assert runtime.campaigns.progress(plan.id).outcomes == {Outcome.DELETED: len(plan.items)}


def with_workers(one: Bench, workers: int, in_flight: int, database: str) -> float:
    """From beginning the campaign, with the workers waiting, to its end."""
    plan = one.numbered_plan()
    command = [str(Path(sys.executable).with_name("rootsteward")), "worker"]
    options = ["--in-flight", str(in_flight), "--database", database]
    with ExitStack() as stack, open_runtime(Settings(database=database)) as runtime:
        started = [
            stack.enter_context(
                subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
            )
            for _ in range(workers)
        ]
        for process in started:
            assert process.stdout is not None
            assert any("Ctrl-C ends it" in line for line in process.stdout)
        time.sleep(2)
        caller = runtime.gateway.caller()
        began = time.perf_counter()
        settings = CampaignSettings(in_flight=in_flight)
        runtime.control.begin(plan, settings, caller, runtime.statement_names)
        wait_for_the_end(runtime, plan)
        seconds = time.perf_counter() - began
        check(runtime, plan)
        for process in started:
            process.terminate()
    return seconds


def compare(
    label: str, rounds: int, first: Callable[[int], float], second: Callable[[int], float]
) -> float:
    """Alternate two ways; the median of second ÷ first, which is printed with every pair."""
    ratios = []
    for number in range(rounds):
        one, other = first(number), second(number)
        ratios.append(other / one)
        print(f"  {label}: {one:7.2f} s, {other:7.2f} s, ratio {ratios[-1]:.3f}", flush=True)
    return statistics.median(ratios)


def overhead(one: Bench, accounts: int, rounds: int, in_flight: int) -> None:
    def measured(how: Callable[[Bench, int, str], float], name: str) -> Callable[[int], float]:
        def once(number: int) -> float:
            one.fresh()
            return how(one, in_flight, str(one.folder / f"{name}-{number}.db"))

        return once

    ratio = compare(
        f"{accounts} accounts, {in_flight} in flight: without, with",
        rounds,
        measured(without_durability, "without"),
        measured(with_durability, "with"),
    )
    met = "met" if ratio <= GOAL_OVERHEAD else "MISSED"
    print(f"durable overhead {100 * (ratio - 1):+.1f} %, goal at most 15 %: {met}")


def gain(one: Bench, accounts: int, rounds: int, in_flight: int) -> None:
    server = Server(Path(tempfile.mkdtemp(prefix="bench-pg-")), durable=True)
    server.folder.rmdir()
    server.start()
    try:

        def measured(workers: int) -> Callable[[int], float]:
            def once(number: int) -> float:
                one.fresh()
                server.sql(f"CREATE DATABASE of_{workers}_{number}")
                return with_workers(one, workers, in_flight, server.url(f"of_{workers}_{number}"))

            return once

        ratio = compare(
            f"{accounts} accounts, {in_flight} in flight each: two workers, one",
            rounds,
            measured(2),
            measured(1),
        )
    finally:
        server.stop()
    met = "met" if ratio >= GOAL_GAIN else "MISSED"
    print(f"two workers are {ratio:.2f} times as fast as one, goal at least 1.7: {met}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--in-flight-of-a-worker", type=int, default=8)
    parser.add_argument("--only", choices=["overhead", "gain"])
    given = parser.parse_args()
    print(f"python bench/bench_campaign.py, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores")
    with bench(given.accounts, given.latency_ms) as one:
        if given.only != "gain":
            overhead(one, given.accounts, given.rounds, given.in_flight)
        if given.only != "overhead":
            gain(one, given.accounts, given.rounds, given.in_flight_of_a_worker)


if __name__ == "__main__":
    main()
