"""How fast many accounts are audited, against a bare loop of the same boto3 calls.

Run by hand: `python bench/bench_audit.py [--accounts N] [--in-flight N] [--latency-ms N]
[--rate N]`. The sandbox, the tool and the bare loop are processes of their own on the same cores.
Every account is clean, so an audit is two calls: `AssumeRoot` and `GetAccountSummary`. The tree is
not read: Organizations' documented rate alone stretches that to accounts ÷ 160 seconds.

Three runs of the same accounts:

- bare: threads around one STS and one IAM client; credentials per call; nothing else;
- tool: what `rootsteward audit --in-flight N` does after it read the tree;
- throttled: the same while the sandbox answers no more than `--rate` AssumeRoot calls a second.

Goals, for 10,000 accounts with 256 in flight and 50 ms: 60 s, 300 MB, 1.3 times the bare loop;
throttled: 1.1 times calls ÷ rate. In every run each account is clean and there is one row for each.
"""

import argparse
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from rootsteward.cli.commands.audit import audit_accounts
from rootsteward.cli.config import Config as ToolConfig
from rootsteward.cli.options import Session
from rootsteward.cli.render import Format, Screen
from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, Organization, OrgRoot
from rootsteward.operations.controls import Controls
from rootsteward.wiring import Runtime, Settings

BARE_RATIO, RATE_RATIO, MOST_SECONDS, MOST_MB = 1.3, 1.1, 60, 300
QUICK_ACCOUNTS, FULL_ACCOUNTS = 1_000, 10_000
BURST = 20
TASK = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"

# The server process. A bucket of our own stands in for the rate of AssumeRoot, which AWS has not
# documented; a refused call is a call like any other and waits as long.
SERVER = """
import json, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import listing
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve_forever
from rootsteward.sandbox.throttle import Bucket, Rate
from rootsteward.sandbox.wire.http import HttpResponse
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.root_users import RootUsers

scenario, delay_seconds, rate, burst = sys.argv[1], *map(float, sys.argv[2:])
now = lambda: datetime.now(UTC)
world = load_scenario(scenario, now=now)
world.root_users = RootUsers()
world.organization.services.trust(IAM_SERVICE, now())
for feature in RootFeature:
    world.organization.root_features.enable(feature)
organization = world.organization
sandbox = Sandbox(world)
bucket = Bucket(Rate(rate, burst), now()) if rate else None
REFUSAL = HttpResponse(400, (("Content-Type", "text/xml"),), b"<ErrorResponse><Error>"
    b"<Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
    b"<RequestId>bench</RequestId></ErrorResponse>")

def handle(request):
    if bucket is not None and b"Action=AssumeRoot" in request.body:
        if not bucket.has_token(now()):
            return replace(REFUSAL, delay_seconds=delay_seconds)
        bucket.take()
    return replace(sandbox.handle(request), delay_seconds=delay_seconds)

def say(url):
    print(json.dumps({
        "url": url,
        "key": next(i for i in listing(world) if i["profile"] == "management"),
        "members": [a for a in organization.accounts
            if a != organization.management_account_id and organization.is_active(a)],
    }), flush=True)

serve_forever(handle, on_started=say)
"""


@dataclass(frozen=True)
class Setting:
    """What is measured; times in milliseconds, `rate` in calls a second, 0 for no limit."""

    accounts: int
    in_flight: int
    latency_ms: float
    rate: float


