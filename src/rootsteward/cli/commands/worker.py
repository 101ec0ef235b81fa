"""`rootsteward worker`: take part in every campaign of the organization."""

import signal
from typing import Annotated

import typer

from rootsteward.campaigns.campaign import DEFAULT_IN_FLIGHT
from rootsteward.campaigns.recoveries import RecoveryState
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.recovery_watch import LOOK_EVERY

_RESCUE_SECONDS = 5.0


@connected
def worker(
    session: Session,
    in_flight: Annotated[
        int, typer.Option("--in-flight", min=1, max=512, help="Accounts under way at once.")
    ] = DEFAULT_IN_FLIGHT,
) -> ExitCode:
    """Work on the campaigns in the database, and on what dead processes left, until Ctrl-C."""
    # WHY: whoever manages processes ends them with SIGTERM; it ends between steps like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runtime = session.runtime
    caller = runtime.gateway.caller()
    organization = runtime.gateway.organization()
    with runtime.engine(organization.id, in_flight=in_flight) as engine:
        session.screen.say(f"working for organization {organization.id} as {caller.arn}")
        session.screen.say("Ctrl-C ends it between steps")
        try:
            while True:
                engine.rescue()
                _end_recoveries(session, organization.id)
                runtime.clock.sleep(_RESCUE_SECONDS)
        except KeyboardInterrupt:
            session.screen.say("ending: the steps under way end, no other begins")
    return ExitCode.DONE


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
