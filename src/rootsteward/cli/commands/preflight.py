"""`rootsteward preflight`."""

from typing import Annotated

import typer

from rootsteward.cli.blame import statement_row
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, TaskOption, connected, tasks_from
from rootsteward.cli.organization_source import SnapshotOption, control_reader
from rootsteward.cli.render import Column, Footnotes, Row, Screen
from rootsteward.cli.selection import Chosen, select_to_read
from rootsteward.cli.selection_view import say_unseen
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.cli.words import counted
from rootsteward.domain.authorization import Answer, Decision
from rootsteward.domain.outcome import Verdict, worst_of
from rootsteward.operations import preflight as operation
from rootsteward.operations.controls import Controls
from rootsteward.operations.preflight import Preflight, TaskForecast
from rootsteward.operations.statement_names import statement_names

_DATA_COLUMNS = (
    Column("account", "account"),
    Column("name", "name"),
    Column("task", "task"),
    Column("decision", "verdict"),
    Column("actions", "blocked actions"),
    Column("by", "because of"),
)
_WORDS = {
    Decision.ALLOWED: "allowed",
    Decision.EXPLICIT_DENY: "denied",
    Decision.IMPLICIT_DENY: "denied",
    Decision.DEPENDS: "depends",
    Decision.UNDETERMINED: "unreadable",
}


@connected
def preflight(
    session: Session,
    accounts: Chosen,
    task: TaskOption = None,
    blocked_only: Annotated[
        bool, typer.Option("--blocked-only", help="Leave out what is plainly allowed.")
    ] = False,
    snapshot: SnapshotOption = None,
) -> ExitCode:
    """Say which root tasks the SCPs would block in each account, before anything is tried."""
    tasks = tasks_from(task)
    reader = control_reader(session, snapshot)
    organization = reader.organization()
    selection = select_to_read(session, reader, organization, accounts)
    controls = operation.gather(reader, organization)
    found = operation.plan(controls, [a.id for a in selection.targets], tasks)
    if session.screen.for_people:
        _show(session.screen, found, controls, blocked_only=blocked_only)
    else:
        rows = [r for r in _rows(found, controls) if not blocked_only or r["actions"]]
        session.screen.rows("Preflight", _DATA_COLUMNS, rows)
    say_unseen(session.screen, selection)
    free = sum(forecast.decision is Decision.ALLOWED for forecast in found.accounts)
    total = len(found.accounts)
    session.screen.say(
        f"{free} of {counted(total, 'account')}: every task asked about would be allowed"
    )
    unplaced = Verdict.UNSEEN if selection.unseen else Verdict.DONE
    return exit_code_for(worst_of(found.verdict, unplaced))


def _show(screen: Screen, found: Preflight, controls: Controls, *, blocked_only: bool) -> None:
    """For people: accounts by tasks, and the statements behind the verdicts below."""
    shown = [f for f in found.accounts if not blocked_only or f.decision is not Decision.ALLOWED]
    notes = Footnotes()
    columns = [Column("account", "account", fold=False), Column("name", "name")]
    if shown:
        columns.extend(Column(task.task.slug, task.task.slug) for task in shown[0].tasks)
    rows: list[Row] = [
        {
            "account": str(forecast.account),
            "name": controls.organization.label(forecast.account),
            **{task.task.slug: _cell(task, controls, notes) for task in forecast.tasks},
        }
        for forecast in shown
    ]
    screen.rows("Preflight", columns, rows, empty="nothing is blocked")
    notes.show(screen)


def _cell(task: TaskForecast, controls: Controls, notes: Footnotes) -> str:
    """The verdict on a task; how many of its actions are blocked when not all are."""
    word = _WORDS[task.decision]
    blocked, asked = len(task.blocked), len(task.answers)
    if 0 < blocked < asked:
        word = f"{word} {blocked}/{asked}"
    return notes.mark(word, list(_reasons([answer for _, answer in task.blocked], controls)))


def _rows(found: Preflight, controls: Controls) -> list[Row]:
    """For machines: one row per account and task."""
    return [
        {
            "account": str(forecast.account),
            "name": controls.organization.label(forecast.account),
            "task": task.task.slug,
            "decision": task.decision.value,
            "actions": [action for action, _ in task.blocked],
            "by": list(_reasons([answer for _, answer in task.blocked], controls)),
            "statements": [
                statement_row(by, controls)
                for by in dict.fromkeys(by for _, answer in task.blocked for by in answer.by)
            ],
        }
        for forecast in found.accounts
        for task in forecast.tasks
    ]


def _reasons(answers: list[Answer], controls: Controls) -> dict[str, None]:
    """Each reason once, in order of first use."""
    reasons: dict[str, None] = {}
    for answer in answers:
        named = statement_names(answer.by, controls)
        if answer.decision is Decision.DEPENDS:
            keys = ", ".join(answer.depends_on)
            named = [f"{name}, depending on {keys}" for name in named] or [f"depends on {keys}"]
        if answer.decision is Decision.UNDETERMINED or not named:
            named = [answer.why]
        reasons.update(dict.fromkeys(named))
    return reasons
