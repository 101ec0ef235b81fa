"""`rootsteward apply`: carry out a plan that was made, reviewed and perhaps approved before."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from rootsteward.campaigns import check
from rootsteward.campaigns.approvals import approvers
from rootsteward.campaigns.facts import facts_about
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.plan_file import read_plan
from rootsteward.campaigns.select import protected_accounts
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.cli.acting import carry_out_plan, rehearse_plan, rest
from rootsteward.cli.acting_options import CampaignOptions, RehearseOption
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import DryRunOption, Session, YesOption, connected
from rootsteward.cli.plan_view import confirmation, show_plan
from rootsteward.cli.selection import protection_of
from rootsteward.domain.identifiers import AccountId

PlanArgument = Annotated[
    Path, typer.Argument(metavar="PLAN", help="A file that a command wrote with --plan.")
]


@connected
def apply(
    session: Session,
    plan_file: PlanArgument,
    campaign: CampaignOptions,
    dry_run: DryRunOption = False,
    rehearse: RehearseOption = False,
    yes: YesOption = False,
) -> ExitCode:
    """Carry out a plan file, unless what it was made for has changed since."""
    plan = read_plan(plan_file)
    verb_of(plan.slug)
    check.check_organization(plan, session.runtime.gateway.organization().id)
    known = session.runtime.campaigns.find(plan.id)
    if known is None:
        refuse_unfit(session, plan, approved=not rehearse)
    screen = session.screen
    asks = bool(plan.acting) and not (dry_run or rehearse) and known is None
    if screen.for_people or (asks and not yes):
        show_plan(screen.beside(), plan)
    if rehearse and plan.acting:
        return rehearse_plan(session, plan, campaign.settings)
    if dry_run or rehearse:
        return rest(session, plan, dry_run=True).code
    if asks:
        confirm(screen, confirmation(plan), yes=yes)
    if known is not None:
        screen.say(f"plan {plan.id} was begun before: its campaign is {known.state.value}")
    return carry_out_plan(session, plan, campaign.settings).code


def refuse_unfit(session: Session, plan: Plan, *, approved: bool) -> None:
    """Refuse a plan that must not be carried out as things are now.

    `approved` says that an approval is needed where the configuration wants one; who approves may
    rehearse it first.

    Raises:
        OperatorError: it is too old, not approved, acts on what is protected, or its facts changed.
    """
    runtime, settings = session.runtime, session.config.plans
    check.check_age(plan, runtime.clock.now(), timedelta(hours=settings.max_age_hours))
    if approved and settings.require_approval:
        check.check_approval(plan, approvers(runtime.ledger, plan))
    organization = runtime.gateway.organization()
    protection = protection_of(session)
    check.check_protection(plan, protected_accounts(organization, protection))
    check.check_protected_resources(plan, session.config.protected.resources)
    accounts = [AccountId(name.split()[1]) for name in plan.facts if name.startswith("account ")]
    if accounts:
        check.check_facts(plan, facts_about(runtime.controls, accounts))
