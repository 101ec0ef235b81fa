"""`rootsteward ledger show|verify|export`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.ledger_view import COLUMNS, DATA_COLUMNS, askers, row_for_people, row_of_data
from rootsteward.cli.options import Session, connected
from rootsteward.cli.render import Row
from rootsteward.domain.errors import InputError
from rootsteward.ledger.chain import EMPTY, ChainVerdict, Head, KeptHead, kept_head
from rootsteward.ledger.choice import Choice
from rootsteward.ledger.export import verify_export

ledger_app = typer.Typer(no_args_is_help=True, help="The append-only record of every act.")

_HEADINGS = {
    "holds": "holds",
    "entries": "good entries",
    "head": "head",
    "first_bad": "first bad",
    "why": "why",
}


@ledger_app.command("show")
@connected
def show(
    session: Session,
    after: Annotated[int, typer.Option("--after", min=0, help="Only entries above this.")] = 0,
    subject: Annotated[
        str | None, typer.Option("--subject", help="Only of this account, policy or service.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="Only these, such as scp-repair or enable.intent."),
    ] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="Only under this plan.")] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Only from then on, such as 2026-11-25 or 2026-11-25T09:30Z."),
    ] = None,
    ids: Annotated[
        bool, typer.Option("--ids", help="Show session, request id, plan and backup as well.")
    ] = False,
) -> ExitCode:
    """List what was done: the intent before each act and the result after it."""
    choice = Choice(subject, kind, plan, _moment(since))
    entries = [e for e in session.runtime.ledger.entries(after=after) if choice.takes(e)]
    screen = session.screen
    if not screen.for_people:
        screen.rows("Ledger", DATA_COLUMNS, [row_of_data(entry) for entry in entries])
        return ExitCode.DONE
    filtered = choice != Choice() or after
    empty = "no entry is like that" if filtered else "nothing was done yet"
    shown = [row_for_people(entry, ids=ids) for entry in entries]
    screen.rows("Ledger", COLUMNS, shown, empty=empty)
    for arn in askers(entries):
        screen.say(f"asked by {arn}")
    return ExitCode.DONE


@ledger_app.command("verify")
@connected
def verify(
    session: Session,
    file: Annotated[
        Path | None, typer.Argument(metavar="[EXPORT]", help="An exported file, checked offline.")
    ] = None,
    expect_head: Annotated[
        str | None,
        typer.Option(
            "--expect-head",
            "--head",
            metavar="SEQ:HASH",
            help="A head that was kept elsewhere, from `ledger verify` or `export`.",
        ),
    ] = None,
) -> ExitCode:
    """Check that no entry was changed, removed or moved; names the first bad one."""
    kept = _kept(expect_head)
    verdict = session.runtime.ledger.verify(kept) if file is None else _verify_file(file, kept)
    screen = session.screen
    row: Row = {
        "holds": verdict.ok,
        "entries": verdict.head.seq,
        "head": verdict.head.hash,
        "first_bad": verdict.first_bad,
        "why": verdict.why or None,
    }
    screen.record("Ledger", row, _HEADINGS)
    if not verdict.ok:
        return ExitCode.LEDGER_BROKEN
    if screen.for_people and kept is None:
        _say_what_to_keep(session, verdict.head)
    return ExitCode.DONE


@ledger_app.command("export")
@connected
def export(session: Session) -> ExitCode:
    """Write the ledger to stdout as JSON Lines, closed by its head."""
    for line in session.runtime.ledger.export_lines():
        sys.stdout.write(line + "\n")
    return ExitCode.DONE


def _say_what_to_keep(session: Session, head: Head) -> None:
    if head == EMPTY:
        session.screen.say("there are no entries: is this the right database?", style="dim")
        return
    session.screen.say(
        "an intact ledger may still have been cut short or written anew: sign this head, or keep "
        "it elsewhere, and check against it later",
        style="dim",
    )
    session.screen.command(f"rootsteward ledger verify --expect-head {head}")


def _verify_file(path: Path, kept: KeptHead | None) -> ChainVerdict:
    try:
        with path.open(encoding="utf-8") as lines:
            return verify_export(lines, kept)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"export `{path}` cannot be read: {error}",
            help="name a file made by `rootsteward ledger export`",
        ) from error


def _kept(text: str | None) -> KeptHead | None:
    if text is None:
        return None
    kept = kept_head(text)
    if kept is None:
        raise InputError(
            f"`{text}` is not the head of a ledger",
            help="give SEQ:HASH, or the 64 hexadecimal digits of the hash alone",
        )
    return kept


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"`{text}` is not a date or time",
            help="write it as 2026-11-25, 2026-11-25T09:30Z or 2026-11-25T18:30+09:00",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
