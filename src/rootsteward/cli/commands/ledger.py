"""`rootsteward ledger show|verify|export`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.render import Column, Row
from rootsteward.domain.errors import InputError
from rootsteward.ledger.chain import ChainVerdict
from rootsteward.ledger.export import verify_export

ledger_app = typer.Typer(no_args_is_help=True, help="The append-only record of every act.")

_COLUMNS = (
    Column("seq", "#", fold=False),
    Column("at", "at"),
    Column("kind", "what"),
    Column("subject", "subject"),
    Column("body", "details"),
)


@ledger_app.command("show")
@connected
def show(
    session: Session,
    after: Annotated[int, typer.Option("--after", min=0, help="Only entries above this.")] = 0,
) -> ExitCode:
    """List what was done: the intent before each act and the result after it."""
    rows: list[Row] = [
        {
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "subject": entry.subject,
            "body": entry.body if session.screen.for_people else json.loads(entry.body),
            "hash": entry.hash,
        }
        for entry in session.runtime.ledger.entries(after=after)
    ]
    session.screen.rows("Ledger", _COLUMNS, rows, empty="nothing was done yet")
    return ExitCode.DONE


@ledger_app.command("verify")
@connected
def verify(
    session: Session,
    file: Annotated[
        Path | None, typer.Argument(metavar="[EXPORT]", help="An exported file, checked offline.")
    ] = None,
) -> ExitCode:
    """Check that no entry was changed, removed or moved; names the first bad one."""
    verdict = session.runtime.ledger.verify() if file is None else _verify_file(file)
    session.screen.record(
        "Ledger",
        {
            "holds": verdict.ok,
            "entries": verdict.head.seq,
            "head": verdict.head.hash,
            "first_bad": verdict.first_bad,
            "why": verdict.why or None,
        },
        {
            "holds": "holds",
            "entries": "good entries",
            "head": "head",
            "first_bad": "first bad",
            "why": "why",
        },
    )
    return ExitCode.DONE if verdict.ok else ExitCode.LEDGER_BROKEN


@ledger_app.command("export")
@connected
def export(session: Session) -> ExitCode:
    """Write the ledger to stdout as JSON Lines, closed by its head."""
    for line in session.runtime.ledger.export_lines():
        sys.stdout.write(line + "\n")
    return ExitCode.DONE


def _verify_file(path: Path) -> ChainVerdict:
    try:
        with path.open(encoding="utf-8") as lines:
            return verify_export(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"export `{path}` cannot be read: {error}",
            help="name a file made by `rootsteward ledger export`",
        ) from error
