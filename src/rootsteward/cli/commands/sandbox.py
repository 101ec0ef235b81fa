"""`rootsteward sandbox serve|list`."""

import os
import shlex
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from rootsteward.cli.audit_file import read_audit
from rootsteward.cli.options import FormatOption
from rootsteward.cli.render import Column, Format, Row, Screen
from rootsteward.cli.words import counted
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.operations.snapshot_file import read_snapshot
from rootsteward.sandbox.admin.app import admin_app
from rootsteward.sandbox.saved_worlds import save_world
from rootsteward.sandbox.scenarios.identities import (
    Identity,
    KeyIdentity,
    identities,
    write_credentials_file,
)
from rootsteward.sandbox.scenarios.load import scenario_description, scenario_names
from rootsteward.sandbox.scenarios.twin import Furnishing
from rootsteward.sandbox.server import ADMIN_PREFIX, serve_forever
from rootsteward.sandbox.stage import Stage, Wishes
from rootsteward.sandbox.world.world import World
from rootsteward.twin import twin_stage

DEFAULT_SCENARIO = "article"

sandbox_app = typer.Typer(no_args_is_help=True, help="An AWS-compatible organization in a box.")

_COLUMNS = (
    Column("profile", "profile", fold=False),
    Column("arn", "identity"),
    Column("keys", "access key id and secret", fold=False),
)


