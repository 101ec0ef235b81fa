"""Campaigns on the screen: how far, how each item ended, and following one to its end."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rootsteward.campaigns.campaign import Campaign, Progress, State
from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.report import ORDER, Report
from rootsteward.campaigns.store import Item
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.plan_view import noted
from rootsteward.cli.render import Column, Footnotes, Row, Screen, Value
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.cli.words import counted
from rootsteward.domain.outcome import Outcome, Verdict, verdict_of_acting

_LONG = 40
_KIND_COLUMNS = (
    Column("kind", "kind"),
    Column("before", "before"),
    Column("after", "after"),
    Column("unseen", "not looked at again"),
)


def show_results(
    screen: Screen, title: str, slug: str, results: Sequence[tuple[PlannedItem, ItemResult]]
) -> None:
    """How each item of an operation ended, and how many ended how."""
    subject, subjects = verb_of(slug).subject
    rows = [_result_row(subject, planned, result) for planned, result in results]
    columns = (
        Column(subject, subject, fold=False),
        Column("name", "name"),
        Column("outcome", "outcome"),
        Column("detail", "detail"),
    )
    if screen.for_people:
        notes = Footnotes()
        shown = [noted(row, subject, "detail", _LONG, notes) for row in rows]
        screen.rows(title, columns, shown, empty=f"no {subjects}")
        notes.show(screen)
    else:
        screen.rows(title, columns, rows)
    if results:
        screen.say(outcome_line(Counter(result.outcome for _, result in results)))


def show_report(screen: Screen, report: Report) -> None:
    """The figures, for people; every item is in `campaign show`."""
    outcomes = [outcome for outcome in ORDER if outcome in report.outcomes]
    columns = (Column("place", "unit"), *(Column(outcome, outcome) for outcome in outcomes))
    rows: list[Row] = [{"place": place, **counts} for place, counts in report.places]
    totals: Row = {"place": "all", **report.outcomes}
    screen.rows(f"Campaign {report.campaign.id}: {report.title}", columns, [*rows, totals])
    kinds: list[Row] = [
        {"kind": k.kind, "before": k.before, "after": k.after, "unseen": k.unseen}
        for k in report.kinds
    ]
    screen.rows("Root credentials", _KIND_COLUMNS, kinds, empty="none were seen")
    screen.say(
        f"a step took {report.median_seconds} s in the middle, {report.longest_seconds} s at the "
        f"most; from the first to the last {report.worked_seconds} s"
    )


def ended_items(items: Iterable[Item]) -> list[tuple[PlannedItem, ItemResult]]:
    """The items that have ended, with how."""
    return [(item.planned, item.result) for item in items if item.result is not None]


def outcome_line(outcomes: Counter[Outcome]) -> str:
    """Such as `12 deleted, 1 denied`."""
    return ", ".join(f"{number} {outcome.value}" for outcome, number in sorted(outcomes.items()))


def campaign_row(campaign: Campaign, progress: Progress, *, workers: int | None = None) -> Row:
    """A campaign for a list or a record."""
    row: dict[str, Value] = {
        "campaign": campaign.id,
        "operation": campaign.slug,
        "state": campaign.state.value,
        "reason": campaign.reason or None,
        "ended": progress.ended,
        "total": progress.total,
        "begun_at": campaign.created_at,
        "started_by": campaign.started_by,
        "asked": campaign.asked,
        "outcomes": {outcome.value: number for outcome, number in progress.outcomes.items()},
    }
    return row if workers is None else {**row, "processes": workers}


def exit_code_of(campaign: Campaign, outcomes: Iterable[Outcome]) -> ExitCode:
    """What the process says: unfinished wins over how the items ended."""
    if campaign.state is not State.FINISHED:
        return exit_code_for(Verdict.UNFINISHED)
    return exit_code_for(verdict_of_acting(outcomes))


def left_line(campaign: Campaign, progress: Progress) -> str:
    """What is left of a campaign that did not finish, and what to do about it."""
    why = f": {campaign.reason}" if campaign.reason else ""
    left = counted(progress.remaining, *verb_of(campaign.slug).subject)
    if campaign.state is State.STOPPING:
        return (
            f"campaign {campaign.id} is being stopped{why}; {left} not done; "
            f"`rootsteward campaign stop {campaign.id}` ends the stopping"
        )
    return (
        f"campaign {campaign.id} is {campaign.state.value}{why}; {left} not done; "
        f"go on with `rootsteward campaign resume {campaign.id}`, "
        f"or give it up with `rootsteward campaign stop {campaign.id}`"
    )


def _result_row(subject: str, planned: PlannedItem, result: ItemResult) -> Row:
    details: list[Value] = [f"denied: {name}" for name in result.denied_by]
    if result.detail:
        details.append(result.detail)
    row: dict[str, Value] = {
        subject: planned.key,
        "name": planned.name,
        "outcome": result.outcome.value,
        "detail": details,
        "sessions": list(result.sessions),
    }
    return {**row, "backup": result.backup} if result.backup else row
