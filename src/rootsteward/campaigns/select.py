"""Which accounts a run is about, and which not, and why. Pure.

Options of one kind widen (`--ou A --ou B`: in either); options of different kinds narrow
(`--ou A --name 'dev-*'`: both must hold). The management account is never a target, nor is an
account that is not active.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, Organization
from rootsteward.domain.outcome import LeftOut


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for, as people typed it.

    `units` are organizational units or the org root, by id or by name, everything below
    included; `names` are globs (`dev-*`, compared with case); `tags` are pairs of key and value.
    """

    everything: bool = False
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    exclude_accounts: tuple[str, ...] = ()
    exclude_units: tuple[str, ...] = ()
    exclude_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protection:
    """Accounts and units that the configuration keeps out of every act. Reading ignores it."""

    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Targets in the organization's order, and what was asked for but left out."""

    targets: tuple[Account, ...]
    left_out: tuple[LeftOut, ...]


NO_PROTECTION = Protection()


def select(
    organization: Organization, query: Query, protection: Protection = NO_PROTECTION
) -> Selection:
    """Apply a query.

    Raises:
        InputError: nothing was asked for; an account or unit does not exist or its name is
            ambiguous; a name or tag matches no account. A typo never selects less in silence.
    """
    asked = _Asked(organization, query, protection)
    targets: list[Account] = []
    left_out: list[LeftOut] = []
    for account in organization.accounts:
        if not asked.for_account(account):
            continue
        reason = asked.why_not(account)
        if reason:
            left_out.append(LeftOut(account.id, reason))
        else:
            targets.append(account)
    return Selection(tuple(targets), tuple(left_out))


def protected_accounts(organization: Organization, protection: Protection) -> tuple[AccountId, ...]:
    """Every account that is protected itself or lies below a protected unit.

    Raises:
        InputError: when a protected account or unit does not exist.
    """
    asked = _Asked(organization, Query(everything=True), protection)
    return tuple(a.id for a in organization.accounts if asked.is_protected(a))


class _Asked:
    """A query whose every word was found in the organization."""

    def __init__(self, organization: Organization, query: Query, protection: Protection) -> None:
        if not (query.everything or query.accounts or query.units or query.names or query.tags):
            raise InputError(
                "no accounts were selected", help="give --account, --ou, --name or --all"
            )
        self._organization = organization
        self._query = query
        self._accounts = frozenset(_account_ids(organization, query.accounts))
        self._units = frozenset(_unit_ids(organization, query.units))
        self._excluded = frozenset(_account_ids(organization, query.exclude_accounts))
        self._excluded_units = frozenset(_unit_ids(organization, query.exclude_units))
        self._protected = frozenset(_account_ids(organization, protection.accounts))
        self._protected_units = frozenset(_unit_ids(organization, protection.units))
        self._check_matches()

    def for_account(self, account: Account) -> bool:
        """Whether the account lies in what was asked for, or was named itself."""
        return account.id in self._accounts or self._unmatched_filter(account) is None

    def why_not(self, account: Account) -> str:
        """Why it is no target all the same; empty when it is one."""
        if account.id == self._organization.management_account_id:
            return "the management account is never a target"
        if account.state is not AccountState.ACTIVE:
            return f"its state is {account.state.value}"
        if self.is_protected(account):
            return "protected by the configuration"
        if self._is_excluded(account):
            return "excluded"
        unmatched = self._unmatched_filter(account)
        return f"not selected by {unmatched}" if unmatched else ""

    def is_protected(self, account: Account) -> bool:
        """Whether the configuration keeps the account out of every act."""
        return account.id in self._protected or self._below(account, self._protected_units)

    def _unmatched_filter(self, account: Account) -> str | None:
        """The first kind of option that speaks against the account."""
        query = self._query
        if self._accounts and account.id not in self._accounts:
            return "--account"
        if self._units and not self._below(account, self._units):
            return "--ou"
        if query.names and not _named(account, query.names):
            return "--name"
        if query.tags and not _tagged(account, query.tags):
            return "--tag"
        return None

    def _is_excluded(self, account: Account) -> bool:
        return (
            account.id in self._excluded
            or self._below(account, self._excluded_units)
            or _named(account, self._query.exclude_names)
        )

    def _below(self, account: Account, units: frozenset[str]) -> bool:
        return bool(units) and not units.isdisjoint(self._organization.path_to(account.id)[:-1])

    def _check_matches(self) -> None:
        accounts = self._organization.accounts
        for pattern in (*self._query.names, *self._query.exclude_names):
            if not any(_named(account, (pattern,)) for account in accounts):
                raise InputError(
                    f"no account has a name like `{pattern}`",
                    help="names are globs and compared with case, such as --name 'dev-*'",
                )
        for key, value in self._query.tags:
            if not any(_tagged(account, ((key, value),)) for account in accounts):
                raise InputError(
                    f"no account has the tag `{key}={value}`", help="check the tag's key and value"
                )


def _account_ids(organization: Organization, texts: tuple[str, ...]) -> Iterator[AccountId]:
    for text in texts:
        yield organization.account(AccountId(text)).id


def _unit_ids(organization: Organization, texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        if text == organization.org_root.id or text in organization.unit_by_id:
            yield text
            continue
        found = [unit.id for unit in organization.units if unit.name == text]
        if not found:
            raise InputError(
                f"there is no organizational unit `{text}` in organization {organization.id}",
                help="give an id (ou-…, r-…) or the exact name of a unit",
            )
        if len(found) > 1:
            raise InputError(
                f"{len(found)} organizational units are named `{text}`",
                help="give one of the ids: " + ", ".join(found),
            )
        yield found[0]


def _named(account: Account, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(account.name, pattern) for pattern in patterns)


def _tagged(account: Account, tags: tuple[tuple[str, str], ...]) -> bool:
    return any(account.tags.get(key) == value for key, value in tags)
