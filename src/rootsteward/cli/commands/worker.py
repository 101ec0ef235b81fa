"""`rootsteward worker`: take part in every campaign of the organization."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from rootsteward.campaigns.campaign import DEFAULT_IN_FLIGHT
from rootsteward.campaigns.recoveries import RecoveryState
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.recovery_watch import LOOK_EVERY
from rootsteward.domain.errors import BugError, RootstewardError

if TYPE_CHECKING:
    from rootsteward.campaigns.engine import CampaignEngine

_RESCUE_SECONDS = 5.0


@connected
def worker(
    session: Session,
    in_flight: Annotated[
        int, typer.Option("--in-flight", min=1, max=512, help="Accounts under way at once.")
    ] = DEFAULT_IN_FLIGHT,
) -> ExitCode:
    """Work on the campaigns in the database, and on what dead processes left, until Ctrl-C."""
    runtime = session.runtime
    caller = runtime.gateway.caller()
    organization = runtime.gateway.organization()
    with (
        _asked_to_end() as asked,
        runtime.engine(organization.id, in_flight=in_flight) as engine,
    ):
        session.screen.say(f"working for organization {organization.id} as {caller.arn}")
        session.screen.say("Ctrl-C ends it between steps")
        while not asked.is_set():
            _look_around(session, engine, organization.id)
            asked.wait(_RESCUE_SECONDS)
        session.screen.say("ending: the steps under way end, no other begins")
    return ExitCode.DONE


@contextmanager
def _asked_to_end() -> Iterator[Event]:
    """Set by the first Ctrl-C, or by SIGTERM, with which process managers end things.

    The second one is a KeyboardInterrupt: it does not wait for the steps under way.
    """
    asked = Event()
    kept = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()
        for one in kept:
            signal.signal(one, signal.default_int_handler)

    for one in kept:
        signal.signal(one, ask)
    try:
        yield asked
    finally:
        for one, handler in kept.items():
            signal.signal(one, handler)


def _look_around(session: Session, engine: "CampaignEngine", organization_id: str) -> None:
    """Take over from the dead, and end what is due.

    WHY errors are only said: a database or AWS that is away for a while is there again later, and
    the steps under way go on.
    """
    try:
        engine.rescue()
        _end_recoveries(session, organization_id)
    except BugError:
        raise
    except RootstewardError as error:
        session.screen.say(f"trying again in a while: {error.message}")


def _end_recoveries(session: Session, organization_id: str) -> None:
    """Begin to close the recoveries whose time is up; this worker does the work too."""
    runtime = session.runtime
    now = runtime.clock.now()
    due = [r for r in runtime.recoveries.recoveries(organization_id) if r.is_due(now)]
    if not due:
        return
    runtime.forget_controls()
    end = runtime.recovery_end(session.notifier())
    for one in due:
        recovery = end.settle(one)
        if recovery.state is RecoveryState.CLOSED:
            session.screen.say(f"recovery {recovery.id} is closed")
        elif recovery.state is RecoveryState.OPEN and recovery.may_try(now, LOOK_EVERY):
            session.screen.say(f"the time of {recovery.id} is up: deleting again")
            end.begin(recovery)
