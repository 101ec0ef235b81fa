"""Waiting for a recovery to be taken up, and closing it in time."""

from datetime import timedelta

from rootsteward.campaigns.durations import in_words
from rootsteward.campaigns.recoveries import Recovery, RecoveryState
from rootsteward.cli.following import carry_out
from rootsteward.cli.options import Session
from rootsteward.operations.recovery_progress import in_one_line

LOOK_EVERY = timedelta(minutes=15)


def watch(session: Session, recovery: Recovery, *, every: timedelta = LOOK_EVERY) -> Recovery:
    """Look now and then, remind, and close when the time is up. Ctrl-C leaves it open."""
    end = session.runtime.recovery_end(session.notifier())
    clock = session.runtime.clock
    while recovery.state is not RecoveryState.CLOSED and not recovery.is_due(clock.now()):
        left = recovery.until - clock.now()
        for account, audit in end.look(recovery):
            session.screen.say(
                f"{clock.now():%H:%M} UTC, {in_words(left)} left: {account.planned.name} "
                f"({account.planned.key}): {in_one_line(audit)}"
            )
        clock.sleep(min(every, max(left, timedelta(seconds=1))).total_seconds())
        recovery = session.runtime.recoveries.recovery(recovery.id)
    return close(session, recovery)


def close(session: Session, recovery: Recovery) -> Recovery:
    """Delete again what is there, in this process, and say how each account ended."""
    if recovery.state is RecoveryState.CLOSED:
        return recovery
    runtime = session.runtime
    end = runtime.recovery_end(session.notifier())
    campaign = end.begin(recovery)
    if campaign is not None:
        carry_out(session, campaign)
    closed = end.settle(runtime.recoveries.recovery(recovery.id))
    for account in runtime.recoveries.accounts(closed):
        result = account.result
        how = "still open" if result is None else result.outcome.value
        session.screen.say(f"{account.planned.name} ({account.planned.key}): {how}")
    return closed
