"""Working on a campaign in this process until it ends, or watching others do so."""

from collections.abc import Callable, Sequence

from rootsteward.campaigns.campaign import Campaign, State
from rootsteward.campaigns.store import Item
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.cli.campaign_view import ended_items, exit_code_of, left_line, show_results
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session

_LOOK_SECONDS = 0.25
_LOOKS_BETWEEN_RESCUES = 20


def carry_out(session: Session, campaign: Campaign) -> Campaign:
    """Work on a campaign until it no longer runs; Ctrl-C pauses it between steps.

    Returns:
        The campaign as it is then.
    """
    if campaign.state is State.RUNNING:
        try:
            _work_on(session, campaign)
        except KeyboardInterrupt:
            # Before the work had begun, or for a second time: do not wait for the steps under way.
            _pause(session, campaign)
    return session.runtime.campaigns.campaign(campaign.id)


def _work_on(session: Session, campaign: Campaign) -> None:
    engine = session.runtime.engine(
        campaign.organization_id, in_flight=campaign.settings.in_flight, only=campaign
    )
    # WHY the pause is inside: leaving waits for the steps under way, which must be the last.
    with engine:
        try:
            follow(session, campaign, rescue=engine.rescue)
        except KeyboardInterrupt:
            _pause(session, campaign)
            session.screen.say("stopping: the steps under way end, no other begins")


def follow(session: Session, campaign: Campaign, *, rescue: Callable[[], None]) -> None:
    """Show how far a campaign is until it no longer runs; `rescue` is called now and then."""
    store, clock = session.runtime.campaigns, session.runtime.clock
    notifier = session.notifier()
    shown = looks = 0
    try:
        while True:
            progress = store.progress(campaign.id)
            if looks == 0:
                notifier.started(verb_of(campaign.slug).title, progress.total)
            notifier.advanced(progress.ended - shown)
            shown = progress.ended
            if not store.is_running(campaign.id):
                return
            if looks % _LOOKS_BETWEEN_RESCUES == 0:
                rescue()
            looks += 1
            clock.sleep(_LOOK_SECONDS)
    finally:
        notifier.finished()


def report(session: Session, campaign: Campaign) -> tuple[ExitCode, Sequence[Item]]:
    """Show how each item ended, and what is left where the campaign did not finish."""
    items = session.runtime.campaigns.items(campaign.id)
    ended = ended_items(items)
    show_results(session.screen, "Result", campaign.slug, ended)
    if campaign.state not in {State.STOPPED, State.FINISHED}:
        session.screen.say(left_line(campaign, session.runtime.campaigns.progress(campaign.id)))
    return exit_code_of(campaign, [result.outcome for _, result in ended]), items


def _pause(session: Session, campaign: Campaign) -> None:
    if session.runtime.campaigns.is_running(campaign.id):
        session.runtime.control.pause(campaign, "stopped by Ctrl-C")
