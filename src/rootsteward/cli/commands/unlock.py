"""`rootsteward unlock find|bucket|queue|backups|restore`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from rootsteward.campaigns.run import run
from rootsteward.campaigns.verbs.unlock import item
from rootsteward.cli.acting import choose, make_plan, write_for_later
from rootsteward.cli.acting_options import PlanFileOption
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.kept_policies import find_backup, show_backups
from rootsteward.cli.options import DryRunOption, Session, YesOption, connected
from rootsteward.cli.selection import Chosen, select_to_read
from rootsteward.cli.text_files import read_text
from rootsteward.cli.unlock_view import (
    RESULT_HEADINGS,
    result_row,
    show_found,
    show_next,
    show_plan,
)
from rootsteward.cli.verdicts import exit_code_for
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import Outcome, Verdict, verdict_of_acting, verdict_of_reading
from rootsteward.operations import controls as control_facts
from rootsteward.operations import unlock as unlocking
from rootsteward.operations import unlock_bucket, unlock_find, unlock_queue, unlock_restore
from rootsteward.operations.observe import BlameFor
from rootsteward.operations.protected_resources import refuse_protected
from rootsteward.operations.unlock import (
    LockedResource,
    Method,
    ResourceKind,
    UnlockPlan,
    Wish,
)
from rootsteward.operations.unlock_calls import BACKUP_KINDS
from rootsteward.operations.unlocking import step
from rootsteward.operations.whole_file import check_target

unlock_app = typer.Typer(
    no_args_is_help=True, help="Undo the lock-out of a bucket or queue through a root session."
)

OwnerOption = Annotated[str, typer.Option("--account", help="The account that owns it.")]
MethodOption = Annotated[
    Method,
    typer.Option(
        "--method",
        help="How: edit removes or narrows only the statements that lock, whichever opens least "
        "for certain.",
    ),
]
PolicyFileOption = Annotated[
    Path | None,
    typer.Option("--replace-with", help="Put this policy file in place of the policy."),
]
DeleteOption = Annotated[
    bool, typer.Option("--delete", help="Delete the whole policy; the same as --method delete.")
]
StatementOption = Annotated[
    list[str] | None,
    typer.Option(
        "--statement",
        help="Edit this statement, by number from 1 or by Sid, whether or not it locks; may be "
        "repeated.",
    ),
]
AnywayOption = Annotated[
    bool,
    typer.Option("--even-if-not-locked", help="Delete also a policy that locks nobody out."),
]


@dataclass(frozen=True, slots=True)
class How:
    """What is done with a plan: rehearsed, written to a file, or carried out, asking or not."""

    dry_run: bool
    plan_file: Path | None
    yes: bool


@unlock_app.command("find")
@connected
def find(
    session: Session,
    account: Annotated[str, typer.Option("--account", help="The account to search.")],
    buckets: Annotated[bool, typer.Option("--buckets", help="Only buckets.")] = False,
    queues: Annotated[bool, typer.Option("--queues", help="Only queues.")] = False,
    in_region: Annotated[
        list[str] | None,
        typer.Option(
            "--in-region", help="Only in this Region; may be repeated. Default: all enabled ones."
        ),
    ] = None,
) -> ExitCode:
    """Find the buckets and queues whose policies lock their account out; changes nothing."""
    gateway = session.runtime.gateway
    organization = gateway.organization()
    select_to_read(session, gateway, organization, Chosen.one(account))
    controls = control_facts.gather(gateway, organization)
    regions = tuple(dict.fromkeys(in_region or ()))
    finder = unlock_find.Finder(gateway, AccountId(account), control_facts.blame_for(controls))
    listings = run(
        unlock_find.places(_kinds(buckets=buckets, queues=queues), regions, _regions(session)),
        finder.list,
        finder.lost_listing,
        session.notifier(),
        title="list buckets and queues",
    )
    places = unlock_find.sort_listings(listings.rows, regions)
    looks = run(
        () if listings.interrupted else places.handles,
        finder.look,
        finder.lost,
        session.notifier(),
        title="read policies",
    )
    protected = session.config.protected.resources
    show_found(session.screen, looks.rows, places, controls, protected)
    show_next(session.screen, looks.rows, protected)
    if listings.interrupted or looks.interrupted:
        session.screen.say("stopped: not everything was looked at; run it again")
        return exit_code_for(Verdict.UNFINISHED)
    unseen = [Outcome.UNKNOWN for _ in places.unseen]
    return exit_code_for(verdict_of_reading([*(one.outcome for one in looks.rows), *unseen]))


def _kinds(*, buckets: bool, queues: bool) -> tuple[ResourceKind, ...]:
    chosen = {ResourceKind.BUCKET: buckets, ResourceKind.QUEUE: queues}
    return tuple(kind for kind in ResourceKind if chosen[kind] or not (buckets or queues))


def _regions(session: Session) -> tuple[str, ...]:
    return session.runtime.gateway.queue_regions()


@unlock_app.command("bucket")
@connected
def bucket(
    session: Session,
    bucket_name: Annotated[str, typer.Argument(metavar="BUCKET", help="The bucket's name.")],
    account: OwnerOption,
    method: MethodOption = Method.EDIT,
    replace_with: PolicyFileOption = None,
    delete: DeleteOption = False,
    statement: StatementOption = None,
    even_if_not_locked: AnywayOption = False,
    dry_run: DryRunOption = False,
    plan_file: PlanFileOption = None,
    yes: YesOption = False,
) -> ExitCode:
    """Take away what locks everybody out of a bucket, and nothing else of its policy."""
    wish = _wish(method, replace_with, statement, delete=delete, anyway=even_if_not_locked)
    gateway, owner = session.runtime.gateway, AccountId(account)
    return _unlock(
        session,
        owner,
        unlock_bucket.bucket_arn(bucket_name, gateway.partition),
        lambda blame_for: unlock_bucket.gather(gateway, owner, bucket_name, blame_for=blame_for),
        lambda facts: unlock_bucket.plan(facts, wish),
        How(dry_run, plan_file, yes),
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
    method: MethodOption = Method.EDIT,
    replace_with: PolicyFileOption = None,
    delete: DeleteOption = False,
    statement: StatementOption = None,
    even_if_not_locked: AnywayOption = False,
    dry_run: DryRunOption = False,
    plan_file: PlanFileOption = None,
    yes: YesOption = False,
) -> ExitCode:
    """Take away what locks everybody out of a queue, and nothing else of its policy."""
    wish = _wish(method, replace_with, statement, delete=delete, anyway=even_if_not_locked)
    gateway, owner = session.runtime.gateway, AccountId(account)
    region = queue_region or gateway.region
    return _unlock(
        session,
        owner,
        unlock_queue.queue_arn(owner, region, queue_name, gateway.partition),
        lambda blame_for: unlock_queue.gather(
            gateway, owner, region, queue_name, blame_for=blame_for
        ),
        lambda facts: unlock_queue.plan(facts, wish),
        How(dry_run, plan_file, yes),
    )


@unlock_app.command("backups")
@connected
def backups(session: Session) -> ExitCode:
    """List the bucket and queue policies that were kept before a change."""
    show_backups(session, tuple(BACKUP_KINDS.values()), heading="bucket or queue")
    return ExitCode.DONE


@unlock_app.command("restore")
@connected
def restore(
    session: Session,
    backup: Annotated[
        int, typer.Argument(metavar="BACKUP", help="A number from `unlock backups`.")
    ],
    dry_run: DryRunOption = False,
    plan_file: PlanFileOption = None,
    yes: YesOption = False,
) -> ExitCode:
    """Put a kept policy back through a root session; what is there now is kept first."""
    found = find_backup(session, tuple(BACKUP_KINDS.values()), backup, listed_by="unlock backups")
    kept = unlock_restore.kept_policy(found.kind, found.key, found.body)
    gateway = session.runtime.gateway
    return _unlock(
        session,
        kept.account,
        unlock_restore.arn_of(kept, gateway.partition),
        lambda blame_for: unlock_restore.gather(gateway, kept, blame_for=blame_for),
        lambda facts: unlock_restore.plan(facts, kept.text),
        How(dry_run, plan_file, yes),
    )


def _wish(
    method: Method,
    replace_with: Path | None,
    statements: list[str] | None,
    *,
    delete: bool,
    anyway: bool,
) -> Wish:
    """What the options ask for together.

    Raises:
        InputError: two of them contradict each other.
    """
    asked = {method} - {Method.EDIT}
    asked |= {Method.REPLACE} if replace_with is not None else set()
    asked |= {Method.DELETE} if delete else set()
    if len(asked) > 1:
        named = " and ".join(sorted(f"`{one.value}`" for one in asked))
        raise InputError(f"{named} cannot both be done", help="choose one method")
    chosen = asked.pop() if asked else Method.EDIT
    if chosen is Method.REPLACE and replace_with is None:
        raise InputError(
            "nothing was given to replace the policy with", help="name a file with --replace-with"
        )
    if statements and chosen in {Method.REPLACE, Method.DELETE}:
        raise InputError(
            f"`--statement` means nothing to the method `{chosen.value}`",
            help="it says which statements to edit",
        )
    policy = None if replace_with is None else read_text(replace_with, "policy")
    return Wish(chosen, policy, tuple(statements or ()), anyway)


def _unlock(
    session: Session,
    account: AccountId,
    arn: str,
    gather: Callable[[BlameFor], LockedResource],
    plan: Callable[[LockedResource], UnlockPlan],
    how: How,
) -> ExitCode:
    """Look, plan, show, then write the plan down, or ask, act and report."""
    if how.plan_file is not None:
        check_target(how.plan_file, overwrite=True)
    refuse_protected(arn, session.config.protected.resources)
    target = choose(session, Chosen.one(account))
    blame_for = control_facts.blame_for(target.controls)
    planned = plan(gather(blame_for))
    screen = session.screen
    asks = planned.intention.acts and not how.dry_run and how.plan_file is None
    show_plan(screen.beside() if asks and not how.yes else screen, planned)
    if how.plan_file is not None:
        made = make_plan(session, planned.slug, [item(planned)], target)
        return write_for_later(session, made, how.plan_file)
    if asks:
        confirm(screen, _phrase(planned), yes=how.yes)
    ended = unlocking.rehearse(planned) if how.dry_run else _step(session, planned, blame_for)
    row = result_row(planned, ended, target.controls)
    screen.record("Dry run" if how.dry_run else "Result", row, RESULT_HEADINGS)
    return exit_code_for(verdict_of_acting([ended.result.outcome]))


def _step(session: Session, planned: UnlockPlan, blame_for: BlameFor) -> unlocking.UnlockResult:
    runtime, notifier = session.runtime, session.notifier()
    # WHY: until SQS shows the change a minute may go by.
    notifier.started(f"{_phrase(planned)} and look until it shows", None)
    try:
        return step(
            runtime.gateway,
            runtime.journal,
            runtime.backups,
            runtime.clock,
            planned,
            blame_for=blame_for,
        )
    finally:
        notifier.finished()


def _phrase(planned: UnlockPlan) -> str:
    verb = "restore" if planned.intention is unlocking.Intention.RESTORE else "unlock"
    return f"{verb} {planned.resource.name}"
