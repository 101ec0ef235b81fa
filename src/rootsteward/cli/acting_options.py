"""The options of commands that change things: how a campaign goes, and whether it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Self

import typer

from rootsteward.campaigns.campaign import DEFAULT_IN_FLIGHT, Settings
from rootsteward.campaigns.waves import parse_waves
from rootsteward.cli.options import DryRunOption, YesOption

_PANEL = "Campaign"
_MOST_IN_FLIGHT = 512

PlanFileOption = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Write the plan there to `apply` it later."),
]
RehearseOption = Annotated[
    bool,
    typer.Option("--rehearse", help="Carry it out on a twin of the organization, in a sandbox."),
]


@dataclass(frozen=True, slots=True)
class CampaignOptions:
    """How a campaign goes about it. An `OptionGroup`."""

    OPTIONS: ClassVar[Mapping[str, tuple[object, object]]] = {
        "wave": (
            Annotated[
                str | None,
                typer.Option(
                    "--wave",
                    metavar="STEPS",
                    help="How many first: 1,10,100% is one, ten more, then the rest.",
                    rich_help_panel=_PANEL,
                ),
            ],
            None,
        ),
        "stop_after_refusals": (
            Annotated[
                int | None,
                typer.Option(
                    "--stop-after-refusals",
                    min=1,
                    help="Pause when so many were refused. With --wave: 1.",
                    rich_help_panel=_PANEL,
                ),
            ],
            None,
        ),
        "stop_after_errors": (
            Annotated[
                int | None,
                typer.Option(
                    "--stop-after-errors",
                    min=1,
                    help="Pause when so many ended unknown. With --wave: 1.",
                    rich_help_panel=_PANEL,
                ),
            ],
            None,
        ),
        "in_flight": (
            Annotated[
                int,
                typer.Option(
                    "--in-flight",
                    min=1,
                    max=_MOST_IN_FLIGHT,
                    help="Accounts under way at once in one process.",
                    rich_help_panel=_PANEL,
                ),
            ],
            DEFAULT_IN_FLIGHT,
        ),
    }

    settings: Settings

    @classmethod
    def from_options(
        cls,
        *,
        wave: str | None = None,
        stop_after_refusals: int | None = None,
        stop_after_errors: int | None = None,
        in_flight: int = DEFAULT_IN_FLIGHT,
    ) -> Self:
        """Make the settings.

        Raises:
            InputError: a wave is wrong.
        """
        # WHY 1: whoever sends a canary ahead wants to know when it does not sing.
        cautious = None if wave is None else 1
        return cls(
            Settings(
                waves=() if wave is None else parse_waves(wave),
                stop_after_refusals=stop_after_refusals or cautious,
                stop_after_errors=stop_after_errors or cautious,
                in_flight=in_flight,
            )
        )


@dataclass(frozen=True, slots=True)
class ActingOptions:
    """What a command does with its plan. An `OptionGroup`."""

    OPTIONS: ClassVar[Mapping[str, tuple[object, object]]] = {
        "dry_run": (DryRunOption, False),
        "yes": (YesOption, False),
        "rehearse": (RehearseOption, False),
        "plan_file": (PlanFileOption, None),
        **CampaignOptions.OPTIONS,
    }

    dry_run: bool
    yes: bool
    rehearse: bool
    plan_file: Path | None
    settings: Settings

    @property
    def acts(self) -> bool:
        """Whether AWS is changed, and not only told what would be."""
        return not (self.dry_run or self.rehearse or self.plan_file is not None)

    @classmethod
    def from_options(
        cls,
        *,
        dry_run: bool = False,
        yes: bool = False,
        rehearse: bool = False,
        plan_file: Path | None = None,
        wave: str | None = None,
        stop_after_refusals: int | None = None,
        stop_after_errors: int | None = None,
        in_flight: int = DEFAULT_IN_FLIGHT,
    ) -> Self:
        """Make the value from what was given.

        Raises:
            InputError: a wave is wrong.
        """
        campaign = CampaignOptions.from_options(
            wave=wave,
            stop_after_refusals=stop_after_refusals,
            stop_after_errors=stop_after_errors,
            in_flight=in_flight,
        )
        return cls(dry_run, yes, rehearse, plan_file, campaign.settings)
