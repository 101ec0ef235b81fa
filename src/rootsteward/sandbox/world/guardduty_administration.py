"""Who administers GuardDuty for the organization, for whom, and who joins by itself (card GD-07).

Everything is per Region: an administrator in one says nothing of another.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rootsteward.domain.identifiers import AccountId


class AutoEnable(StrEnum):
    """Which accounts of the organization become members by themselves."""

    NONE = "NONE"
    NEW = "NEW"
    ALL = "ALL"


@dataclass(slots=True)
class Membership:
    """An account's tie to the administrator. It outlasts `associated` until it is deleted."""

    since: datetime
    updated_at: datetime
    associated: bool = True


@dataclass(slots=True)
class _Region:
    administrator: AccountId
    auto_enable: AutoEnable = AutoEnable.NONE
    members: dict[AccountId, Membership] = field(default_factory=dict)
    # The accounts that were there when somebody last looked for new ones.
    known: set[AccountId] = field(default_factory=set)


@dataclass(slots=True)
class Administration:
    """Administrators and their members, Region by Region."""

    _regions: dict[str, _Region] = field(default_factory=dict)

    def administrator_in(self, region: str) -> AccountId | None:
        """The administrator the management account named for a Region."""
        held = self._regions.get(region)
        return None if held is None else held.administrator

    def administers(self, account: AccountId, region: str) -> bool:
        """Whether an account is a Region's administrator."""
        return self.administrator_in(region) == account

    def ruler_of(self, account: AccountId, region: str) -> AccountId:
        """Who archives and has rules for an account: its administrator, else itself."""
        held = self._regions.get(region)
        if held is None or not _is_associated(held.members.get(account)):
            return account
        return held.administrator

    def name(self, administrator: AccountId, region: str) -> None:
        """Make an account a Region's administrator; nothing changes when it is one."""
        if not self.administers(administrator, region):
            self._regions[region] = _Region(administrator)

    def dismiss(self, region: str) -> None:
        """Take a Region's administrator away; its members are on their own again."""
        self._regions.pop(region, None)

    # --- members

    def members(self, region: str) -> Mapping[AccountId, Membership]:
        """A Region's members and those that were some, oldest first."""
        held = self._regions.get(region)
        return {} if held is None else held.members

    def seen_by_administrator(self, region: str) -> set[AccountId]:
        """Whose findings the administrator sees: its own and its members'."""
        held = self._regions[region]
        associated = {a for a, member in held.members.items() if member.associated}
        return associated | {held.administrator}

    def associate(self, accounts: Iterable[AccountId], region: str, at: datetime) -> None:
        """Make accounts members of a Region's administrator; itself is never one."""
        held = self._regions[region]
        for account in accounts:
            if account != held.administrator and not _is_associated(held.members.get(account)):
                held.members[account] = Membership(at, at)

    def disassociate(self, account: AccountId, region: str, at: datetime) -> None:
        """Let a member go; it stays listed."""
        member = self._regions[region].members[account]
        member.associated, member.updated_at = False, at

    def forget(self, account: AccountId, region: str) -> None:
        """Take an account off the list."""
        del self._regions[region].members[account]

    # --- members by themselves

    def auto_enable_in(self, region: str) -> AutoEnable:
        """Which accounts join by themselves."""
        held = self._regions.get(region)
        return AutoEnable.NONE if held is None else held.auto_enable

    def set_auto_enable(
        self, region: str, auto_enable: AutoEnable, accounts: Iterable[AccountId]
    ) -> None:
        """Choose which accounts join by themselves; `accounts` are those there are now."""
        held = self._regions[region]
        held.auto_enable = auto_enable
        held.known = set() if auto_enable is AutoEnable.ALL else set(accounts)

    def joining(self, accounts: Mapping[AccountId, object]) -> Iterator[tuple[str, AccountId]]:
        """Region and account of everybody who joins by now and has not joined yet.

        WHY by number first: it is asked before every call, and hardly ever is anybody new.
        """
        for region, held in self._regions.items():
            if held.auto_enable is AutoEnable.NONE or len(held.known) == len(accounts):
                continue
            new = [account for account in accounts if account not in held.known]
            held.known = set(accounts)
            yield from ((region, account) for account in new)


def _is_associated(member: Membership | None) -> bool:
    return member is not None and member.associated
