"""The options that choose accounts, and what they choose."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, ClassVar, Self

import typer

from rootsteward.campaigns.account_list import Listed, parse_account_list
from rootsteward.campaigns.select import (
    NO_PROTECTION,
    Protection,
    Query,
    Selection,
    Tag,
    accounts_to_tag,
    select,
)
from rootsteward.campaigns.tags import read_tags
from rootsteward.cli.options import Session
from rootsteward.cli.selection_view import show_selection
from rootsteward.cli.text_files import read_text
from rootsteward.domain.errors import InputError
from rootsteward.domain.organization import AccountState, Organization
from rootsteward.ports.aws_gateway import TagReader

_PANEL = "Accounts"
_STDIN = "-"


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
        "from_file": _repeatable(
            "--from-file",
            "Accounts in a file: an id a line, or CSV with a column `account`; `-` is stdin.",
        ),
        "ou": _repeatable("--ou", "Everything below a unit, by id or name; may be repeated."),
        "tag": _repeatable("--tag", "Accounts with a tag: key=value. Costs a call per account."),
        "name": _repeatable("--name", "Accounts with names like a glob: 'dev-*'."),
        "state": (
            Annotated[
                list[AccountState] | None,
                typer.Option(
                    "--state",
                    case_sensitive=False,
                    help="Accounts in this state, to look at; may be repeated. Default: active.",
                    rich_help_panel=_PANEL,
                ),
            ],
            None,
        ),
        "exclude": _repeatable("--exclude", "Leave this account id out; may be repeated."),
        "exclude_ou": _repeatable("--exclude-ou", "Leave this unit out; may be repeated."),
        "exclude_name": _repeatable("--exclude-name", "Leave names like this glob out."),
        "exclude_tag": _repeatable("--exclude-tag", "Leave accounts with a tag out: key=value."),
    }

    query: Query = field(default_factory=Query)

    @classmethod
    def from_options(
        cls,
        *,
        all_accounts: bool = False,
        account: list[str] | None = None,
        from_file: list[str] | None = None,
        ou: list[str] | None = None,
        tag: list[str] | None = None,
        name: list[str] | None = None,
        state: list[AccountState] | None = None,
        exclude: list[str] | None = None,
        exclude_ou: list[str] | None = None,
        exclude_name: list[str] | None = None,
        exclude_tag: list[str] | None = None,
    ) -> Self:
        """Collect the options, and read the files they name.

        Raises:
            InputError: a file cannot be read or holds no list; a tag is no key and value.
        """
        query = Query(
            everything=all_accounts,
            accounts=tuple(account or ()),
            listed=_listed(from_file or ()),
            units=tuple(ou or ()),
            names=tuple(name or ()),
            tags=_tags("--tag", tag or ()),
            states=tuple(state or ()),
            exclude_accounts=tuple(exclude or ()),
            exclude_units=tuple(exclude_ou or ()),
            exclude_names=tuple(exclude_name or ()),
            exclude_tags=_tags("--exclude-tag", exclude_tag or ()),
        )
        return cls(query)

    @classmethod
    def one(cls, account: str) -> Self:
        """Just this account."""
        return cls(Query(accounts=(account,)))


def _listed(names: list[str] | tuple[()]) -> tuple[Listed, ...]:
    return tuple(each for name in names for each in _listed_in(name))


def _listed_in(name: str) -> tuple[Listed, ...]:
    if name == _STDIN:
        return parse_account_list(sys.stdin.read(), "stdin")
    return parse_account_list(read_text(Path(name), "account list"), name)


def _tags(option: str, texts: list[str] | tuple[()]) -> tuple[Tag, ...]:
    return tuple(_tag(option, text) for text in texts)


def _tag(option: str, text: str) -> Tag:
    # LIMIT: a key with `=` in it cannot be asked for.
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise InputError(f"{option} `{text}` is no key and value", help=f"write {option} key=value")
    return key, value


def select_to_read(
    session: Session, reader: TagReader, organization: Organization, options: Chosen
) -> Selection:
    """Accounts to look at, shown; protection does not matter. Nothing said means all of them.

    Raises:
        InputError: something does not exist, or an account was named that cannot be looked at.
    """
    query = options.query
    if not query.says_which:
        query = replace(query, everything=True)
    return _select(session, reader, organization, query, NO_PROTECTION)


def select_to_act(session: Session, organization: Organization, options: Chosen) -> Selection:
    """Accounts to change, shown; protected ones are left out, and whatever is not active.

    Raises:
        InputError: nothing was selected, something does not exist, or an account was named that
            is no target.
    """
    query = options.query
    passive = [state for state in query.states if state is not AccountState.ACTIVE]
    if passive:
        raise InputError(
            f"`--state {passive[0].value}` cannot be used here: only active accounts are acted on",
            help="leave --state out; `rootsteward preflight` and `audit` take it",
        )
    protection = protection_of(session)
    return _select(session, session.runtime.gateway, organization, query, protection)


def protection_of(session: Session) -> Protection:
    """What the configuration keeps out of every act."""
    protected = session.config.protected
    return Protection(tuple(protected.accounts), tuple(protected.units))


def _select(
    session: Session,
    reader: TagReader,
    organization: Organization,
    query: Query,
    protection: Protection,
) -> Selection:
    _refuse_named(organization, query, protection)
    undecided = accounts_to_tag(organization, query, protection)
    tags = read_tags(reader, undecided, session.notifier())
    selection = select(organization, query, protection, tags)
    show_selection(session.screen, organization, query, selection)
    return selection


def _refuse_named(organization: Organization, query: Query, protection: Protection) -> None:
    """Whoever names an account is told at once when it can never be reached.

    Among many, as in a file, it is listed as left out; named, it would look as if it had been
    dealt with.
    """
    if not query.accounts:
        return
    named = Query(accounts=query.accounts, states=query.states)
    left_out = select(organization, named, protection).left_out
    if left_out:
        raise InputError(
            f"account `{left_out[0].account}` is no target: {left_out[0].reason}",
            help="leave it out, or choose an active member account that is not protected",
        )
