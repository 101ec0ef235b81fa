"""A served sandbox, and the tool as a user would run it against it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import write_credentials_file
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve
from rootsteward.sandbox.wire.http import HttpRequest, HttpResponse
from rootsteward.sandbox.world.world import World

STAGE = Path(__file__).with_name("stage.yaml")
_SECRET = re.compile(r"<(?:SecretAccessKey|SessionToken)>([^<]+)<")
_ISSUED_KEY = re.compile(r"<AccessKeyId>([^<]+)<")
_SIGNED_BY = re.compile(r"Credential=([A-Z0-9]+)/")


def _nothing(_action: str) -> None:
    """The default of `Served.before`."""


@dataclass
class Served:
    """A sandbox over HTTP that remembers what was asked and which secrets it gave out.

    `before` is called with the name of each IAM or STS action before it is answered.
    """

    world: World
    url: str = ""
    credentials: Path = Path()
    actions: list[str] = field(default_factory=list)
    signers: set[str] = field(default_factory=set)
    issued_secrets: set[str] = field(default_factory=set)
    issued_keys: set[str] = field(default_factory=set)
    before: Callable[[str], None] = _nothing
    asked_globally: bool = False

    def handle(self, request: HttpRequest) -> HttpResponse:
        signed = _SIGNED_BY.search(request.headers.get("authorization"))
        if signed:
            self.signers.add(signed.group(1))
        action = parse_qs(request.body.decode("utf-8", "replace")).get("Action", [""])[0]
        if action:
            self.actions.append(action)
            self.before(action)
        if self.asked_globally:
            request = replace(request, host="sts.amazonaws.com")
        answer = Sandbox(self.world).handle(request)
        if action == "AssumeRoot":
            self.issued_secrets.update(_SECRET.findall(answer.body.decode()))
            self.issued_keys.update(_ISSUED_KEY.findall(answer.body.decode()))
        return answer

    def writes(self) -> list[str]:
        """Every call in any account that was not read-only, refused ones included."""
        return [
            f"{event.call.caller.account} {event.call.service}:{event.call.operation}"
            for events in self.world.trail._events.values()
            for event in events
            if not event.read_only
        ]

    def environment(self, folder: Path, profile: str = "management") -> dict[str, str]:
        """What a subprocess gets: the sandbox's profiles and nothing else of AWS."""
        return clean_environment(folder) | {
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials),
            "AWS_PROFILE": profile,
        }


def clean_environment(folder: Path) -> dict[str, str]:
    """The environment without AWS and rootsteward; state and settings are in `folder`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "ROOTSTEWARD_", "COVERAGE", "PYTEST"))
        and name not in {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM"}
    }
    return kept | {
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "COLUMNS": "100",
        "HOME": str(folder),
        "ROOTSTEWARD_DATABASE": str(folder / "rootsteward.db"),
        "TERM": "xterm-256color",
    }


@contextmanager
def served(scenario: str | Path, folder: Path) -> Iterator[Served]:
    """Serve a fresh world of a scenario."""
    running = Served(load_scenario(scenario, now=lambda: datetime.now(UTC)))
    with serve(running.handle) as url:
        running.url = url
        running.credentials = folder / "sandbox-credentials"
        region = running.world.regions[0]
        write_credentials_file(running.world, running.credentials, region=region, endpoint_url=url)
        yield running


def program(name: str = "rootsteward") -> str:
    """A program of the environment that runs the tests."""
    return str(Path(sys.executable).with_name(name))


def start(
    arguments: list[str], environment: Mapping[str, str], folder: Path
) -> subprocess.Popen[str]:
    """The tool as a process of its own, its output in pipes."""
    return subprocess.Popen(
        [program(), *arguments],
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
