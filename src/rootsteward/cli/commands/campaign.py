"""`rootsteward campaign list|show|report|watch|pause|resume|stop`."""

from pathlib import Path
from typing import Annotated

import typer

from rootsteward.campaigns.campaign import Campaign, State
from rootsteward.campaigns.report import make_report
from rootsteward.campaigns.report_page import report_page
from rootsteward.cli.campaign_view import (
    campaign_row,
    ended_items,
    exit_code_of,
    show_report,
    show_results,
)
from rootsteward.cli.confirm import confirm
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.following import carry_out, follow, report
from rootsteward.cli.options import Session, YesOption, connected
from rootsteward.cli.render import Column, Format
from rootsteward.cli.words import counted
from rootsteward.domain.errors import OperatorError
from rootsteward.operations.whole_file import check_target, write_whole

campaign_app = typer.Typer(no_args_is_help=True, help="Plans that are being carried out.")

CampaignArgument = Annotated[
    str, typer.Argument(metavar="CAMPAIGN", help="Its id, or the beginning of it.")
]
_COLUMNS = (
    Column("campaign", "campaign", fold=False),
    Column("operation", "operation"),
    Column("state", "state"),
    Column("ended", "done"),
    Column("total", "of"),
    Column("begun_at", "begun at"),
)
_REPORT_COLUMNS = tuple(
    Column(name, name)
    for name in (
        "key",
        "name",
        "place",
        "intention",
        "outcome",
        "detail",
        "denied_by",
        "evidence",
        "before",
        "after",
        "sessions",
        "seconds",
        "ended_at",
    )
)
_HEADINGS = {
    "campaign": "campaign",
    "operation": "operation",
    "state": "state",
    "reason": "because",
    "ended": "items done",
    "total": "items in all",
    "begun_at": "begun at",
    "started_by": "started by",
    "asked": "asked for with",
    "processes": "processes at work",
}


@campaign_app.command("list")
@connected
def list_campaigns(session: Session) -> ExitCode:
    """List the campaigns in the database, newest first; calls no AWS API."""
    store = session.runtime.campaigns
    rows = [campaign_row(one, store.progress(one.id)) for one in store.campaigns()]
    session.screen.rows("Campaigns", _COLUMNS, rows, empty="there are none")
    return ExitCode.DONE


@campaign_app.command("show")
@connected
def show(session: Session, campaign_id: CampaignArgument) -> ExitCode:
    """Show a campaign and how each item ended; calls no AWS API."""
    store = session.runtime.campaigns
    campaign = store.campaign(campaign_id)
    items = store.items(campaign.id)
    workers = len(session.runtime.control.workers(campaign))
    row = campaign_row(campaign, store.progress(campaign.id), workers=workers)
    if session.screen.for_people:
        session.screen.record("Campaign", row, _HEADINGS)
        show_results(session.screen, "Items", campaign.slug, ended_items(items))
    else:
        shown = [
            {
                "key": item.planned.key,
                "name": item.planned.name,
                "state": item.state.value,
                **({} if item.result is None else item.result.as_json()),
            }
            for item in items
        ]
        session.screen.record("Campaign", {**row, "items": shown}, _HEADINGS)
    if campaign.state is State.RUNNING and not workers:
        session.screen.say(
            f"nobody works on it: `rootsteward campaign resume {campaign.id}` goes on"
        )
    return exit_code_of(campaign, [result.outcome for _, result in ended_items(items)])


@campaign_app.command("report")
@connected
def write_report(
    session: Session,
    campaign_id: CampaignArgument,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write one self-contained page there."),
    ] = None,
) -> ExitCode:
    """Report on a campaign: figures, charts, every item; calls no AWS API."""
    if html is not None:
        check_target(html, overwrite=True)
    store = session.runtime.campaigns
    campaign = store.campaign(campaign_id)
    report = make_report(campaign, store.items(campaign.id))
    if html is not None:
        write_whole(html, report_page(report, session.runtime.clock.now()), "report")
        session.screen.say(f"the report is in {html}")
    elif session.screen.format is Format.JSON:
        session.screen.json(report.as_json())
    elif session.screen.format is Format.CSV:
        session.screen.rows("Items", _REPORT_COLUMNS, [row.as_json() for row in report.rows])
    else:
        show_report(session.screen, report)
    return ExitCode.DONE


@campaign_app.command("watch")
@connected
def watch(session: Session, campaign_id: CampaignArgument) -> ExitCode:
    """Follow a campaign that other processes work on; Ctrl-C stops the watching only."""
    campaign = session.runtime.campaigns.campaign(campaign_id)
    follow(session, campaign, rescue=_nothing)
    return report(session, session.runtime.campaigns.campaign(campaign.id))[0]


@campaign_app.command("pause")
@connected
def pause(session: Session, campaign_id: CampaignArgument) -> ExitCode:
    """Begin no further item; those under way end."""
    campaign, caller = _ours(session, campaign_id), session.runtime.gateway.caller()
    session.runtime.control.pause(campaign, f"by {caller.arn}")
    session.screen.say(f"campaign {campaign.id} is paused; `campaign resume` goes on with it")
    return ExitCode.DONE


@campaign_app.command("resume")
@connected
def resume(session: Session, campaign_id: CampaignArgument) -> ExitCode:
    """Go on with a campaign that is paused, or whose processes have died."""
    campaign = session.runtime.control.resume(_ours(session, campaign_id))
    return report(session, carry_out(session, campaign))[0]


@campaign_app.command("stop")
@connected
def stop(session: Session, campaign_id: CampaignArgument, yes: YesOption = False) -> ExitCode:
    """Give a campaign up for good; what was not begun is skipped."""
    campaign, caller = _ours(session, campaign_id), session.runtime.gateway.caller()
    left = session.runtime.campaigns.progress(campaign.id).remaining
    session.screen.say(f"{counted(left, 'item')} would not be done")
    confirm(session.screen, f"stop {campaign.id}", yes=yes)
    stopped = session.runtime.control.stop(campaign, caller)
    report(session, stopped)
    return ExitCode.DONE


def _ours(session: Session, campaign_id: str) -> Campaign:
    """A campaign of the organization that the credentials belong to.

    Raises:
        OperatorError: it is another organization's.
    """
    campaign = session.runtime.campaigns.campaign(campaign_id)
    organization_id = session.runtime.gateway.organization_id()
    if campaign.organization_id != organization_id:
        raise OperatorError(
            f"campaign {campaign.id} is of organization {campaign.organization_id}, "
            f"and these credentials belong to {organization_id}",
            help="use credentials of that organization, for example with --profile",
        )
    return campaign


def _nothing() -> None:
    """Watching rescues nobody."""