@dataclass(frozen=True)
class Figures:
    """What one run took; `served_cpu_seconds` is the sandbox's, its start included."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    outcomes: dict[str, int]
    served_cpu_seconds: float = 0.0


@contextlib.contextmanager
def serving(setting: Setting, rate: float) -> Iterator[tuple[list[str], dict[str, str]]]:
    """A server process; gives the accounts and the environment in which it is AWS."""
    # Some of the made-up accounts are closed, so a few more are made than are wanted.
    scenario = f"generated:{setting.accounts + setting.accounts // 10 + 10}"
    arguments = [str(setting.latency_ms / 1000), str(rate), str(BURST)]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, scenario, *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        environment = {n: v for n, v in os.environ.items() if not n.startswith("AWS_")} | {
            "AWS_ACCESS_KEY_ID": said["key"]["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": said["key"]["secret_access_key"],
            "AWS_ENDPOINT_URL": said["url"],
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        yield said["members"][: setting.accounts], environment
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def measured(kind: str, setting: Setting, rate: float = 0) -> Figures:
    """One run in a process of its own."""
    with serving(setting, rate) as (accounts, environment):
        ended = subprocess.run(
            [sys.executable, __file__, "--child", kind, "--in-flight", str(setting.in_flight)],
            input=json.dumps(accounts),
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        before = _cpu_seconds(resource.RUSAGE_CHILDREN)
    served = _cpu_seconds(resource.RUSAGE_CHILDREN) - before
    return Figures(**json.loads(ended.stdout), served_cpu_seconds=served)


def _cpu_seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def child(kind: str, in_flight: int) -> None:
    """The measured process: the clock starts when everything is imported and connected to."""
    accounts = json.load(sys.stdin)
    prepare = {"bare": bare_loop, "tool": the_tool}[kind]
    work = prepare(accounts, in_flight)
    before = _cpu_seconds(resource.RUSAGE_SELF)
    began = time.perf_counter()
    outcomes = work()
    wall_seconds = time.perf_counter() - began
    json.dump(
        {
            "wall_seconds": wall_seconds,
            "cpu_seconds": _cpu_seconds(resource.RUSAGE_SELF) - before,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "outcomes": dict(outcomes),
        },
        sys.stdout,
    )


# WHY Any: boto3's clients are made at run time.
def bare_loop(accounts: list[str], in_flight: int) -> Any:  # noqa: ANN401 (see above)
    """As little as the same calls can be made with: no pace, no questions, boto3's own retries."""
    config = Config(max_pool_connections=in_flight)
    sts = boto3.client("sts", config=config)
    iam = boto3.client("iam", config=config)
    local = threading.local()

    def sign(context: dict[str, Any], **_: object) -> None:
        context.setdefault("signing", {})["request_credentials"] = local.credentials

    iam.meta.events.register("before-call.iam", sign)

    def one(account: str) -> str:
        given = sts.assume_root(TargetPrincipal=account, TaskPolicyArn={"arn": TASK})["Credentials"]
        local.credentials = Credentials(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
        )
        summary = iam.get_account_summary()["SummaryMap"]
        return "present" if summary["AccountPasswordPresent"] else "clean"

    def work() -> Counter[str]:
        with ThreadPoolExecutor(in_flight) as pool:
            return Counter(pool.map(one, accounts))

    return work


def the_tool(accounts: list[str], in_flight: int) -> Any:  # noqa: ANN401 (as above)
    """What the command does with the accounts that it selected."""
    runtime = Runtime(Settings(endpoint_url=os.environ["AWS_ENDPOINT_URL"]))
    runtime.gateway.caller()
    tree = Organization(
        "o-benchbench",
        AccountId("111111111111"),
        OrgRoot("r-benc"),
        (),
        (
            targets := tuple(
                Account(AccountId(a), a, "", AccountState.ACTIVE, "r-benc") for a in accounts
            )
        ),
    )
    off = ControlPolicies("SERVICE_CONTROL_POLICY", enabled=False, policies={}, attached={})
    session = Session(Screen(Format.JSON), ToolConfig(), runtime)

    def work() -> Counter[str]:
        report = audit_accounts(session, Controls(tree, off, off), targets, in_flight=in_flight)
        return Counter(row.outcome.value for row in report.rows)

    return work


def show(name: str, figures: Figures, setting: Setting, verdict: str) -> None:
    """One line."""
    all_clean = figures.outcomes == {"clean": setting.accounts}
    calls = 2 * setting.accounts
    print(
        f"{name:10} {figures.wall_seconds:7.1f} s wall  {figures.cpu_seconds:6.1f} s cpu  "
        f"(sandbox {figures.served_cpu_seconds:.1f})  "
        f"{calls / figures.wall_seconds:6.0f} calls/s  {figures.peak_mb:4.0f} MB  {verdict}"
        + ("" if all_clean else f"  NOT ALL CLEAN: {figures.outcomes}")
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=QUICK_ACCOUNTS)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--child", choices=["bare", "tool"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.in_flight)
        return
    setting = Setting(given.accounts, given.in_flight, given.latency_ms, given.rate)
    print(
        f"{setting.accounts:,} accounts, {setting.in_flight} in flight, "
        f"{setting.latency_ms:.0f} ms a call"
    )
    bare = measured("bare", setting)
    show("bare", bare, setting, "")
    tool = measured("tool", setting)
    ratio = tool.wall_seconds / bare.wall_seconds
    goal = f"{MOST_SECONDS} s, {MOST_MB} MB for {FULL_ACCOUNTS:,}"
    show("tool", tool, setting, f"{ratio:.2f} x bare (goal {BARE_RATIO}; {goal})")
    throttled = measured("tool", setting, setting.rate)
    least_seconds = (setting.accounts - BURST) / setting.rate
    ratio = throttled.wall_seconds / least_seconds
    show("throttled", throttled, setting, f"{ratio:.2f} x calls / rate (goal {RATE_RATIO})")


if __name__ == "__main__":
    main()
