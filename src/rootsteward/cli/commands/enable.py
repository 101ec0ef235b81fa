"""`rootsteward enable` and `rootsteward disable`."""

from typing import Annotated

import typer

from rootsteward.campaigns.select import Selection
from rootsteward.campaigns.verbs import enable as verb
from rootsteward.cli.acting import Target, make_plan, write_for_later
from rootsteward.cli.acting_options import PlanFileOption
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import DryRunOption, Session, connected
from rootsteward.cli.plan_view import show_plan
from rootsteward.cli.switching import carry_out
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations import disable as disable_operation
from rootsteward.operations import enable as enable_operation
from rootsteward.operations import status

FeatureOption = Annotated[
    list[RootFeature] | None,
    typer.Option("--feature", help="Only this feature; may be given twice. Default: both."),
]


@connected
def enable(
    session: Session,
    feature: FeatureOption = None,
    dry_run: DryRunOption = False,
    plan_file: PlanFileOption = None,
) -> ExitCode:
    """Switch on trusted access and both features; does only what is missing."""
    found = status.gather(session.runtime.gateway)
    plan = enable_operation.plan(found, frozenset(feature or RootFeature))
    if plan_file is None or plan.obstacles:
        return carry_out(session, plan, dry_run=dry_run)
    controls = session.runtime.controls
    item = verb.item(plan, controls.organization.id)
    nobody = Target(Selection((), ()), controls)
    made = make_plan(session, enable_operation.SLUG, [item], nobody)
    show_plan(session.screen.beside(), made)
    return write_for_later(session, made, plan_file)


@connected
def disable(
    session: Session,
    feature: FeatureOption = None,
    keep_trusted_access: Annotated[
        bool, typer.Option("--keep-trusted-access", help="Switch off the features only.")
    ] = False,
    dry_run: DryRunOption = False,
) -> ExitCode:
    """Switch off the features, then trusted access. No account gets credentials back by it."""
    found = status.gather(session.runtime.gateway)
    plan = disable_operation.plan(
        found, frozenset(feature or RootFeature), keep_trusted_access=keep_trusted_access
    )
    return carry_out(session, plan, dry_run=dry_run)
