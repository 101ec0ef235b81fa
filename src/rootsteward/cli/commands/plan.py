"""`rootsteward plan show|approve`."""

import typer

from rootsteward.campaigns.approvals import approve as record_approval
from rootsteward.campaigns.approvals import approvers
from rootsteward.campaigns.check import check_organization
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.plan_file import read_plan
from rootsteward.cli.commands.apply import PlanArgument
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, YesOption, connected
from rootsteward.cli.plan_view import show_plan
from rootsteward.cli.render import Value

plan_app = typer.Typer(no_args_is_help=True, help="Plan files: what `apply` would do.")

_HEADINGS = {
    "plan": "plan",
    "operation": "operation",
    "organization": "organization",
    "made_at": "made at",
    "made_by": "made by",
    "asked": "asked for with",
    "acting": "items to act on",
    "items": "items in all",
    "calls": "expected API calls",
    "approved_by": "approved by",
    "campaign": "campaign",
}


@plan_app.command("show")
@connected
def show(session: Session, plan_file: PlanArgument) -> ExitCode:
    """Show a plan: who made it, what it would do, on which evidence; calls no AWS API."""
    plan = read_plan(plan_file)
    if session.screen.for_people:
        show_plan(session.screen, plan)
    session.screen.record("Plan", _row(session, plan), _HEADINGS)
    return ExitCode.DONE


@plan_app.command("approve")
@connected
def approve(session: Session, plan_file: PlanArgument, yes: YesOption = False) -> ExitCode:
    """Approve a plan that another AWS identity has made; it goes on record in the ledger."""
    plan = read_plan(plan_file)
    runtime = session.runtime
    caller = runtime.gateway.caller()
    check_organization(plan, runtime.gateway.organization().id)
    show_plan(session.screen.beside(), plan)
    confirm(session.screen, f"approve {plan.id}", yes=yes)
    entry = record_approval(runtime.ledger, plan, caller)
    session.screen.record("Plan", {**_row(session, plan), "entry": entry}, _HEADINGS)
    return ExitCode.DONE


def _row(session: Session, plan: Plan) -> dict[str, Value]:
    known = session.runtime.campaigns.find(plan.id)
    return {
        "plan": plan.id,
        "operation": plan.slug,
        "organization": plan.organization_id,
        "made_at": plan.made_at.isoformat(timespec="seconds"),
        "made_by": plan.made_by.arn,
        "asked": plan.asked,
        "acting": len(plan.acting),
        "items": len(plan.items),
        "calls": [f"{number} {call}" for call, number in plan.calls.items()],
        "approved_by": list(approvers(session.runtime.ledger, plan)) or None,
        "campaign": None if known is None else known.state.value,
    }
