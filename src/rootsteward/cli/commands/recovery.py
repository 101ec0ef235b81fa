"""`rootsteward allow-recovery` and `rootsteward close-recovery`."""

from rootsteward.campaigns.planned import ItemResult
from rootsteward.campaigns.verbs import allow_recovery as allow_verb
from rootsteward.campaigns.verbs import close_recovery as close_verb
from rootsteward.cli.acting import act, look_first, make_plan
from rootsteward.cli.acting_options import ActingOptions
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.render import Screen
from rootsteward.cli.selection import Chosen
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import NotSeen, RootCredentials
from rootsteward.operations import allow_recovery as allow_operation
from rootsteward.operations import close_recovery as close_operation
from rootsteward.operations.observe import by_kind

_OPENED = frozenset({Outcome.RECOVERY_OPEN, Outcome.PLANNED})


@connected
def allow_recovery(session: Session, accounts: Chosen, acting: ActingOptions) -> ExitCode:
    """Let the owner of an account's root mailbox set a new root password."""
    target, facts = look_first(session, accounts, acting)
    items = [allow_verb.item(one) for one in allow_operation.plan(facts).accounts]
    plan = make_plan(session, allow_operation.SLUG, items, target)
    ended = act(session, target, plan, acting)
    for planned, result in ended.results:
        if planned.acts and result.outcome in _OPENED:
            account = target.controls.organization.account(AccountId(planned.key))
            _say_what_happens_next(session.screen, account, result)
    return ended.code


@connected
def close_recovery(session: Session, accounts: Chosen, acting: ActingOptions) -> ExitCode:
    """Take back the password that allow-recovery made, where it is all there is."""
    target, facts = look_first(session, accounts, acting)
    items = [close_verb.item(one) for one in close_operation.plan(facts).accounts]
    plan = make_plan(session, close_operation.SLUG, items, target)
    return act(session, target, plan, acting).code


def _say_what_happens_next(screen: Screen, account: Account, result: ItemResult) -> None:
    if result.after is not None:
        screen.say(f"\nlooked at afterwards in {account.name}: {_seen_after(result.after)}")
    screen.say(f"\nwhat happens next in {account.name}:", style="bold")
    for number, step in enumerate(allow_operation.next_steps(account), start=1):
        screen.say(f"{number}. {step}", indent=2)


def _seen_after(credentials: RootCredentials) -> str:
    """The four kinds in one line; that only the password is present is to be seen, not said."""
    words = {True: "present", False: "none"}
    return ", ".join(
        f"{kind.value.replace('_', ' ')} "
        + (seen.reason.value if isinstance(seen, NotSeen) else words[seen.value.present])
        for kind, seen in by_kind(credentials)
    )
