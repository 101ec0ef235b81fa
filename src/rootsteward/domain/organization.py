"""The organization as a tree of values: one `OrgRoot`, organizational units, accounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId


class AccountState(StrEnum):
    """The account's `State` (`Status`, which is to go, is never read)."""

    PENDING_ACTIVATION = "PENDING_ACTIVATION"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    PENDING_CLOSURE = "PENDING_CLOSURE"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Account:
    """A member or management account. `parent_id` is an organizational unit or the org root."""

    id: AccountId
    name: str
    email: str
    state: AccountState
    parent_id: str
    joined_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrganizationalUnit:
    """A named folder of accounts; `parent_id` is another unit or the org root."""

    id: str
    name: str
    parent_id: str


@dataclass(frozen=True, slots=True)
class OrgRoot:
    """The top of the tree, and which policy types are in force below it."""

    id: str
    enabled_policy_types: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Organization:
    """The whole tree. Accounts and units keep the order in which they were read."""

    id: str
    management_account_id: AccountId
    org_root: OrgRoot
    units: tuple[OrganizationalUnit, ...]
    accounts: tuple[Account, ...]

    @cached_property
    def account_by_id(self) -> Mapping[AccountId, Account]:
        """Accounts by id."""
        return {account.id: account for account in self.accounts}

    @cached_property
    def unit_by_id(self) -> Mapping[str, OrganizationalUnit]:
        """Organizational units by id."""
        return {unit.id: unit for unit in self.units}

    def account(self, account_id: AccountId) -> Account:
        """One account.

        Raises:
            InputError: when the organization has no such account.
        """
        try:
            return self.account_by_id[account_id]
        except KeyError:
            raise InputError(
                f"account `{account_id}` is not in organization {self.id}",
                help="`rootsteward audit --all` lists the accounts there are",
            ) from None

    def path_to(self, account_id: AccountId) -> tuple[str, ...]:
        """Ids from the org root down to the account, both included.

        Raises:
            InputError: when the organization has no such account.
        """
        entity = self.account(account_id)
        path: list[str] = [entity.id]
        parent_id = entity.parent_id
        while parent_id != self.org_root.id:
            path.append(parent_id)
            parent_id = self.unit_by_id[parent_id].parent_id
        return (self.org_root.id, *reversed(path))

    def place_of(self, account_id: AccountId) -> str:
        """The names of the units above an account, such as `Workloads / Prod`; or `Root`.

        Raises:
            InputError: when the organization has no such account.
        """
        units = self.path_to(account_id)[1:-1]
        return " / ".join(self.unit_by_id[unit].name for unit in units) or "Root"

    def label(self, entity_id: str) -> str:
        """A name people recognise for an entity id: `Root`, a unit's or an account's name."""
        if entity_id == self.org_root.id:
            return "Root"
        unit = self.unit_by_id.get(entity_id)
        if unit is not None:
            return unit.name
        return self._account_names.get(entity_id, entity_id)

    @cached_property
    def _account_names(self) -> Mapping[str, str]:
        return {account.id: account.name for account in self.accounts}

    def members(self) -> Iterator[Account]:
        """Every account but the management account, which is never a target."""
        return (a for a in self.accounts if a.id != self.management_account_id)
