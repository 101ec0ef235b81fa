"""What every destructive command does on the terminal: plan, show, confirm, run, report."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rootsteward.campaigns.run import RunReport, run
from rootsteward.campaigns.select import Selection
from rootsteward.cli.blame import statement_names, without_account
from rootsteward.cli.commands.audit import audit_accounts
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session
from rootsteward.cli.render import Column, Footnotes, Row, Screen, Value
from rootsteward.cli.selection import Chosen, select_to_act, show_left_out
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.cli.words import counted
from rootsteward.domain.outcome import AccountResult, Verdict, verdict_of_acting
from rootsteward.operations import controls as control_facts
from rootsteward.operations.audit import AccountAudit
from rootsteward.operations.controls import Controls

P = TypeVar("P")

# Longer texts stand below the table. In a plan the evidence for each credential stays in it.
_LONG_IN_PLAN = 100
_LONG_IN_RESULT = 40

_PLAN_COLUMNS = (
    Column("account", "account", fold=False),
    Column("name", "name"),
    Column("intention", "intention"),
    Column("details", "details"),
)
_RESULT_COLUMNS = (
    Column("account", "account", fold=False),
    Column("name", "name"),
    Column("outcome", "outcome"),
    Column("detail", "detail"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """The accounts of a run, the tree they are in, and who may deny what."""

    selection: Selection
    controls: Controls


@dataclass(frozen=True, slots=True)
class Act(Generic[P]):
    """One destructive verb over many accounts.

    `planned` are all accounts of the plan, `acting` those in which something would be done.
    `show` makes an account's row of the plan; `phrase` is what the operator must type.
    """

    title: str
    plan_id: str
    planned: Sequence[P]
    acting: Sequence[P]
    phrase: str
    show: Callable[[P], Row]
    rehearse: Callable[[P], AccountResult]
    step: Callable[[P], AccountResult]
    lost: Callable[[P, Exception], AccountResult]


def choose(session: Session, options: Chosen) -> Target:
    """Read the organization and its control policies, and apply the selection.

    Raises:
        OperatorError: when nothing was selected or something selected does not exist.
    """
    gateway = session.runtime.gateway
    organization = gateway.organization()
    selection = select_to_act(session, organization, options)
    return Target(selection, control_facts.gather(gateway, organization))


def look_first(session: Session, options: Chosen) -> tuple[Target, Sequence[AccountAudit]]:
    """Choose accounts and audit them: the facts that every destructive plan is made of.

    Raises:
        OperatorError: as `choose`.
        KeyboardInterrupt: it was stopped on the way. WHY: a plan made of half the facts would
            look like a plan for all that was asked.
    """
    target = choose(session, options)
    report = audit_accounts(session, target.controls, target.selection.targets)
    if report.interrupted:
        raise KeyboardInterrupt
    return target, report.rows


def carry_out(
    session: Session, target: Target, act: Act[P], *, dry_run: bool, yes: bool
) -> tuple[ExitCode, Sequence[AccountResult]]:
    """Show the plan, ask, run the steps, and report every account.

    Returns:
        The exit code, and the result of every account that was started.

    Raises:
        OperatorError: when it was not confirmed; then nothing was done.
    """
    screen = session.screen
    asks = bool(act.acting) and not dry_run
    if screen.for_people or (asks and not yes):
        _show_plan(screen.beside(), act)
    show_left_out(session, target.controls.organization, target.selection)
    if asks:
        confirm(screen, act.phrase, yes=yes)
    report = run(
        act.planned,
        act.rehearse if dry_run else act.step,
        act.lost,
        session.notifier(),
        title=act.title,
    )
    rows = [_result_row(result, target.controls) for result in report.rows]
    title = "Dry run" if dry_run else "Result"
    if screen.for_people:
        _show_results(screen, title, rows)
    else:
        screen.rows(title, _RESULT_COLUMNS, rows)
    _show_counts(screen, report)
    if report.interrupted:
        return exit_code_for(Verdict.UNFINISHED), report.rows
    verdict = verdict_of_acting(result.outcome for result in report.rows)
    return exit_code_for(verdict), report.rows


def _show_plan(screen: Screen, act: Act[P]) -> None:
    notes = Footnotes()
    rows = [_noted(act.show(one), "details", _LONG_IN_PLAN, notes) for one in act.planned]
    title = f"Plan {act.plan_id}: {act.title}"
    screen.rows(title, _PLAN_COLUMNS, rows, empty="no accounts")
    notes.show(screen)


def _show_results(screen: Screen, title: str, rows: Sequence[Row]) -> None:
    notes = Footnotes()
    shown = [_noted(row, "detail", _LONG_IN_RESULT, notes) for row in rows]
    screen.rows(title, _RESULT_COLUMNS, shown, empty="no accounts")
    notes.show(screen)


def _noted(row: Row, key: str, long: int, notes: Footnotes) -> Row:
    """The row with its long texts below the table, each text once for all accounts."""
    texts = row[key]
    if not isinstance(texts, list):
        return row
    account = str(row["account"])
    short = [text for text in map(str, texts) if len(text) <= long]
    noted = [without_account(text, account) for text in map(str, texts) if len(text) > long]
    return {**row, key: [*short, notes.mark("", noted).strip()] if noted else short}


def _show_counts(screen: Screen, report: RunReport[P, AccountResult]) -> None:
    ended = Counter(result.outcome.value for result in report.rows)
    if ended:
        screen.say(", ".join(f"{count} {outcome}" for outcome, count in sorted(ended.items())))
    if report.interrupted:
        left = counted(len(report.not_started), "account")
        screen.say(f"stopped: {left} not started; run it again for the rest")


def _result_row(result: AccountResult, controls: Controls) -> Row:
    named = statement_names(result.blamed, controls)
    details: list[Value] = [f"denied: {name}" for name in named]
    if result.detail:
        details.append(result.detail)
    return {
        "account": str(result.account),
        "name": controls.organization.label(result.account),
        "outcome": result.outcome.value,
        "detail": details,
        "sessions": list(result.session_keys),
    }
