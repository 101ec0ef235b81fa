"""What every command that changes accounts does on the terminal: plan, show, confirm, carry out."""

import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rootsteward.campaigns.campaign import Settings
from rootsteward.campaigns.facts import facts_about
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.plan_file import write_plan
from rootsteward.campaigns.planned import ItemResult, PlannedItem
from rootsteward.campaigns.preflighted import with_preflight
from rootsteward.campaigns.select import Selection
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.cli.acting_options import ActingOptions
from rootsteward.cli.campaign_view import show_results
from rootsteward.cli.commands.audit import audit_accounts
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.following import carry_out, report
from rootsteward.cli.options import Session
from rootsteward.cli.plan_view import confirmation, show_plan
from rootsteward.cli.selection import Chosen, select_to_act
from rootsteward.cli.selection_view import say_unseen
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import verdict_of_acting
from rootsteward.operations.audit import AccountAudit
from rootsteward.operations.controls import Controls
from rootsteward.operations.whole_file import check_target

_CREDENTIALS = re.compile(r"://[^/\s]*@")


@dataclass(frozen=True, slots=True)
class Target:
    """The accounts of a run, the tree they are in, and who may deny what."""

    selection: Selection
    controls: Controls


@dataclass(frozen=True, slots=True)
class Acted:
    """How a command that acts ended. `results` are empty when it only wrote a plan."""

    code: ExitCode
    results: Sequence[tuple[PlannedItem, ItemResult]] = ()


def choose(session: Session, options: Chosen) -> Target:
    """Read the organization and its control policies, and apply the selection.

    Raises:
        OperatorError: when nothing was selected or something selected does not exist.
    """
    controls = session.runtime.controls
    return Target(select_to_act(session, controls.organization, options), controls)


def look_first(
    session: Session, options: Chosen, acting: ActingOptions
) -> tuple[Target, Sequence[AccountAudit]]:
    """Choose accounts and audit them: the facts that every plan about accounts is made of.

    Raises:
        OperatorError: as `choose`, or when the plan could not be written where it shall be.
        KeyboardInterrupt: it was stopped on the way. WHY: a plan made of half the facts would
            look like a plan for all that was asked.
    """
    if acting.plan_file is not None:
        check_target(acting.plan_file, overwrite=True)
    target = choose(session, options)
    found = audit_accounts(session, target.controls, target.selection.targets)
    if found.interrupted:
        raise KeyboardInterrupt
    return target, found.rows


def make_plan(session: Session, slug: str, items: Sequence[PlannedItem], target: Target) -> Plan:
    """A plan of items, with the facts about every account that was selected.

    With no account selected it rests on nothing but the organization's identity.
    """
    organization = target.controls.organization
    placed = tuple(
        replace(item, place=organization.place_of(AccountId(item.key)))
        if item.key in organization.account_by_id
        else item
        for item in items
    )
    task = verb_of(slug).task
    if task is not None:
        placed = with_preflight(placed, target.controls, task)
    return Plan(
        slug=slug,
        made_at=session.runtime.clock.now(),
        made_by=session.runtime.gateway.caller(),
        organization_id=organization.id,
        asked=_as_typed(),
        facts=facts_about(target.controls, [a.id for a in target.selection.targets]),
        items=placed,
        left_out=target.selection.left_out,
    )


def _as_typed() -> str:
    """The command line, without the user name and password of a database's address."""
    return _CREDENTIALS.sub("://", shlex.join(["rootsteward", *sys.argv[1:]]))


def carry_out_plan(
    session: Session, plan: Plan, settings: Settings, *, held_already: bool = False
) -> Acted:
    """Carry out a plan that was confirmed, and report every item.

    `held_already` says that a recovery holds its accounts.

    Raises:
        OperatorError: another campaign holds an item; nothing was done.
    """
    runtime = session.runtime
    campaign = runtime.control.begin(
        plan,
        settings,
        runtime.gateway.caller(),
        runtime.statement_names,
        held_already=held_already,
    )
    code, items = report(session, carry_out(session, campaign))
    return Acted(code, [(item.planned, item.result) for item in items if item.result is not None])


CarryOut = Callable[[Session, Plan, Settings], Acted]


def act(
    session: Session,
    target: Target,
    plan: Plan,
    options: ActingOptions,
    carry_out_with: CarryOut = carry_out_plan,
) -> Acted:
    """Show a plan and do with it what the options say: write it, rehearse it, carry it out.

    Raises:
        OperatorError: it was not confirmed, or another campaign holds an item; nothing was done.
    """
    screen = session.screen
    asks = bool(plan.acting) and options.acts
    if screen.for_people or (asks and not options.yes):
        show_plan(screen.beside(), plan)
    acted = _as_wanted(session, plan, options, carry_out_with)
    say_unseen(screen, target.selection)
    if target.selection.unseen and acted.code is ExitCode.DONE:
        return replace(acted, code=ExitCode.UNSEEN)
    return acted


def _as_wanted(
    session: Session, plan: Plan, options: ActingOptions, carry_out_with: CarryOut
) -> Acted:
    if options.plan_file is not None:
        return Acted(write_for_later(session, plan, options.plan_file))
    if options.rehearse and plan.acting:
        return Acted(rehearse_plan(session, plan, options.settings))
    if options.dry_run or not plan.acting:
        return rest(session, plan, dry_run=options.dry_run)
    confirm(session.screen, confirmation(plan), yes=options.yes)
    return carry_out_with(session, plan, options.settings)


def rehearse_plan(session: Session, plan: Plan, settings: Settings) -> ExitCode:
    """Carry out a plan on a twin of the organization; see `rehearse`."""
    from rootsteward.cli.rehearsal import rehearse  # noqa: PLC0415 (the sandbox is slow to import)

    return rehearse(session, plan, settings)


def write_for_later(session: Session, plan: Plan, plan_file: Path) -> ExitCode:
    """Write a plan to its file, and say how to go on.

    Raises:
        OperatorError: when it cannot be written.
    """
    write_plan(plan_file, plan)
    name = shlex.quote(str(plan_file))
    session.screen.say(f"plan {plan.id} is in {name}; nothing was changed")
    session.screen.command(f"  rootsteward plan show {name}\n  rootsteward apply {name}")
    return ExitCode.DONE


def rest(session: Session, plan: Plan, *, dry_run: bool) -> Acted:
    """What would become of each item, or, with nothing to do, what is the case."""
    verb, names = verb_of(plan.slug), session.runtime.statement_names
    results = [(item, verb.rest(item)) for item in plan.items]
    named = [(item, replace(r, denied_by=tuple(names(r.blamed)))) for item, r in results]
    show_results(session.screen, "Dry run" if dry_run else "Result", plan.slug, named)
    verdict = verdict_of_acting(result.outcome for _, result in named)
    return Acted(exit_code_for(verdict), named)
