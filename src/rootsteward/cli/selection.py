"""The options that choose accounts, and what they choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import typer

from rootsteward.campaigns.select import Protection, Query, Selection, select
from rootsteward.cli.options import Session
from rootsteward.cli.render import Column
from rootsteward.domain.errors import InputError
from rootsteward.domain.organization import Organization

_PANEL = "Accounts"


def _repeatable(flag: str, help_text: str) -> tuple[object, object]:
    option = typer.Option(flag, help=help_text, rich_help_panel=_PANEL)
    return Annotated[list[str] | None, option], None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the options said, before the organization is known. An `OptionGroup`."""

    OPTIONS: ClassVar[Mapping[str, tuple[object, object]]] = {
        "all_accounts": (
            Annotated[
                bool, typer.Option("--all", help="Every member account.", rich_help_panel=_PANEL)
            ],
            False,
        ),
        "account": _repeatable("--account", "An account id; may be repeated."),
        "ou": _repeatable("--ou", "Everything below a unit, by id or name; may be repeated."),
        "name": _repeatable("--name", "Accounts with names like a glob: 'dev-*'."),
        "exclude": _repeatable("--exclude", "Leave this account id out; may be repeated."),
        "exclude_ou": _repeatable("--exclude-ou", "Leave this unit out; may be repeated."),
    }

    everything: bool = False
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exclude_units: tuple[str, ...] = ()

    @classmethod
    def from_options(
        cls,
        *,
        all_accounts: bool = False,
        account: list[str] | None = None,
        ou: list[str] | None = None,
        name: list[str] | None = None,
        exclude: list[str] | None = None,
        exclude_ou: list[str] | None = None,
    ) -> Self:
        """Collect the options."""
        lists = (account, ou, name, exclude, exclude_ou)
        return cls(all_accounts, *(tuple(given or ()) for given in lists))

    def query(self, *, all_by_default: bool) -> Query:
        """As the selection wants it. Reading may mean everybody; acting must say so."""
        nothing_said = not (self.accounts or self.units or self.names)
        return Query(
            everything=self.everything or (all_by_default and nothing_said),
            accounts=self.accounts,
            units=self.units,
            names=self.names,
            exclude_accounts=self.exclude,
            exclude_units=self.exclude_units,
        )


def select_to_read(organization: Organization, options: Chosen) -> Selection:
    """Accounts to look at; protection does not matter.

    Raises:
        InputError: something does not exist, or an account was named that cannot be looked at.
    """
    _refuse_named(organization, options, Protection())
    return select(organization, options.query(all_by_default=True))


def select_to_act(session: Session, organization: Organization, options: Chosen) -> Selection:
    """Accounts to change; protected ones are left out.

    Raises:
        InputError: nothing was selected, something does not exist, or an account was named that
            is no target.
    """
    if options == Chosen(exclude=options.exclude, exclude_units=options.exclude_units):
        raise InputError("no accounts were selected", help="give --account, --ou, --name or --all")
    protection = protection_of(session)
    _refuse_named(organization, options, protection)
    return select(organization, options.query(all_by_default=False), protection)


def protection_of(session: Session) -> Protection:
    """What the configuration keeps out of every act."""
    protected = session.config.protected
    return Protection(tuple(protected.accounts), tuple(protected.units))


def _refuse_named(organization: Organization, options: Chosen, protection: Protection) -> None:
    """Whoever names an account is told at once when it can never be reached.

    Among many it is listed as left out; named, it would look as if it had been dealt with.
    """
    if not options.accounts:
        return
    left_out = select(organization, Query(accounts=options.accounts), protection).left_out
    if left_out:
        raise InputError(
            f"account `{left_out[0].account}` is no target: {left_out[0].reason}",
            help="leave it out, or choose an active member account that is not protected",
        )


def show_left_out(session: Session, organization: Organization, selection: Selection) -> None:
    """Which accounts are left out, and why. On stderr beside data."""
    if not selection.left_out:
        return
    if not session.screen.for_people:
        for left in selection.left_out:
            session.screen.say(f"left out: {left.account}: {left.reason}")
        return
    rows = [
        {
            "account": str(left.account),
            "name": organization.account(left.account).name,
            "reason": left.reason,
        }
        for left in selection.left_out
    ]
    columns = (
        Column("account", "account", fold=False),
        Column("name", "name"),
        Column("reason", "reason"),
    )
    session.screen.rows("Left out", columns, rows)
