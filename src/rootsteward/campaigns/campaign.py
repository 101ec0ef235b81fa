"""A campaign: one plan being carried out. Values only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rootsteward.domain.outcome import Outcome
from rootsteward.operations.json_fields import Fields, count, list_of, optional, text
from rootsteward.ports.journal import JsonValue
from rootsteward.storage.jobs import ItemState

DEFAULT_IN_FLIGHT = 16

# Outcomes of an item that was begun, as the stop rules count them.
REFUSED = frozenset({Outcome.DENIED, Outcome.PRESENT, Outcome.CHANGED_MEANWHILE})
ERRORS = frozenset({Outcome.UNKNOWN})


class State(StrEnum):
    """`paused` can be resumed; `stopped` and `finished` are for good, and so is `stopping`."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a campaign goes about it.

    Attributes:
        waves: the steps as typed, such as `("1", "10", "100%")`; empty for all at once.
        stop_after_refusals: pause when so many items were refused; None for never.
        stop_after_errors: pause when so many items ended unknown; None for never.
        in_flight: how many items one process has under way at most.
    """

    waves: tuple[str, ...] = ()
    stop_after_refusals: int | None = None
    stop_after_errors: int | None = None
    in_flight: int = DEFAULT_IN_FLIGHT

    @property
    def has_stop_rules(self) -> bool:
        """Whether anything makes it pause by itself."""
        return self.stop_after_refusals is not None or self.stop_after_errors is not None

    def as_json(self) -> dict[str, JsonValue]:
        """As the database keeps it."""
        return {
            "waves": [*self.waves],
            "stop_after_refusals": self.stop_after_refusals,
            "stop_after_errors": self.stop_after_errors,
            "in_flight": self.in_flight,
        }


def settings_from_json(value: object) -> Settings:
    """What `Settings.as_json` wrote.

    Raises:
        FieldError: naming the field that is missing or wrong.
    """
    fields = Fields(value)
    return Settings(
        waves=fields.read("waves", list_of(text)),
        stop_after_refusals=fields.read("stop_after_refusals", optional(count)),
        stop_after_errors=fields.read("stop_after_errors", optional(count)),
        in_flight=fields.read("in_flight", count),
    )


@dataclass(frozen=True, slots=True)
class Campaign:
    """One plan being carried out; its id is the plan's.

    `reason` says why it is in this state, and may be empty. `started_by` is an ARN.
    """

    id: str
    slug: str
    organization_id: str
    state: State
    reason: str
    created_at: datetime
    changed_at: datetime
    asked: str
    started_by: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Progress:
    """How many items are in which state, and how those that ended did."""

    total: int
    waiting: int
    begun: int
    ended: int
    outcomes: Mapping[Outcome, int]

    @property
    def remaining(self) -> int:
        """Items that have not ended."""
        return self.waiting + self.begun

    def count(self, outcomes: frozenset[Outcome]) -> int:
        """How many items ended in one of some outcomes."""
        return sum(self.outcomes.get(outcome, 0) for outcome in outcomes)


def progress_of(counts: Counter[tuple[ItemState, str]]) -> Progress:
    """From what the database counted."""
    by_state = Counter[ItemState]()
    outcomes = Counter[Outcome]()
    for (state, outcome), number in counts.items():
        by_state[state] += number
        if state is ItemState.ENDED:
            outcomes[Outcome(outcome)] += number
    return Progress(
        total=sum(by_state.values()),
        waiting=by_state[ItemState.WAITING],
        begun=by_state[ItemState.BEGUN],
        ended=by_state[ItemState.ENDED],
        outcomes=dict(sorted(outcomes.items())),
    )


def stop_reason(settings: Settings, begun: Progress) -> str:
    """Why the campaign must pause, or empty. `begun` counts only items that were begun.

    WHY only those: what a plan knew beforehand it could not do is no news.
    """
    refused, errors = begun.count(REFUSED), begun.count(ERRORS)
    if settings.stop_after_refusals is not None and refused >= settings.stop_after_refusals:
        return f"{refused} refused; the rule was to stop after {settings.stop_after_refusals}"
    if settings.stop_after_errors is not None and errors >= settings.stop_after_errors:
        return f"{errors} ended unknown; the rule was to stop after {settings.stop_after_errors}"
    return ""
