"""Showing and carrying out a plan that switches something: enable, disable, delegate."""

from collections.abc import Sequence

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session
from rootsteward.cli.render import Column, Row
from rootsteward.domain.outcome import Outcome
from rootsteward.operations.switches import SwitchPlan, SwitchResult, apply, rehearse

_COLUMNS = (
    Column("outcome", "outcome", fold=False),
    Column("api", "call"),
    Column("target", "target"),
    Column("detail", "detail"),
)
_TABLE_COLUMNS = (Column("outcome", "outcome", fold=False), Column("step", "step"))


def carry_out(session: Session, plan: SwitchPlan, *, dry_run: bool) -> ExitCode:
    """Explain what is in the way, or do the steps and show how each ended."""
    screen = session.screen
    for done in plan.already:
        screen.say(f"already: {done}", style="dim")
    if plan.obstacles:
        _explain(session, plan)
        return ExitCode.COULD_NOT_FINISH
    if dry_run:
        results = rehearse(plan)
    else:
        results = apply(session.runtime.gateway, session.runtime.journal, plan)
    columns = _TABLE_COLUMNS if screen.for_people else _COLUMNS
    title = f"{plan.slug}, plan {plan.id}" if plan.steps else plan.slug
    screen.rows(title, columns, _rows(results), empty="nothing to do")
    for remark in plan.remarks:
        screen.say(f"note: {remark}", style="dim")
    return _exit_code(results)


def _explain(session: Session, plan: SwitchPlan) -> None:
    screen = session.screen
    screen.err.print(f"[bold red]{plan.slug} cannot start[/bold red]; nothing was done")
    for obstacle in plan.obstacles:
        screen.err.print(f"  {obstacle.what}", markup=False)
        screen.err.print(f"    seen: {obstacle.evidence}", markup=False, style="dim")
        screen.err.print(f"    help: {obstacle.help}", markup=False, style="cyan")


def _rows(results: Sequence[SwitchResult]) -> list[Row]:
    return [
        {
            "api": result.step.api,
            "target": result.step.target,
            "outcome": result.outcome.value,
            "detail": result.detail or result.step.why,
            "step": [f"{result.step.api} {result.step.target}", result.detail or result.step.why],
        }
        for result in results
    ]


def _exit_code(results: Sequence[SwitchResult]) -> ExitCode:
    outcomes = {result.outcome for result in results}
    if Outcome.DENIED in outcomes:
        return ExitCode.REFUSED
    if Outcome.UNKNOWN in outcomes or Outcome.SKIPPED in outcomes:
        return ExitCode.COULD_NOT_FINISH
    return ExitCode.DONE
