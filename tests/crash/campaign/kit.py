"""What a crash test is made of: a world, a plan, a tool that can be killed, and what must hold."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rootsteward.aws.clock import SystemClock
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.plan_file import read_plan
from rootsteward.campaigns.store import CampaignStore
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from rootsteward.ledger.ledger import Ledger
from rootsteward.sandbox.served import ServedSandbox, served_sandbox
from rootsteward.sandbox.world.world import World
from rootsteward.storage.database import open_database
from sandbox.cli.served import clean_environment

_LOOKS = {
    "DeleteLoginProfile": "GetLoginProfile",
    "DeleteAccessKey": "ListAccessKeys",
    "DeleteSigningCertificate": "ListSigningCertificates",
    "DeactivateMFADevice": "ListMFADevices",
}
# The management account, with an administrator who has the profile `management`.
MANAGEMENT: Mapping[str, Any] = {
    "id": "111111111111",
    "name": "management",
    "email": "management@example.com",
    "users": [
        {
            "name": "administrator",
            "managed_policies": ["AdministratorAccess"],
            "access_keys": [{"profile": "management"}],
        }
    ],
}
_NO_KEYS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "KeepKeys", "Effect": "Deny", "Action": "iam:DeleteAccessKey", "Resource": "*"}
    ],
}
_HOLDINGS: tuple[Mapping[str, Any], ...] = (
    {
        "password": {"created_days_ago": 100},
        "access_keys": [{"created_days_ago": 300}],
        "certificates": [{"uploaded_days_ago": 50}],
        "mfa": [{"kind": "virtual", "enabled_days_ago": 90}],
    },
    {"access_keys": [{"created_days_ago": 20}, {"created_days_ago": 30}]},
    {"password": {"created_days_ago": 100}, "mfa": [{"kind": "virtual", "enabled_days_ago": 9}]},
    {},
)


def scenario(accounts: int, *, seed: int = 5) -> str:
    """An organization of so many accounts; every fourth is clean, every tenth keeps its keys."""
    return json.dumps(
        {
            "seed": seed,
            "regions": ["us-east-1"],
            "organization": {
                "management": MANAGEMENT,
                "units": [{"name": "Plain"}, {"name": "Keeping"}],
                "trusted_services": ["iam.amazonaws.com"],
                "root_features": ["RootCredentialsManagement", "RootSessions"],
                "policies": [
                    {"name": "KeepKeys", "attach": ["Keeping"], "content": json.dumps(_NO_KEYS)}
                ],
            },
            "accounts": [
                {
                    "id": f"{200000000000 + number}",
                    "name": f"account-{number}",
                    "email": f"account-{number}@example.com",
                    "unit": "Keeping" if number % 10 == 1 else "Plain",
                    "root_user": _HOLDINGS[number % len(_HOLDINGS)],
                }
                for number in range(accounts)
            ],
        }
    )


@dataclass(frozen=True)
class Ended:
    """How one run of the tool ended. `writes` are commits, `seconds` its life."""

    killed: bool
    code: int | None
    writes: int
    seconds: float


@dataclass(frozen=True)
class Truth:
    """What an undisturbed run leaves behind: outcomes by account, credentials by account."""

    outcomes: Mapping[str, str]
    credentials: Mapping[str, tuple[str, ...]]


@dataclass
class Kit:
    """A served world with a plan for it, and the tool."""

    sandbox: ServedSandbox
    zygote: "subprocess.Popen[str]"
    folder: Path
    start: str = ""
    plan: Plan | None = None

    def make_plan(self, *asked: str) -> None:
        """Plan what is asked for, and keep the world as it was then."""
        ended = self.run(self.folder, *asked, "--plan", str(self.plan_file))
        assert ended.code == ExitCode.DONE, self.said(self.folder)
        self.plan = read_plan(self.plan_file)
        self.start = self.sandbox.stage.saved()

    @property
    def plan_file(self) -> Path:
        return self.folder / "plan.json"

    def new_trial(self, name: str) -> Path:
        """The world as it was planned for, and a folder for a new database."""
        self.sandbox.stage.restore(self.start)
        folder = self.folder / name
        folder.mkdir()
        return folder

    def apply(
        self,
        folder: Path,
        *options: str,
        at: int | None = None,
        when: str = "before",
        seconds: float | None = None,
    ) -> Ended:
        arguments = ("apply", str(self.plan_file), "--yes", *options)
        return self.run(folder, *arguments, at=at, when=when, seconds=seconds)

    def run(
        self,
        folder: Path,
        *arguments: str,
        at: int | None = None,
        when: str = "before",
        seconds: float | None = None,
    ) -> Ended:
        """Run one command line; kill it at a write, or after so many seconds."""
        environment = clean_environment(folder) | self.sandbox.environment()
        order = {
            "arguments": arguments,
            "environment": environment,
            "folder": str(folder),
            "at": at,
            "when": when,
            "seconds": seconds,
        }
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(json.dumps(order) + "\n")
        self.zygote.stdin.flush()
        return Ended(**json.loads(self.zygote.stdout.readline()))

    def said(self, folder: Path) -> str:
        return (folder / "said.txt").read_text("utf-8")[-3000:]

    def truth(self, folder: Path) -> Truth:
        """What a finished run left behind."""
        outcomes = self.outcomes(folder)
        return Truth(outcomes, credentials_of(self.sandbox.world, outcomes))

    def outcomes(self, folder: Path) -> dict[str, str]:
        """How each item ended; empty of those that have not."""
        assert self.plan is not None
        with open_database(folder / "rootsteward.db") as database:
            items = CampaignStore(database, SystemClock()).items(self.plan.id)
        return {
            item.planned.key: "" if item.result is None else item.result.outcome.value
            for item in items
        }

    def problems(self, folder: Path, truth: Truth) -> list[str]:
        """Everything that is not as it must be after a run that was disturbed; best empty."""
        assert self.plan is not None
        found = [*self._differences(folder, truth)]
        with open_database(folder / "rootsteward.db") as database:
            ledger = Ledger(database, SystemClock())
            verdict = ledger.verify()
            if not verdict.ok:
                found.append(f"the ledger does not verify: {verdict}")
            intents = intents_in(ledger)
            campaign = CampaignStore(database, SystemClock()).campaign(self.plan.id)
            if campaign.state.value != "finished":
                found.append(f"the campaign is {campaign.state.value}: {campaign.reason}")
        return [*found, *acts_without_reason(self.sandbox.world, self.plan, intents)]

    def _differences(self, folder: Path, truth: Truth) -> Iterator[str]:
        now = self.truth(folder)
        for account, outcome in truth.outcomes.items():
            if now.outcomes[account] != outcome:
                yield f"{account} is {now.outcomes[account]} and was {outcome} undisturbed"
            if now.credentials[account] != truth.credentials[account]:
                yield f"{account} holds {now.credentials[account]}, {truth.credentials[account]}"


def intents_in(ledger: Ledger) -> set[tuple[str, str, str]]:
    """Account, act and session of every deletion that the ledger announces."""
    return {
        (entry.subject, str(entry.value["act"]), str(entry.value["session"]))
        for entry in ledger.entries()
        if entry.kind.endswith(".intent") and entry.value.get("act") != "sts:AssumeRoot"
    }


def credentials_of(world: World, accounts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What the root user of each account holds, told from the world itself."""
    return {account: _held(world, AccountId(account)) for account in accounts}


