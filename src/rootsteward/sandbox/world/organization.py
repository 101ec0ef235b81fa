"""The organization: its tree of units and accounts, its policies and its switches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Self

from rootsteward.domain.authorization import Level
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, OrganizationalUnit
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.account_closings import AccountClosings
from rootsteward.sandbox.world.account_requests import AccountRequests
from rootsteward.sandbox.world.control_policies import RCP, SCP, PolicyStore
from rootsteward.sandbox.world.root_access import RootFeatures, ServiceAccess

# SOURCE: Organizations quotas: units nest five deep below the organization root.
MAX_UNIT_DEPTH = 5


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """The organization's own resource policy; `content` is JSON as it was sent."""

    id: str
    content: str


@dataclass
class OrganizationState:
    """One organization with all features. Every change goes through a method.

    INVARIANT: every account and unit has a parent that exists; the tree has one org root; no unit
    is deeper than `MAX_UNIT_DEPTH`; e-mail addresses are unique without regard to case.
    """

    id: str
    org_root_id: str
    management_account_id: AccountId
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    units: dict[str, OrganizationalUnit] = field(default_factory=dict)
    policies: PolicyStore = field(default_factory=PolicyStore)
    services: ServiceAccess = field(default_factory=ServiceAccess)
    root_features: RootFeatures = field(default_factory=RootFeatures)
    requests: AccountRequests = field(default_factory=AccountRequests)
    closings: AccountClosings = field(default_factory=AccountClosings)
    resource_policy: ResourcePolicy | None = None
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    _account_children: dict[str, dict[AccountId, None]] = field(default_factory=dict)
    _unit_children: dict[str, dict[str, None]] = field(default_factory=dict)
    _account_of_email: dict[str, AccountId] = field(default_factory=dict)
    # INVARIANT: a unit stays below its parent as long as it exists, so its path never changes.
    _unit_paths: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def found(cls, random: Random, management: Account) -> Self:
        """A new organization that holds its management account and nothing else.

        `management.parent_id` is ignored: the account is put under the org root.
        """
        state = cls(
            id=ids.organization_id(random),
            org_root_id=ids.org_root_id(random),
            management_account_id=management.id,
        )
        state.add_account(replace(management, parent_id=state.org_root_id))
        return state

    # --- the tree

    def has_parent(self, entity_id: str) -> bool:
        """Whether an id is one that can hold accounts: the org root or a unit."""
        return entity_id == self.org_root_id or entity_id in self.units

    def has_target(self, entity_id: str) -> bool:
        """Whether a policy can be attached to an id: the org root, a unit or an account."""
        return self.has_parent(entity_id) or entity_id in self.accounts

    def targets(self) -> Iterator[str]:
        """Every id a policy can be attached to, org root first."""
        yield self.org_root_id
        yield from self.units
        yield from self.accounts

    def units_in(self, parent_id: str) -> tuple[OrganizationalUnit, ...]:
        """The units directly below a parent, oldest first."""
        return tuple(self.units[i] for i in self._unit_children.get(parent_id, ()))

    def accounts_in(self, parent_id: str) -> tuple[Account, ...]:
        """The accounts directly below a parent, oldest first."""
        return tuple(self.accounts[i] for i in self._account_children.get(parent_id, ()))

    def path_to(self, entity_id: str) -> tuple[str, ...]:
        """Ids from the org root down to a unit, an account or the org root itself."""
        if entity_id == self.org_root_id:
            return (entity_id,)
        known = self._unit_paths.get(entity_id)
        if known is not None:
            return known
        path = (*self.path_to(self.parent_of(entity_id)), entity_id)
        if entity_id in self.units:
            self._unit_paths[entity_id] = path
        return path

    def parent_of(self, entity_id: str) -> str:
        """The id of the parent of a unit or an account.

        Raises:
            KeyError: when there is no such unit or account.
        """
        unit = self.units.get(entity_id)
        return unit.parent_id if unit else self.accounts[AccountId(entity_id)].parent_id

    def org_path(self, account: AccountId) -> str:
        """The value of `aws:PrincipalOrgPaths` for an account: ids with a slash after each."""
        return "/".join((self.id, *self.path_to(account)[:-1])) + "/"

    def account_path(self, account: AccountId) -> str:
        """The value in an account's `Paths`: organization, parents and account, with slashes."""
        return self.org_path(account) + account + "/"

    def chain(self, policy_type: str, account: AccountId) -> tuple[Level, ...] | None:
        """The levels in force for an account; None for the management account and outsiders.

        Rule cards SCP-05 and RCP-03 say whom neither kind of policy restricts.
        """
        if account == self.management_account_id or account not in self.accounts:
            return None
        return self.policies.chain(policy_type, self.path_to(account))

    def scp_chain(self, account: AccountId) -> tuple[Level, ...] | None:
        """The SCP levels in force for an account."""
        return self.chain(SCP, account)

    def rcp_chain(self, account: AccountId) -> tuple[Level, ...] | None:
        """The RCP levels in force for an account's resources."""
        return self.chain(RCP, account)

    # --- units

    def add_unit(self, unit: OrganizationalUnit) -> None:
        """Add a unit.

        Raises:
            OperatorError: when the parent is unknown, the name is taken there, or it is too deep.
        """
        if not self.has_parent(unit.parent_id):
            raise OperatorError(f"`{unit.parent_id}` is not a parent in {self.id}")
        if self.unit_named(unit.parent_id, unit.name):
            raise OperatorError(f"`{unit.parent_id}` has a unit named `{unit.name}` already")
        if len(self.path_to(unit.parent_id)) > MAX_UNIT_DEPTH:
            raise OperatorError(f"`{unit.name}` would be deeper than {MAX_UNIT_DEPTH} levels")
        self.units[unit.id] = unit
        self._unit_children.setdefault(unit.parent_id, {})[unit.id] = None
        self.policies.welcome(unit.id)

    def unit_named(self, parent_id: str, name: str) -> OrganizationalUnit | None:
        """The unit of a name directly below a parent."""
        return next((unit for unit in self.units_in(parent_id) if unit.name == name), None)

    def rename_unit(self, unit_id: str, name: str) -> OrganizationalUnit:
        """Give a unit another name."""
        self.units[unit_id] = replace(self.units[unit_id], name=name)
        return self.units[unit_id]

    def remove_unit(self, unit_id: str) -> None:
        """Delete a unit.

        Raises:
            OperatorError: when something is in it.
        """
        if self.units_in(unit_id) or self.accounts_in(unit_id):
            raise OperatorError(f"unit `{unit_id}` is not empty")
        unit = self.units.pop(unit_id)
        self._unit_paths.pop(unit_id, None)
        del self._unit_children[unit.parent_id][unit_id]
        self.policies.forget(unit_id)
        self.tags.pop(unit_id, None)

    # --- accounts

    def add_account(self, account: Account) -> None:
        """Take an account into the organization; its tags are the record's.

        Raises:
            OperatorError: when the parent is unknown or the id or e-mail address is taken.
        """
        if account.id in self.accounts:
            raise OperatorError(f"account `{account.id}` is in {self.id} already")
        if not self.has_parent(account.parent_id):
            raise OperatorError(f"`{account.parent_id}` is not a parent in {self.id}")
        if self.account_with_email(account.email):
            raise OperatorError(f"e-mail address `{account.email}` belongs to another account")
        self.accounts[account.id] = account
        self._account_children.setdefault(account.parent_id, {})[account.id] = None
        self._account_of_email[account.email.casefold()] = account.id
        if account.tags:
            self.tags[account.id] = dict(account.tags)
        self.policies.welcome(account.id)

    def account_with_email(self, email: str) -> AccountId | None:
        """The account of an e-mail address."""
        return self._account_of_email.get(email.casefold())

    def move_account(self, account: AccountId, parent_id: str) -> None:
        """Put an account under another parent.

        Raises:
            OperatorError: when the parent is unknown.
        """
        if not self.has_parent(parent_id):
            raise OperatorError(f"`{parent_id}` is not a parent in {self.id}")
        record = self.accounts[account]
        del self._account_children[record.parent_id][account]
        self._account_children.setdefault(parent_id, {})[account] = None
        self.accounts[account] = replace(record, parent_id=parent_id)

    def set_state(self, account: AccountId, state: AccountState) -> None:
        """Change an account's state (closing, suspending, activating)."""
        self.accounts[account] = replace(self.accounts[account], state=state)

    def is_active(self, account: AccountId) -> bool:
        """Whether an account belongs to the organization and is active."""
        record = self.accounts.get(account)
        return record is not None and record.state is AccountState.ACTIVE

    def may_sign(self, account: AccountId) -> bool:
        """Whether an account's credentials work: not when it is closed or suspended (ORG-11).

        Accounts outside the organization are none of its business.
        """
        return account not in self.accounts or self.is_active(account)

    # --- tags

    def tags_of(self, entity_id: str) -> Mapping[str, str]:
        """Tags of a unit, an account, a policy or the org root."""
        return self.tags.get(entity_id, {})

    def tag(self, entity_id: str, tags: Mapping[str, str]) -> None:
        """Add tags, or change their values."""
        self.tags.setdefault(entity_id, {}).update(tags)

    def untag(self, entity_id: str, keys: list[str]) -> None:
        """Take tags away; keys that are not there are ignored."""
        held = self.tags.get(entity_id, {})
        for key in keys:
            held.pop(key, None)
