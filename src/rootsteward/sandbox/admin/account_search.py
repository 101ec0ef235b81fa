"""Finding accounts among many, by what is written of them and by what their root users hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from rootsteward.domain.organization import Account
from rootsteward.sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Search:
    """`text` is part of an id, name, e-mail address, state or path of units, whatever its case.

    With `holding`, only accounts whose root user holds something.
    """

    text: str = ""
    holding: bool = False

    def found_in(self, world: World) -> Sequence[Account]:
        """The accounts that fit, in the order in which they joined."""
        accounts = world.organization.accounts
        found = [accounts[a] for a in accounts if not self.holding or holds(world, accounts[a])]
        wanted = self.text.strip().casefold()
        if not wanted:
            return found
        paths: dict[str, str] = {}
        for account in found:
            if account.parent_id not in paths:
                paths[account.parent_id] = unit_path(world, account).casefold()
        return [a for a in found if wanted in _written(a) or wanted in paths[a.parent_id]]


def holds(world: World, account: Account) -> bool:
    """Whether an account's root user holds anything."""
    # WHY not `of`: looking at a world must not make root users in it.
    return bool(world.root_users.held_by(account.id))


def unit_path(world: World, account: Account) -> str:
    """The names of the units above an account; `Root` when there are none."""
    organization = world.organization
    above = organization.path_to(account.parent_id)[1:]
    return "/".join(organization.units[unit_id].name for unit_id in above) or "Root"


def _written(account: Account) -> str:
    # WHY the line breaks: nothing that is typed spans two of them.
    return f"{account.id}\n{account.name}\n{account.email}\n{account.state}".casefold()