@sandbox_app.command("serve")
def serve(
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            help="A name, a YAML file, or generated:ACCOUNTS:SEED; `article` when not given.",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 picks a free one.")
    ] = 8025,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; loopback unless you say so.")
    ] = "127.0.0.1",
    credentials_file: Annotated[
        Path | None,
        typer.Option("--credentials-file", help="Write an AWS credentials file with all profiles."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Instead of the scenario's own.")
    ] = None,
    realistic: Annotated[
        bool, typer.Option("--realistic", help="Changes take effect as late as on AWS.")
    ] = False,
    throttle: Annotated[
        bool, typer.Option("--throttle", help="Keep AWS's documented request rates.")
    ] = False,
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--snapshot", help="The twin of a real organization, from what `snapshot` wrote."
        ),
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option(
            "--audit", help="The twin's root credentials, from what `audit --format json` printed."
        ),
    ] = None,
    invent_credentials: Annotated[
        bool,
        typer.Option(
            "--invent-credentials/--no-invent-credentials",
            help="Make up the root credentials of a twin that nobody saw.",
        ),
    ] = True,
    load: Annotated[
        Path | None,
        typer.Option("--load", help="Go on with a saved world, instead of a scenario."),
    ] = None,
    save_on_exit: Annotated[
        Path | None,
        typer.Option("--save-on-exit", help="Save the world when it stops; the file has secrets."),
    ] = None,
    remote_admin: Annotated[
        bool,
        typer.Option("--remote-admin", help="Other machines may use the admin API, secrets too."),
    ] = False,
) -> None:
    """Serve an organization over HTTP until Ctrl-C; any AWS client can use it."""
    source = _Source(scenario, load, snapshot, audit, seed, invents=invent_credentials)
    for file in (credentials_file, save_on_exit):
        _check_folder(file)
    stage = source.stage(Wishes(realistic=realistic, throttle=throttle))
    screen = Screen(Format.TABLE)

    def announce(url: str) -> None:
        if credentials_file is not None:
            region = stage.world.regions[0]
            write_credentials_file(stage.world, credentials_file, region=region, endpoint_url=url)
        _announce(screen, stage.world, source.name, url, credentials_file)

    if host and not _is_loopback(host):
        _warn(screen, host, remote_admin=remote_admin)
    admin = admin_app(stage, anywhere=remote_admin)
    serve_forever(stage.sandbox.handle, host, port, admin=admin, on_started=announce)
    if save_on_exit is not None:
        save_world(stage.world, save_on_exit)
        screen.say(f"saved the world to {save_on_exit}")
    screen.say("stopped")


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the world to serve comes from; whatever is wrong with it is wrong usage."""

    scenario: str | None
    load: Path | None
    snapshot: Path | None
    audit: Path | None
    seed: int | None
    invents: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.load or self.snapshot or self.scenario or DEFAULT_SCENARIO)

    def stage(self, wishes: Wishes) -> Stage:
        """The world to serve.

        Raises:
            InputError: when options contradict each other, or the file or name is no good.
        """
        self._check()
        try:
            if self.load is not None:
                return Stage.of_saved_world(self.load, wishes=wishes)
            if self.snapshot is not None:
                return twin_stage(read_snapshot(self.snapshot), self._furnishing(), wishes=wishes)
            return Stage.of_scenario(self.name, seed=self.seed, wishes=wishes)
        except OperatorError as error:
            raise InputError(error.message, help=error.help) from error

    def _furnishing(self) -> Furnishing:
        return Furnishing(
            seed=1 if self.seed is None else self.seed,
            root_credentials={} if self.audit is None else read_audit(self.audit),
            invents=self.invents,
        )

    def _check(self) -> None:
        sources = {"--scenario": self.scenario, "--load": self.load, "--snapshot": self.snapshot}
        given = [option for option, value in sources.items() if value is not None]
        if len(given) > 1:
            raise InputError(
                f"{' and '.join(given)} do not go together", help="serve one world at a time"
            )
        if self.load is not None and self.seed is not None:
            raise InputError(
                "--load and --seed do not go together", help="a saved world has its seed in it"
            )
        if self.snapshot is None and (self.audit is not None or not self.invents):
            option = "--no-invent-credentials" if self.audit is None else "--audit"
            raise InputError(
                f"{option} is for the twin of a snapshot", help="name the snapshot with --snapshot"
            )


def _check_folder(file: Path | None) -> None:
    """Look whether a file can be written before anything is served, or lost at the end.

    Raises:
        InputError: there is no folder for it, or a folder in its place.
    """
    if file is None:
        return
    if file.is_dir():
        raise InputError(f"`{file}` is a folder", help="name a file")
    if not os.access(file.absolute().parent, os.W_OK | os.X_OK):
        raise InputError(
            f"`{file}` cannot be written",
            help="name a file in a folder that exists and that you may write to",
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _warn(screen: Screen, host: str, *, remote_admin: bool) -> None:
    """Say what it means to listen on more than loopback."""
    screen.say(f"warning: other machines can reach {host}; there is no encryption", style="yellow")
    reach = "and so is the admin API, with every secret" if remote_admin else "the admin API is not"
    screen.say(f"the sandbox's AWS services are open to them, {reach}", style="yellow")


@sandbox_app.command("list")
def list_scenarios(output: FormatOption = Format.TABLE) -> None:
    """List the scenarios that come with rootsteward."""
    rows: list[Row] = [
        {"scenario": name, "description": scenario_description(name)} for name in scenario_names()
    ]
    columns = [Column("scenario", "scenario", fold=False), Column("description", "what it is")]
    Screen(output).rows("Scenarios", columns, rows)


def _announce(
    screen: Screen, world: World, scenario: str, url: str, credentials_file: Path | None
) -> None:
    """What is served, and how to use it; complete before the first request can come."""
    count, regions = len(world.organization.accounts), ", ".join(world.regions)
    # WHY as a command: an address that is broken into lines cannot be clicked or copied.
    screen.command(f"serving {scenario} on {url}")
    screen.say(
        f"{counted(count, 'account')} in organization {world.organization.id}; Regions: {regions}"
    )
    rows = [_row(identity) for identity in identities(world)]
    screen.rows("Identities", _COLUMNS, rows, empty="none")
    if credentials_file is not None:
        path = shlex.quote(str(credentials_file.resolve()))
        screen.command(f"export AWS_SHARED_CREDENTIALS_FILE={path}")
        screen.command("rootsteward status --profile management")
        screen.command("aws sts get-caller-identity --profile management")
    screen.say(f"status page: {url}{ADMIN_PREFIX}/")
    screen.say("Ctrl-C stops it")
    screen.out.file.flush()


def _row(identity: Identity) -> Row:
    return {
        "profile": identity.profile,
        "arn": identity.arn,
        # The secrets of a sandbox open nothing but the sandbox.
        "keys": [identity.access_key_id, identity.secret.reveal()]
        if isinstance(identity, KeyIdentity)
        else [f"assumed by {identity.source_profile}"],
    }
