"""`rootsteward unlock bucket|queue`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from rootsteward.cli.acting import Target, choose
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import DryRunOption, Session, YesOption, connected
from rootsteward.cli.render import Value
from rootsteward.cli.selection import Chosen
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import verdict_of_acting
from rootsteward.operations import controls as control_facts
from rootsteward.operations import unlock as unlocking
from rootsteward.operations import unlock_bucket, unlock_queue
from rootsteward.operations.statement_names import statement_names
from rootsteward.operations.unlock import Intention, UnlockPlan, UnlockResult

unlock_app = typer.Typer(
    no_args_is_help=True, help="Undo the lock-out of a bucket or queue through a root session."
)

OwnerOption = Annotated[str, typer.Option("--account", help="The account that owns it.")]
PolicyFileOption = Annotated[
    Path | None,
    typer.Option("--replace-with", help="Put this policy file instead of deleting the policy."),
]
AnywayOption = Annotated[
    bool,
    typer.Option("--even-if-not-locked", help="Also when no statement denies everybody."),
]

_HEADINGS = {
    "account": "account",
    "resource": "resource",
    "region": "region",
    "outcome": "outcome",
    "detail": "detail",
    "blamed": "denied by",
    "backup": "old policy kept as",
}


@unlock_app.command("bucket")
@connected
def bucket(
    session: Session,
    bucket_name: Annotated[str, typer.Argument(metavar="BUCKET", help="The bucket's name.")],
    account: OwnerOption,
    replace_with: PolicyFileOption = None,
    even_if_not_locked: AnywayOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> ExitCode:
    """Take away, or replace, the policy that locks everybody out of a bucket."""
    target = choose(session, Chosen(accounts=(account,)))
    runtime, blame_for = session.runtime, control_facts.blame_for(target.controls)
    facts = unlock_bucket.gather(
        runtime.gateway, AccountId(account), bucket_name, blame_for=blame_for
    )
    planned = unlock_bucket.plan(
        facts, replacement=_text(replace_with), even_if_not_locked=even_if_not_locked
    )
    return _carry_out(
        session,
        target,
        planned,
        lambda: unlock_bucket.step(
            runtime.gateway, runtime.journal, runtime.backups, planned, blame_for=blame_for
        ),
        dry_run=dry_run,
        yes=yes,
    )


@unlock_app.command("queue")
@connected
def queue(
    session: Session,
    queue_name: Annotated[str, typer.Argument(metavar="QUEUE", help="The queue's name.")],
    account: OwnerOption,
    queue_region: Annotated[
        str | None, typer.Option("--in-region", help="The queue's Region. Default: ours.")
    ] = None,
    replace_with: PolicyFileOption = None,
    even_if_not_locked: AnywayOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> ExitCode:
    """Take away, or replace, the policy that locks everybody out of a queue."""
    target = choose(session, Chosen(accounts=(account,)))
    runtime, blame_for = session.runtime, control_facts.blame_for(target.controls)
    region = queue_region or runtime.gateway.region
    facts = unlock_queue.gather(
        runtime.gateway, AccountId(account), region, queue_name, blame_for=blame_for
    )
    planned = unlock_queue.plan(
        facts, replacement=_text(replace_with), even_if_not_locked=even_if_not_locked
    )
    return _carry_out(
        session,
        target,
        planned,
        lambda: unlock_queue.step(
            runtime.gateway, runtime.journal, runtime.backups, planned, blame_for=blame_for
        ),
        dry_run=dry_run,
        yes=yes,
    )


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"policy file `{path}` cannot be read: {error}", help="name a JSON file"
        ) from error


def _carry_out(
    session: Session,
    target: Target,
    planned: UnlockPlan,
    step: Callable[[], UnlockResult],
    *,
    dry_run: bool,
    yes: bool,
) -> ExitCode:
    screen = session.screen
    acts = planned.intention in {Intention.DELETE, Intention.REPLACE}
    asks = acts and not dry_run
    shown = screen.beside() if asks and not yes else screen
    shown.heading(f"Plan {planned.id}: {planned.intention.value}: {planned.reason}")
    for line in planned.explanation:
        shown.say(line, indent=2)
    if asks:
        confirm(screen, f"unlock {planned.resource.name}", yes=yes)
    ended = unlocking.rehearse(planned) if dry_run else step()
    screen.record("Dry run" if dry_run else "Result", _row(ended, target), _HEADINGS)
    return exit_code_for(verdict_of_acting([ended.result.outcome]))


def _row(ended: UnlockResult, target: Target) -> dict[str, Value]:
    return {
        "account": str(ended.result.account),
        "resource": ended.resource.name,
        "region": ended.resource.where or None,
        "outcome": ended.result.outcome.value,
        "detail": ended.result.detail or None,
        "blamed": list(statement_names(ended.result.blamed, target.controls)) or None,
        "backup": ended.backup or None,
        "sessions": list(ended.result.session_keys),
    }
