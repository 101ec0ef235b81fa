"""`rootsteward delegate add|remove|list`."""

from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import DryRunOption, Session, connected
from rootsteward.cli.render import Column
from rootsteward.cli.switching import carry_out
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.operations import delegate, status

delegate_app = typer.Typer(
    no_args_is_help=True, help="Let a member account administer root access."
)

AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Twelve digits.")]


@delegate_app.command("add")
@connected
def add(session: Session, account: AccountArgument, dry_run: DryRunOption = False) -> ExitCode:
    """Register a member account as delegated administrator."""
    account_id = AccountId(account)
    plan = delegate.plan_add(status.gather(session.runtime.gateway), account_id)
    return carry_out(session, plan, dry_run=dry_run)


@delegate_app.command("remove")
@connected
def remove(session: Session, account: AccountArgument, dry_run: DryRunOption = False) -> ExitCode:
    """Deregister a delegated administrator."""
    account_id = AccountId(account)
    plan = delegate.plan_remove(status.gather(session.runtime.gateway), account_id)
    return carry_out(session, plan, dry_run=dry_run)


@delegate_app.command("list")
@connected
def show(session: Session) -> ExitCode:
    """List the delegated administrators for IAM."""
    found = status.gather(session.runtime.gateway)
    if isinstance(found.delegates, NotSeen):
        raise OperatorError(
            f"the delegated administrators cannot be read: {found.delegates.detail}",
            help="allow organizations:ListDelegatedAdministrators, or use the management account",
        )
    names = (
        {a.id: a.name for a in found.organization.value.accounts}
        if isinstance(found.organization, Seen)
        else {}
    )
    rows = [{"account": str(i), "name": names.get(i)} for i in found.delegates.value]
    columns = (Column("account", "account", fold=False), Column("name", "name"))
    session.screen.rows("Delegated administrators", columns, rows, empty="there are none")
    return ExitCode.DONE
