"""`rootsteward delete-credentials`."""

from datetime import timedelta
from typing import Annotated

import typer

from rootsteward.campaigns.verbs import delete_credentials as verb
from rootsteward.cli.acting import act, look_first, make_plan
from rootsteward.cli.acting_options import ActingOptions
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.selection import Chosen
from rootsteward.operations import delete_credentials as operation
from rootsteward.operations.delete_credentials import Intention

_RECENT_DAYS = 30


@connected
def delete_credentials(
    session: Session,
    accounts: Chosen,
    acting: ActingOptions,
    used_within: Annotated[
        int,
        typer.Option(
            "--used-within",
            metavar="DAYS",
            min=1,
            help="Spare accounts with an access key used in so many days.",
        ),
    ] = _RECENT_DAYS,
    allow_recently_used: Annotated[
        bool, typer.Option("--allow-recently-used", help="Spare none; delete keys in use too.")
    ] = False,
) -> ExitCode:
    """Delete the root credentials of the selected member accounts, and look again."""
    target, facts = look_first(session, accounts, acting)
    since = session.runtime.clock.now() - timedelta(days=used_within)
    planned = operation.plan(facts, spare_used_since=None if allow_recently_used else since)
    items = [verb.item(one) for one in planned.accounts]
    ended = act(session, target, make_plan(session, operation.SLUG, items, target), acting)
    if any(one.intention is Intention.IN_USE for one in planned.accounts):
        session.screen.say(
            "help: find out who uses a key before it is gone; --allow-recently-used deletes it too"
        )
    return ended.code
