"""`rootsteward scp repair|backups|restore`."""

from typing import Annotated

import typer

from rootsteward.campaigns.select import Selection
from rootsteward.campaigns.verbs import scp_repair as verb
from rootsteward.cli.acting import Target, make_plan, write_for_later
from rootsteward.cli.acting_options import PlanFileOption
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.kept_policies import find_backup, show_backups
from rootsteward.cli.options import Session, TaskOption, YesOption, connected, tasks_from
from rootsteward.cli.organization_source import SnapshotOption, control_reader, refuse_acting
from rootsteward.cli.repair_view import SizeLimitOption, repair_rows, show_outcome, show_plan
from rootsteward.cli.selection import Chosen, select_to_read
from rootsteward.cli.selection_view import say_unseen
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.cli.words import counted
from rootsteward.domain.outcome import Verdict, verdict_of_acting
from rootsteward.operations import controls as control_facts
from rootsteward.operations import scp_repair as operation
from rootsteward.operations import scp_restore
from rootsteward.operations.scp_change import BACKUP_KIND
from rootsteward.operations.whole_file import check_target
from rootsteward.policy.repair.repair import SIZE_LIMIT_CHARACTERS, RepairPlan, Style

scp_app = typer.Typer(no_args_is_help=True, help="Service control policies that block root tasks.")


@scp_app.command("repair")
@connected
def repair(
    session: Session,
    accounts: Chosen,
    task: TaskOption = None,
    style: Annotated[
        Style | None,
        typer.Option("--style", help="How to change it. Default: the narrowest that is proved."),
    ] = None,
    size_limit: SizeLimitOption = SIZE_LIMIT_CHARACTERS,
    apply: Annotated[
        bool, typer.Option("--apply", help="Update the policies; the old texts are kept.")
    ] = False,
    yes: YesOption = False,
    plan_file: PlanFileOption = None,
    snapshot: SnapshotOption = None,
) -> ExitCode:
    """Show the smallest SCP changes that unblock the root tasks, with diff and proof."""
    if apply:
        refuse_acting(snapshot, "--apply")
    if plan_file is not None:
        refuse_acting(snapshot, "--plan")
        check_target(plan_file, overwrite=True)
    tasks = tasks_from(task)
    reader = control_reader(session, snapshot)
    organization = reader.organization()
    selection = select_to_read(session, reader, organization, accounts)
    controls = control_facts.gather(reader, organization)
    planned = operation.plan(
        controls,
        [a.id for a in selection.targets],
        tasks=tasks,
        style=style,
        size_limit=size_limit,
    )
    asks = apply and bool(planned.repairs) and not yes
    if session.screen.for_people or asks:
        show_plan(session.screen.beside(), planned, controls)
    if plan_file is not None:
        items = [verb.item(one) for one in planned.repairs]
        made = make_plan(session, operation.SLUG, items, Target(selection, controls))
        say_unseen(session.screen, selection)
        return _no_better_than_seen(write_for_later(session, made, plan_file), selection)
    if not apply:
        results = [operation.rehearse(one) for one in planned.repairs]
        show_outcome(session.screen, repair_rows(planned, results, controls))
        if planned.repairs:
            how = "`--apply`" if snapshot is None else "`--apply` without `--snapshot`"
            session.screen.say(f"nothing was changed; {how} updates the policies")
        say_unseen(session.screen, selection)
        return _no_better_than_seen(_code_of_plan(planned), selection)
    if planned.repairs:
        count = counted(len(planned.repairs), "policy", "policies")
        confirm(session.screen, f"update {count}", yes=yes)
    runtime = session.runtime
    results = [
        operation.step(runtime.gateway, runtime.journal, runtime.backups, one)
        for one in planned.repairs
    ]
    show_outcome(session.screen, repair_rows(planned, results, controls))
    say_unseen(session.screen, selection)
    verdict = verdict_of_acting(result.outcome for result in results)
    if verdict is not Verdict.DONE:
        return exit_code_for(verdict)
    return _no_better_than_seen(_code_of_rest(planned), selection)


@scp_app.command("backups")
@connected
def backups(session: Session) -> ExitCode:
    """List the policy texts that were kept before a change."""
    show_backups(session, (BACKUP_KIND,), heading="policy")
    return ExitCode.DONE


@scp_app.command("restore")
@connected
def restore(
    session: Session,
    backup: Annotated[int, typer.Argument(metavar="BACKUP", help="A number from `scp backups`.")],
    yes: YesOption = False,
) -> ExitCode:
    """Put a kept policy text back; what is there now is kept first."""
    runtime = session.runtime
    kept = find_backup(session, (BACKUP_KIND,), backup, listed_by="scp backups")
    planned = scp_restore.plan(runtime.gateway.control_policy(kept.key), kept.body)
    if session.screen.for_people or (planned.needed and not yes):
        session.screen.beside().diff(planned.diff or "no difference")
    if planned.needed:
        confirm(session.screen, f"restore {kept.key}", yes=yes)
    ended = scp_restore.step(runtime.gateway, runtime.journal, runtime.backups, planned)
    session.screen.record(
        "Result",
        {"policy": kept.key, "outcome": ended.outcome.value, "detail": ended.detail or None},
        {"policy": "policy", "outcome": "outcome", "detail": "detail"},
    )
    return exit_code_for(verdict_of_acting([ended.outcome]))


def _no_better_than_seen(code: ExitCode, selection: Selection) -> ExitCode:
    """Accounts that could not be placed may need a repair that nobody planned."""
    return ExitCode.UNSEEN if selection.unseen else code


def _code_of_plan(planned: RepairPlan) -> ExitCode:
    return ExitCode.FINDINGS if planned.outcomes else ExitCode.DONE


def _code_of_rest(planned: RepairPlan) -> ExitCode:
    """What is left after every repair was made."""
    return ExitCode.FINDINGS if planned.unrepaired else ExitCode.DONE