def _held(world: World, account: AccountId) -> tuple[str, ...]:
    held = world.root_users.of(account).holdings
    password = () if held.password is None else ("password",)
    return (*password, *sorted(held.access_keys), *sorted(held.certificates), *held.mfa_devices)


def acts_without_reason(
    world: World, plan: Plan, intents: set[tuple[str, str, str]]
) -> Iterator[str]:
    """Deletions that are not in the plan, not announced in the ledger, or resent without a look.

    The world's own trail tells: what reached the service, in order, whoever sent it.
    """
    for (account, _), events in world.trail._events.items():
        planned = _planned_names(plan, account)
        looked: dict[str, bool] = {}
        for event in events:
            operation = event.call.operation
            for act, look in _LOOKS.items():
                if operation == look:
                    looked |= dict.fromkeys([key for key in looked if key.startswith(act)], True)
            if operation not in _LOOKS:
                continue
            name = next((str(v) for v in event.call.params.values()), "")
            if operation != "DeleteLoginProfile" and name not in planned:
                yield f"{account}: {operation} of {name}, which the plan does not name"
            session = event.call.caller.access_key_id
            if (account, f"iam:{operation}", session) not in intents:
                yield f"{account}: {operation} by {session} without an intent in the ledger"
            if looked.get(f"{operation} {name}") is False:
                yield f"{account}: {operation} of {name} was sent again without a look"
            looked[f"{operation} {name}"] = False


def _planned_names(plan: Plan, account: str) -> set[str]:
    for item in plan.acting:
        if item.key == account:
            listed = json.loads(json.dumps(item.body))["credentials"]
            return {str(credential["identifier"]) for credential in listed}
    return set()


def moments(writes: int, most: int) -> list[tuple[int, str]]:
    """Which writes to die at: all, before and after, or so many spread evenly."""
    every = [(number, when) for number in range(1, writes + 1) for when in ("before", "after")]
    step = max(1.0, len(every) / most)
    return [every[int(index * step)] for index in range(min(most, len(every)))]


@contextmanager
def crash_kit(folder: Path, text: str, *asked: str) -> Iterator[Kit]:
    """A kit over the world of a scenario, with its plan made for what is asked."""
    path = folder / "world.yaml"
    path.write_text(text, encoding="utf-8")
    program = [sys.executable, str(Path(__file__).with_name("zygote.py"))]
    with (
        served_sandbox(path) as sandbox,
        subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as zygote,
    ):
        kit = Kit(sandbox, zygote, folder)
        kit.make_plan(*asked)
        yield kit
        assert zygote.stdin is not None
        zygote.stdin.close()
