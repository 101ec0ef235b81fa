"""`rootsteward recovery list|watch|close`: recoveries that were allowed for a time."""

from datetime import timedelta
from typing import Annotated

import typer

from rootsteward.campaigns.durations import in_words, parse_duration
from rootsteward.campaigns.recoveries import Recovery, RecoveryState
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, YesOption, connected
from rootsteward.cli.recovery_watch import LOOK_EVERY, close, watch
from rootsteward.cli.render import Column, Row
from rootsteward.domain.errors import OperatorError

recovery_app = typer.Typer(no_args_is_help=True, help="Recoveries that were allowed for a time.")

RecoveryArgument = Annotated[
    str, typer.Argument(metavar="RECOVERY", help="Its id, or the beginning of it.")
]
_COLUMNS = (
    Column("recovery", "recovery", fold=False),
    Column("state", "state"),
    Column("until", "until"),
    Column("left", "left"),
    Column("accounts", "open accounts"),
    Column("reason", "reason"),
)


@recovery_app.command("list")
@connected
def list_recoveries(session: Session) -> ExitCode:
    """List the recoveries in the database, newest first; calls no AWS API."""
    runtime = session.runtime
    rows = [_row(session, recovery) for recovery in runtime.recoveries.recoveries()]
    session.screen.rows("Recoveries", _COLUMNS, rows, empty="there are none")
    due = [r for r in runtime.recoveries.recoveries() if r.is_due(runtime.clock.now())]
    for recovery in due:
        session.screen.say(
            f"the time of {recovery.id} is up: `rootsteward recovery close {recovery.id}`"
        )
    return ExitCode.FINDINGS if due else ExitCode.DONE


@recovery_app.command("watch")
@connected
def watch_recovery(
    session: Session,
    recovery_id: RecoveryArgument,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="SPAN", help="How often to look. Default: 15m."),
    ] = None,
) -> ExitCode:
    """Wait until a recovery is taken up or its time is up, then close it."""
    recovery = _ours(session, recovery_id)
    span = LOOK_EVERY if every is None else parse_duration(every)
    return code_of(watch(session, recovery, every=max(span, timedelta(minutes=1))))


@recovery_app.command("close")
@connected
def close_now(session: Session, recovery_id: RecoveryArgument, yes: YesOption = False) -> ExitCode:
    """Delete again whatever root credentials its accounts have by now."""
    recovery = _ours(session, recovery_id)
    count = len(session.runtime.recoveries.still_open(recovery))
    if count:
        confirm(session.screen, f"close {recovery.id}", yes=yes)
    return code_of(close(session, recovery))


def code_of(recovery: Recovery) -> ExitCode:
    """A recovery that could not be closed was refused."""
    return ExitCode.DONE if recovery.state is RecoveryState.CLOSED else ExitCode.REFUSED


def _ours(session: Session, recovery_id: str) -> Recovery:
    """A recovery of the organization that the credentials belong to.

    Raises:
        OperatorError: it is another organization's.
    """
    recovery = session.runtime.recoveries.recovery(recovery_id)
    organization_id = session.runtime.controls.organization.id
    if recovery.organization_id != organization_id:
        raise OperatorError(
            f"recovery {recovery.id} is of organization {recovery.organization_id}, "
            f"and these credentials belong to {organization_id}",
            help="use credentials of that organization, for example with --profile",
        )
    return recovery


def _row(session: Session, recovery: Recovery) -> Row:
    left = recovery.until - session.runtime.clock.now()
    accounts = session.runtime.recoveries.still_open(recovery)
    return {
        "recovery": recovery.id,
        "state": recovery.state.value,
        "until": f"{recovery.until:%Y-%m-%d %H:%M} UTC",
        "left": in_words(left) if recovery.state is not RecoveryState.CLOSED else None,
        "accounts": [f"{a.planned.name} {a.planned.key}" for a in accounts],
        "reason": recovery.reason,
        "opened_by": recovery.opened_by,
    }
