"""`rootsteward allow-recovery` and `rootsteward close-recovery`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer

from rootsteward.campaigns.campaign import Settings
from rootsteward.campaigns.durations import in_words, parse_duration
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult
from rootsteward.campaigns.recoveries import Recovery, RecoveryState
from rootsteward.campaigns.verbs import allow_recovery as allow_verb
from rootsteward.campaigns.verbs import close_recovery as close_verb
from rootsteward.cli.acting import Acted, Target, act, carry_out_plan, look_first, make_plan
from rootsteward.cli.acting_options import ActingOptions
from rootsteward.cli.commands.recovery_windows import code_of
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.recovery_watch import watch
from rootsteward.cli.render import Screen
from rootsteward.cli.selection import Chosen
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import NotSeen, RootCredentials
from rootsteward.operations import allow_recovery as allow_operation
from rootsteward.operations import close_recovery as close_operation
from rootsteward.operations.observe import by_kind
from rootsteward.storage.jobs import ClaimTakenError

_AT_THE_END = "whatever root credentials are there by then are deleted again"
_OPENED = frozenset({Outcome.RECOVERY_OPEN, Outcome.PLANNED})


@connected
def allow_recovery(
    session: Session,
    accounts: Chosen,
    acting: ActingOptions,
    span: Annotated[
        str | None,
        typer.Option("--for", metavar="SPAN", help="Close it again after 90m, 4h, 2d."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; goes on record.")
    ] = None,
) -> ExitCode:
    """Let the owner of an account's root mailbox set a new root password."""
    window = _window(span, reason, acting)
    target, facts = look_first(session, accounts, acting)
    items = [allow_verb.item(one) for one in allow_operation.plan(facts).accounts]
    plan = make_plan(session, allow_operation.SLUG, items, target)
    if window is None:
        ended = act(session, target, plan, acting)
        _say_next_steps(session, target, ended)
        return ended.code
    if plan.acting:
        session.screen.say(f"recovery ends after {in_words(window.span)}: {_AT_THE_END}")
    opened: list[Recovery] = []

    def carry_out(session: Session, plan: Plan, settings: Settings) -> Acted:
        opened.append(_open(session, plan, window))
        ended = carry_out_plan(session, plan, settings, held_already=True)
        _drop_unopened(session, opened[0], ended)
        return ended

    ended = act(session, target, plan, acting, carry_out)
    _say_next_steps(session, target, ended, opened[0].id if opened else "")
    return _wait(session, opened[0], ended) if opened else ended.code


@dataclass(frozen=True, slots=True)
class _Window:
    span: timedelta
    reason: str


def _window(span: str | None, reason: str | None, acting: ActingOptions) -> _Window | None:
    if span is None:
        return None
    if not reason:
        raise InputError(
            "a recovery that ends needs a reason", help="add --reason TEXT; it goes on record"
        )
    if acting.plan_file is not None:
        raise InputError(
            "--for cannot be used with --plan",
            help="the time would begin when nobody knows; use --for without --plan",
        )
    return _Window(parse_duration(span), reason)


def _open(session: Session, plan: Plan, window: _Window) -> Recovery:
    runtime = session.runtime
    until = runtime.clock.now() + window.span
    try:
        return runtime.recoveries.open(plan, until, window.reason, runtime.gateway.caller())
    except ClaimTakenError as error:
        raise runtime.campaigns.held(error) from error


def _drop_unopened(session: Session, recovery: Recovery, ended: Acted) -> None:
    """An account in which nothing was opened, as a look has shown, is not waited for."""
    refused = {i.key: r for i, r in ended.results if i.acts and r.outcome is Outcome.DENIED}
    recoveries = session.runtime.recoveries
    for account in recoveries.still_open(recovery):
        if account.planned.key in refused:
            recoveries.drop(recovery, account, refused[account.planned.key])
    if not recoveries.still_open(recovery):
        recoveries.settle(recovery, ())


def _wait(session: Session, recovery: Recovery, ended: Acted) -> ExitCode:
    recovery = session.runtime.recoveries.recovery(recovery.id)
    if recovery.state is RecoveryState.CLOSED:
        return ended.code
    session.screen.say(
        f"\nrecovery {recovery.id} is open until {recovery.until:%Y-%m-%d %H:%M} UTC; this process "
        "waits and closes it"
    )
    session.screen.say(
        f"Ctrl-C leaves it open: a `rootsteward worker` closes it in time, "
        f"`rootsteward recovery close {recovery.id}` at once"
    )
    try:
        return code_of(watch(session, recovery))
    except KeyboardInterrupt:
        session.screen.say(f"recovery {recovery.id} stays open; nobody here closes it any more")
        return ExitCode.COULD_NOT_FINISH


@connected
def close_recovery(session: Session, accounts: Chosen, acting: ActingOptions) -> ExitCode:
    """Take back the password that allow-recovery made, where it is all there is."""
    target, facts = look_first(session, accounts, acting)
    items = [close_verb.item(one) for one in close_operation.plan(facts).accounts]
    plan = make_plan(session, close_operation.SLUG, items, target)
    return act(session, target, plan, acting).code


def _say_next_steps(session: Session, target: Target, ended: Acted, recovery_id: str = "") -> None:
    for planned, result in ended.results:
        if planned.acts and result.outcome in _OPENED:
            account = target.controls.organization.account(AccountId(planned.key))
            _say_what_happens_next(session.screen, account, result, recovery_id)


def _say_what_happens_next(
    screen: Screen, account: Account, result: ItemResult, recovery_id: str
) -> None:
    if result.after is not None:
        screen.say(f"\nlooked at afterwards in {account.name}: {_seen_after(result.after)}")
    screen.say(f"\nwhat happens next in {account.name}:", style="bold")
    for number, step in enumerate(allow_operation.next_steps(account, recovery_id), start=1):
        screen.say(f"{number}. {step}", indent=2)


def _seen_after(credentials: RootCredentials) -> str:
    """The four kinds in one line; that only the password is present is to be seen, not said."""
    words = {True: "present", False: "none"}
    return ", ".join(
        f"{kind.value.replace('_', ' ')} "
        + (seen.reason.value if isinstance(seen, NotSeen) else words[seen.value.present])
        for kind, seen in by_kind(credentials)
    )
