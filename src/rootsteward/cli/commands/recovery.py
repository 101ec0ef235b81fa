"""`rootsteward allow-recovery` and `rootsteward close-recovery`."""

from rootsteward.cli.acting import Act, carry_out, look_first
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import DryRunOption, Session, YesOption, connected
from rootsteward.cli.render import Row, Screen
from rootsteward.cli.selection import Chosen
from rootsteward.cli.words import counted
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import NotSeen, RootCredentials
from rootsteward.operations import allow_recovery as allow_operation
from rootsteward.operations import close_recovery as close_operation
from rootsteward.operations import controls as control_facts
from rootsteward.operations.observe import by_kind

_OPENED = frozenset({Outcome.RECOVERY_OPEN, Outcome.PLANNED})


@connected
def allow_recovery(
    session: Session,
    accounts: Chosen,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> ExitCode:
    """Let the owner of an account's root mailbox set a new root password."""
    target, facts = look_first(session, accounts)
    planned = allow_operation.plan(facts)
    acting = [a for a in planned.accounts if a.intention is allow_operation.Intention.ALLOW]
    runtime, blame_for = session.runtime, control_facts.blame_for(target.controls)
    act = Act(
        title="allow root password recovery",
        plan_id=planned.id,
        planned=planned.accounts,
        acting=acting,
        phrase=f"allow recovery in {counted(len(acting), 'account')}",
        show=_row,
        rehearse=allow_operation.rehearse,
        step=lambda one: allow_operation.step(
            runtime.gateway, runtime.ledger, planned.id, one, blame_for=blame_for
        ),
        lost=allow_operation.lost,
    )
    code, results = carry_out(session, target, act, dry_run=dry_run, yes=yes)
    opened = {r.account: r for r in results if r.outcome in _OPENED}
    for one in acting:
        if one.account.id in opened:
            _say_what_happens_next(session.screen, one.account, opened[one.account.id])
    return code


@connected
def close_recovery(
    session: Session,
    accounts: Chosen,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> ExitCode:
    """Take back the password that allow-recovery made, where it is all there is."""
    target, facts = look_first(session, accounts)
    planned = close_operation.plan(facts)
    acting = [a for a in planned.accounts if a.intention is close_operation.Intention.CLOSE]
    runtime, blame_for = session.runtime, control_facts.blame_for(target.controls)
    act = Act(
        title="close root password recovery",
        plan_id=planned.id,
        planned=planned.accounts,
        acting=acting,
        phrase=f"close recovery in {counted(len(acting), 'account')}",
        show=_row,
        rehearse=close_operation.rehearse,
        step=lambda one: close_operation.step(
            runtime.gateway, runtime.ledger, planned.id, one, blame_for=blame_for
        ),
        lost=close_operation.lost,
    )
    code, _ = carry_out(session, target, act, dry_run=dry_run, yes=yes)
    return code


def _row(planned: allow_operation.AccountPlan | close_operation.AccountPlan) -> Row:
    return {
        "account": str(planned.account.id),
        "name": planned.account.name,
        "intention": planned.intention.value,
        "details": [planned.reason] if planned.reason else [],
    }


def _say_what_happens_next(screen: Screen, account: Account, result: AccountResult) -> None:
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
