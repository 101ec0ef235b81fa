"""Requests to close accounts, and when they were made."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rootsteward.domain.identifiers import AccountId

# WHY: the real service says a few minutes (rule card ORG-09); a sandbox need not be that slow.
CLOSING_TIME = timedelta(seconds=5)


@dataclass(slots=True)
class AccountClosings:
    """Closings by account, oldest first. A closing that ended is kept for the quota."""

    _requested_at: dict[AccountId, datetime] = field(default_factory=dict)
    _open: dict[AccountId, None] = field(default_factory=dict)

    def begin(self, account: AccountId, at: datetime) -> None:
        """Note that an account is to be closed."""
        self._requested_at[account] = at
        self._open[account] = None

    def in_progress(self) -> tuple[AccountId, ...]:
        """The accounts that are being closed."""
        return tuple(self._open)

    def due(self, now: datetime) -> Iterator[AccountId]:
        """The accounts whose closing has come to its end."""
        return (a for a in tuple(self._open) if now >= self._requested_at[a] + CLOSING_TIME)

    def end(self, account: AccountId) -> None:
        """Note that an account is closed."""
        del self._open[account]

    def begun_since(self, at: datetime) -> int:
        """How many closings were begun at a time or later."""
        return sum(1 for requested_at in self._requested_at.values() if requested_at >= at)
