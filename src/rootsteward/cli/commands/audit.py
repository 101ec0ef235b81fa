"""`rootsteward audit`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from rootsteward.campaigns.run import DEFAULT_IN_FLIGHT, MOST_IN_FLIGHT, RunReport, run
from rootsteward.campaigns.select import Selection
from rootsteward.cli.audit_rows import DATA_COLUMNS, audit_row, show_audits, summary_line
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.selection import Chosen, select_to_read
from rootsteward.cli.selection_view import say_unseen
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import Verdict, verdict_of_reading, worst_of
from rootsteward.operations import audit as operation
from rootsteward.operations import controls as control_facts
from rootsteward.operations.audit import AccountAudit
from rootsteward.operations.controls import Controls


@connected
def audit(
    session: Session,
    accounts: Chosen,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every list, also where nothing is present.")
    ] = False,
    in_flight: Annotated[
        int,
        typer.Option("--in-flight", min=1, max=MOST_IN_FLIGHT, help="How many accounts at a time."),
    ] = DEFAULT_IN_FLIGHT,
) -> ExitCode:
    """Show which root credentials each member account has. Default: all member accounts."""
    gateway = session.runtime.gateway
    organization = gateway.organization()
    selection = select_to_read(session, gateway, organization, accounts)
    controls = control_facts.gather(gateway, organization)
    report = audit_accounts(session, controls, selection.targets, deep=deep, in_flight=in_flight)
    return show_audit(session, controls, selection, report)


def audit_accounts(
    session: Session,
    controls: Controls,
    targets: Sequence[Account],
    *,
    deep: bool = False,
    in_flight: int = DEFAULT_IN_FLIGHT,
) -> RunReport[Account, AccountAudit]:
    """Audit accounts at once, each row with the statements held responsible for a denial."""
    gateway = session.runtime.gateway
    blame_for = control_facts.blame_for(controls)
    return run(
        targets,
        lambda target: operation.gather(gateway, target, deep=deep, blame_for=blame_for),
        operation.lost,
        session.notifier(),
        title="looking at root credentials",
        in_flight=in_flight,
    )


def show_audit(
    session: Session,
    controls: Controls,
    selection: Selection,
    report: RunReport[Account, AccountAudit],
) -> ExitCode:
    """The rows and a summary."""
    screen = session.screen
    if screen.for_people:
        show_audits(screen, report.rows, controls)
    else:
        rows = [audit_row(row, controls) for row in report.rows]
        screen.rows("Root credentials", DATA_COLUMNS, rows)
    screen.say(summary_line(report.rows, len(report.not_started)))
    if any(row.outcome.value == "recovery open" for row in report.rows):
        screen.say(f"note: {operation.RECOVERY_REMARK}", style="dim")
    say_unseen(screen, selection)
    verdict = worst_of(
        verdict_of_reading(row.outcome for row in report.rows),
        Verdict.UNFINISHED if report.interrupted else Verdict.DONE,
        Verdict.UNSEEN if selection.unseen else Verdict.DONE,
    )
    return exit_code_for(verdict)
