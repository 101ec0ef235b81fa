"""`rootsteward demo`: the whole story on an embedded organization, by the tool's own commands."""

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.render import Format, Screen
from rootsteward.cli.story import SCENES, Scene
from rootsteward.domain.errors import BugError
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.scenarios.identities import MANAGEMENT_PROFILE, write_credentials_file
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.server import serve

SCENARIO = "article"


def demo(context: typer.Context) -> None:
    """Tell the whole story on an embedded organization; needs no AWS account."""
    screen = Screen(Format.TABLE)
    world = load_scenario(SCENARIO, now=lambda: datetime.now(UTC))
    with (
        tempfile.TemporaryDirectory(prefix="rootsteward-demo-") as folder,
        serve(Sandbox(world).handle) as url,
    ):
        credentials = Path(folder) / "credentials"
        write_credentials_file(world, credentials, region=world.regions[0], endpoint_url=url)
        with _only_the_sandbox(Path(folder)), chdir(folder):
            for number, scene in enumerate(SCENES, start=1):
                _play(screen, context, number, scene)
    _say_how_to_go_on(screen)


def _play(screen: Screen, context: typer.Context, number: int, scene: Scene) -> None:
    """Run one command as if it were typed, and hold it to its exit code.

    Raises:
        BugError: when it ends otherwise than the story says.
    """
    screen.out.rule(f"[bold]{number}. {scene.title}[/bold]", align="left")
    screen.say(scene.text)
    screen.say()
    screen.command(f"$ rootsteward {scene.command}")
    screen.out.file.flush()
    application = context.find_root().command
    arguments = shlex.split(scene.command)
    ended = application.main(arguments, prog_name="rootsteward", standalone_mode=False)
    code = ExitCode(ended) if isinstance(ended, int) else ExitCode.DONE
    if code is not scene.ends_with:
        raise BugError(
            f"`rootsteward {scene.command}` ended with {code.value}, not {scene.ends_with.value}"
        )
    screen.say(f"(exit code {code.value}: {code.meaning})\n", style="dim")


@contextmanager
def _only_the_sandbox(folder: Path) -> Iterator[None]:
    """An AWS environment in which nothing but the demo's own credentials can be found."""
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith(("AWS_", "ROOTSTEWARD_"))]:
        del os.environ[name]
    os.environ.update(
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "credentials"),
        AWS_CONFIG_FILE=str(folder / "no-config"),
        AWS_EC2_METADATA_DISABLED="true",
        AWS_PROFILE=MANAGEMENT_PROFILE,
        ROOTSTEWARD_CONFIG=str(folder / "rootsteward.toml"),
        ROOTSTEWARD_DATABASE=str(folder / "rootsteward.db"),
    )
    (folder / "rootsteward.toml").touch()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _say_how_to_go_on(screen: Screen) -> None:
    program = _program()
    screen.out.rule("[bold]Try it yourself[/bold]", align="left")
    screen.say("serve the same organization in one terminal:")
    screen.command(
        f"  {program} sandbox serve --scenario {SCENARIO} --credentials-file demo-credentials"
    )
    screen.say("and use it from another, with rootsteward or with any AWS client:")
    for line in (
        "export AWS_SHARED_CREDENTIALS_FILE=$PWD/demo-credentials",
        f"{program} status --profile {MANAGEMENT_PROFILE}",
        f"aws organizations list-accounts --profile {MANAGEMENT_PROFILE}",
        f"aws iam list-organizations-features --profile {MANAGEMENT_PROFILE}",
    ):
        screen.command(f"  {line}")


def _program() -> str:
    """How to call this program again: after `make demo` it is not on the PATH."""
    called = Path(sys.argv[0])
    if shutil.which("rootsteward") or called.name != "rootsteward":
        return "rootsteward"
    return os.path.relpath(called)
