"""A sandbox that runs: the handles a test needs, from a credentials file to the clock."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session

from rootsteward.sandbox.admin.app import admin_app
from rootsteward.sandbox.behaviour import FaultRule
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.scenarios.identities import MANAGEMENT_PROFILE, write_credentials_file
from rootsteward.sandbox.server import serve
from rootsteward.sandbox.stage import Stage, Wishes
from rootsteward.sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class ServedSandbox:
    """A sandbox behind an address. `credentials_file` has a profile for every identity.

    Change world, clock and faults between calls, not while some are under way.
    """

    url: str
    credentials_file: Path
    stage: Stage

    @property
    def world(self) -> World:
        """The world as it is now; a reset replaces it."""
        return self.stage.world

    @property
    def clock(self) -> SandboxClock:
        """The world's clock: `advance`, `freeze`, `resume`."""
        return self.stage.clock

    @property
    def region(self) -> str:
        """The scenario's home Region."""
        return self.world.regions[0]

    def set_faults(self, *rules: FaultRule | Mapping[str, Any], seed: int = 1) -> None:
        """Put fault rules in force instead of those there are; none at all clears them.

        Raises:
            InputError: a rule is wrong; the message names its field.
        """
        self.stage.set_faults(*rules, seed=seed)

    def reset(self) -> None:
        """Go back to the scenario's start: world, clock and faults."""
        self.stage.reset()

    def environment(self, profile: str = MANAGEMENT_PROFILE) -> dict[str, str]:
        """Environment variables with which any AWS client uses the sandbox and nothing else."""
        nowhere = str(self.credentials_file.with_name("no-config"))
        return {
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials_file),
            "AWS_CONFIG_FILE": nowhere,
            "AWS_PROFILE": profile,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def session(self, profile: str = MANAGEMENT_PROFILE) -> boto3.session.Session:
        """A boto3 session whose clients use the sandbox; the environment is not touched.

        LIMIT: `AWS_ENDPOINT_URL` in the environment goes before the profile's address.
        """
        core = botocore.session.Session(profile=profile)
        core.set_config_variable("credentials_file", str(self.credentials_file))
        core.set_config_variable("config_file", str(self.credentials_file.with_name("no-config")))
        return boto3.session.Session(botocore_session=core, region_name=self.region)


@contextmanager
def served_sandbox(
    scenario: str | Path = "article",
    *,
    seed: int | None = None,
    realistic: bool = False,
    throttle: bool = False,
) -> Iterator[ServedSandbox]:
    """Serve a scenario on a free loopback port until the block ends.

    Any number of them may run side by side in one process.

    Raises:
        OperatorError: there is no such scenario, or it is wrong.
    """
    wishes = Wishes(realistic=realistic, throttle=throttle)
    with served_stage(Stage.of_scenario(scenario, seed=seed, wishes=wishes)) as served:
        yield served


@contextmanager
def served_stage(stage: Stage) -> Iterator[ServedSandbox]:
    """Serve a stage on a free loopback port until the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="rootsteward-sandbox-") as folder,
        serve(stage.sandbox.handle, admin=admin_app(stage)) as url,
    ):
        credentials_file = Path(folder) / "credentials"
        region = stage.world.regions[0]
        write_credentials_file(stage.world, credentials_file, region=region, endpoint_url=url)
        yield ServedSandbox(url, credentials_file, stage)
