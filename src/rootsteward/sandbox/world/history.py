"""What something was like before it changed, for those who hear of changes late."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

_State = TypeVar("_State")


@dataclass(slots=True)
class History(Generic[_State]):
    """States that were replaced, oldest first, each with the time until which it held."""

    _replaced: list[tuple[datetime, _State]] = field(default_factory=list)

    def note(self, until: datetime, state: _State, keep_seconds: float) -> None:
        """Keep the state before a change at `until`; drop what is older than `keep_seconds`."""
        oldest = until - timedelta(seconds=keep_seconds)
        self._replaced = [kept for kept in self._replaced if kept[0] > oldest]
        self._replaced.append((until, state))

    def as_of(self, moment: datetime) -> _State | None:
        """The state at a moment, or None when nothing has changed since."""
        return next((state for until, state in self._replaced if until > moment), None)

    def __bool__(self) -> bool:
        return bool(self._replaced)
