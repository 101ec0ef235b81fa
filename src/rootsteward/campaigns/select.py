"""Which accounts a run is about, and which not, and why. Pure.

Options of one kind widen (`--ou A --ou B`: in either); options of different kinds narrow
(`--ou A --name 'dev-*'`: both must hold). `--account` and `--from-file` are of one kind. The
management account is never a target, nor is an account that is not active, unless its state was
asked for.

Tags are not part of the tree, and reading them costs a call for each account. So the question has
two steps: `accounts_to_tag` says whose tags decide, and `select` is given what was read of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from rootsteward.campaigns.account_list import Listed
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, Organization
from rootsteward.domain.outcome import LeftOut
from rootsteward.domain.root_credentials import NotSeen, Observation

Tag = tuple[str, str]
# What was read of the tags of each account that `accounts_to_tag` named.
SeenTags = Mapping[AccountId, Observation[Mapping[str, str]]]

_HOW_TO_SELECT = "give --account, --ou, --tag, --name, --from-file or --all"


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for, as people typed it.

    `listed` are the accounts of files; `units` are organizational units or the org root, by id or
    by name, everything below included; `names` are globs (`dev-*`, compared with case); `tags`
    are pairs of key and value; `states` widen what may be looked at beyond active accounts.
    """

    everything: bool = False
    accounts: tuple[str, ...] = ()
    listed: tuple[Listed, ...] = ()
    units: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    states: tuple[AccountState, ...] = ()
    exclude_accounts: tuple[str, ...] = ()
    exclude_units: tuple[str, ...] = ()
    exclude_names: tuple[str, ...] = ()
    exclude_tags: tuple[Tag, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it says more than `everything`."""
        return self != Query(everything=self.everything)

    @property
    def says_which(self) -> bool:
        """Whether any option says which accounts are meant; excluding alone does not."""
        named = self.accounts or self.listed or self.units or self.names or self.tags
        return bool(self.everything or named)


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

    @property
    def unseen(self) -> tuple[LeftOut, ...]:
        """Accounts of which nobody can say whether they were meant: their tags are unread."""
        return tuple(left for left in self.left_out if left.unseen)


class _Not(Enum):
    """An account that nobody asked for."""

    ASKED_FOR = "not asked for"


NO_PROTECTION = Protection()
_NO_TAGS: SeenTags = {}


def accounts_to_tag(
    organization: Organization, query: Query, protection: Protection = NO_PROTECTION
) -> tuple[Account, ...]:
    """The accounts whose tags decide: those that every other option leaves in.

    Empty when the query names no tag.

    Raises:
        InputError: as `select`, for everything but tags.
    """
    if not (query.tags or query.exclude_tags):
        return ()
    asked = _Asked(organization, query, protection)
    return tuple(a for a in organization.accounts if asked.but_for_tags(a) is None)


def select(
    organization: Organization,
    query: Query,
    protection: Protection = NO_PROTECTION,
    tags: SeenTags = _NO_TAGS,
) -> Selection:
    """Apply a query.

    Args:
        organization: the tree; the `tags` of its accounts are not looked at.
        query: what was asked for.
        protection: what the configuration keeps out.
        tags: what was read for each account of `accounts_to_tag`. An account whose tags could
            not be read is left out as unseen.

    Raises:
        InputError: nothing was asked for; an account or unit does not exist or its name is
            ambiguous; a name or tag matches no account; the options together select nothing.
            A typo never selects less in silence.
    """
    asked = _Asked(organization, query, protection)
    targets: list[Account] = []
    left_out: list[LeftOut] = []
    decided = [
        (account, asked.but_for_tags(account) or asked.by_tags(account, tags))
        for account in organization.accounts
    ]
    _check_tags_match(query, tags)
    for account, why_not in decided:
        if why_not is None:
            targets.append(account)
        elif isinstance(why_not, LeftOut):
            left_out.append(why_not)
    if not targets and not left_out:
        raise InputError(
            "the options together select no account",
            help="options of different kinds narrow: an account must match all of them",
        )
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
        if not query.says_which:
            raise InputError("no accounts were selected", help=_HOW_TO_SELECT)
        self._organization = organization
        self._query = query
        self._named = frozenset(
            (*_account_ids(organization, query.accounts), *_listed_ids(organization, query.listed))
        )
        self._units = frozenset(_unit_ids(organization, query.units))
        self._excluded = frozenset(_account_ids(organization, query.exclude_accounts))
        self._excluded_units = frozenset(_unit_ids(organization, query.exclude_units))
        self._protected = frozenset(_account_ids(organization, protection.accounts))
        self._protected_units = frozenset(_unit_ids(organization, protection.units))
        self._below = _Below(organization)
        _check_names_match(organization, query)

    def but_for_tags(self, account: Account) -> LeftOut | _Not | None:
        """Why the account is no target, by everything but tags; None when nothing speaks so."""
        unmatched = self._unmatched_filter(account)
        if unmatched:
            return self._not_by(account, unmatched)
        reason = self._why_not(account)
        return LeftOut(account.id, reason) if reason else None

    def by_tags(self, account: Account, tags: SeenTags) -> LeftOut | _Not | None:
        """The same by tags, for an account that everything else leaves in."""
        query = self._query
        if not (query.tags or query.exclude_tags):
            return None
        seen = tags[account.id]
        if isinstance(seen, NotSeen):
            reason = f"could not look: its tags cannot be read: {seen.detail}"
            return LeftOut(account.id, reason, unseen=True)
        if query.tags and not _tagged(seen.value, query.tags):
            return self._not_by(account, "--tag")
        if _tagged(seen.value, query.exclude_tags):
            return LeftOut(account.id, "excluded by --exclude-tag")
        return None

    def _not_by(self, account: Account, option: str) -> LeftOut | _Not:
        """Who named an account is told that another option speaks against it."""
        if account.id in self._named:
            return LeftOut(account.id, f"not selected by {option}")
        return _Not.ASKED_FOR

    def _unmatched_filter(self, account: Account) -> str:
        """The first kind of option that speaks against the account; empty when none does."""
        query = self._query
        if self._named and account.id not in self._named:
            return "--account or --from-file"
        if self._units and not self._below(account, self._units):
            return "--ou"
        if query.names and not _has_name(account, query.names):
            return "--name"
        if query.states and account.state not in query.states:
            return "--state"
        return ""

    def _why_not(self, account: Account) -> str:
        """Why an account that was asked for is no target all the same; empty when it is one."""
        if account.id == self._organization.management_account_id:
            return "the management account is never a target"
        if account.state is not AccountState.ACTIVE and not self._query.states:
            return f"its state is {account.state.value}"
        if self.is_protected(account):
            return "protected by the configuration"
        return self._excluded_by(account)

    def is_protected(self, account: Account) -> bool:
        """Whether the configuration keeps the account out of every act."""
        return account.id in self._protected or self._below(account, self._protected_units)

    def _excluded_by(self, account: Account) -> str:
        if account.id in self._excluded:
            return "excluded by --exclude"
        if self._below(account, self._excluded_units):
            return "excluded by --exclude-ou"
        return "excluded by --exclude-name" if _has_name(account, self._query.exclude_names) else ""


class _Below:
    """Whether an account lies below one of some units; each parent's path is walked once."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._above: dict[str, frozenset[str]] = {}

    def __call__(self, account: Account, units: frozenset[str]) -> bool:
        if not units:
            return False
        if account.parent_id not in self._above:
            path = self._organization.path_to(account.id)[:-1]
            self._above[account.parent_id] = frozenset(path)
        return not units.isdisjoint(self._above[account.parent_id])


def _check_names_match(organization: Organization, query: Query) -> None:
    for pattern in (*query.names, *query.exclude_names):
        if not any(_has_name(account, (pattern,)) for account in organization.accounts):
            raise InputError(
                f"no account has a name like `{pattern}`",
                help="names are globs and compared with case, such as --name 'dev-*'",
            )


def _check_tags_match(query: Query, tags: SeenTags) -> None:
    """A tag that nobody has is a typo, unless somebody who may have it could not be looked at."""
    read = [seen.value for seen in tags.values() if not isinstance(seen, NotSeen)]
    if not tags or len(read) < len(tags):
        return
    for option, asked in (("--tag", query.tags), ("--exclude-tag", query.exclude_tags)):
        for key, value in asked:
            if not any(_tagged(each, ((key, value),)) for each in read):
                raise InputError(
                    f"no account that the other options leave in has the tag `{key}={value}`",
                    help=f"check key and value, or leave {option} out; both are compared with case",
                )


def _account_ids(organization: Organization, texts: tuple[str, ...]) -> Iterator[AccountId]:
    for text in texts:
        yield organization.account(AccountId(text)).id


def _listed_ids(organization: Organization, listed: Iterable[Listed]) -> Iterator[AccountId]:
    for each in listed:
        if each.account not in organization.account_by_id:
            raise InputError(
                f"{each.where}: account `{each.account}` is not in organization {organization.id}",
                help="take it out of the list, or choose the profile of the right organization",
            )
        yield each.account


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


def _has_name(account: Account, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(account.name, pattern) for pattern in patterns)


def _tagged(seen: Mapping[str, str], tags: tuple[Tag, ...]) -> bool:
    return any(seen.get(key) == value for key, value in tags)
