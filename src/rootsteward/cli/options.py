"""The options that every command shares, and the session they open."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Concatenate, ParamSpec, Protocol, Self

import typer

from rootsteward.cli.config import Config, load_config
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.render import Format, ProgressNotifier, Screen
from rootsteward.domain.errors import InputError
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.wiring import Runtime, Settings, open_runtime

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with: the screen, the configuration and the wired runtime."""

    screen: Screen
    config: Config
    runtime: Runtime

    def notifier(self) -> ProgressNotifier:
        """A progress bar for long work."""
        return ProgressNotifier(self.screen)


DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Look and show what would happen; change nothing.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask; for scripts that know what they do.")
]
TaskOption = Annotated[
    list[str] | None,
    typer.Option(
        "--task",
        help="Only this task: " + ", ".join(task.slug for task in TaskPolicy) + ".",
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]

_SHARED: dict[str, tuple[object, object]] = {
    "profile": (
        Annotated[
            str | None,
            typer.Option("--profile", help="AWS profile to use.", rich_help_panel="Connection"),
        ],
        None,
    ),
    "region": (
        Annotated[
            str | None,
            typer.Option("--region", help="AWS Region to use.", rich_help_panel="Connection"),
        ],
        None,
    ),
    "endpoint_url": (
        Annotated[
            str | None,
            typer.Option(
                "--endpoint-url",
                envvar="AWS_ENDPOINT_URL",
                help="Send every call here: a served sandbox.",
                rich_help_panel="Connection",
            ),
        ],
        None,
    ),
    "config": (
        Annotated[
            Path | None,
            typer.Option(
                "--config",
                envvar="ROOTSTEWARD_CONFIG",
                help="Configuration file; default rootsteward.toml here, when there is one.",
                rich_help_panel="Connection",
            ),
        ],
        None,
    ),
    "database": (
        Annotated[
            str | None,
            typer.Option(
                "--database",
                "--database-url",
                envvar="ROOTSTEWARD_DATABASE",
                help="Where the ledger and backups are kept: a file, or postgresql://….",
                rich_help_panel="Connection",
            ),
        ],
        None,
    ),
    "output": (FormatOption, Format.TABLE),
}


def tasks_from(slugs: list[str] | None) -> tuple[TaskPolicy, ...]:
    """The tasks that `--task` named, all five by default.

    Raises:
        InputError: when there is no such task.
    """
    by_slug = {task.slug: task for task in TaskPolicy}
    for slug in slugs or ():
        if slug not in by_slug:
            raise InputError(
                f"there is no task `{slug}`", help="the tasks are " + ", ".join(by_slug)
            )
    return tuple(by_slug[slug] for slug in slugs) if slugs else tuple(TaskPolicy)


class OptionGroup(Protocol):
    """Several options that a command takes as one value.

    `OPTIONS` maps each parameter's name to its Typer annotation and default.
    """

    OPTIONS: ClassVar[Mapping[str, tuple[object, object]]]

    @classmethod
    def from_options(cls, **values: object) -> Self:
        """Make the value from what was given."""


def connected(
    command: Callable[Concatenate[Session, P], ExitCode],
) -> Callable[..., None]:
    """Give a command the shared options and a `Session` as its first argument.

    A parameter annotated with an `OptionGroup` is replaced by the options of the group. The
    command returns its exit code.
    """
    own = list(inspect.signature(command).parameters.values())[1:]
    groups: dict[str, type[OptionGroup]] = {
        p.name: p.annotation for p in own if hasattr(p.annotation, "OPTIONS")
    }
    parameters = [
        *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own if p.name not in groups),
        *(_option(*item) for group in groups.values() for item in group.OPTIONS.items()),
        *(_option(*item) for item in _SHARED.items()),
    ]

    @functools.wraps(command)
    def run(**values: object) -> None:
        given = {name: values.pop(name) for name in _SHARED}
        for name, group in groups.items():
            members = {option: values.pop(option) for option in group.OPTIONS}
            values[name] = group.from_options(**members)
        with open_session(**given) as session:  # type: ignore[arg-type] # Typer has checked them
            code = command(session, **values)  # type: ignore[call-arg,arg-type] # the same
        if code is not ExitCode.DONE:
            raise typer.Exit(code)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # Typer reads it
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def _option(name: str, annotated: tuple[object, object]) -> inspect.Parameter:
    kind, default = annotated
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


@contextmanager
def open_session(
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    config: Path | None = None,
    database: str | None = None,
    output: Format = Format.TABLE,
) -> Iterator[Session]:
    """Read the configuration and wire the runtime; options win over the file.

    Raises:
        InputError: when the configuration file is wrong.
    """
    loaded = load_config(config)
    settings = Settings(
        profile=profile or loaded.aws.profile,
        region=region or loaded.aws.region,
        endpoint_url=endpoint_url or loaded.aws.endpoint_url,
        database=database or loaded.database,
    )
    with open_runtime(settings) as runtime:
        yield Session(Screen(output), loaded, runtime)
