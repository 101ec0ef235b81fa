"""The last calls of a sandbox, whatever became of them, for people who watch it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rootsteward.sandbox.call import Caller

SUCCESS = "Success"
_KEPT = 500
_Fields = tuple[datetime, str, str, str, str, Caller | None, str, int, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RecentCall:
    """One request and its answer. Empty where it was refused before that was known.

    `outcome` is `Success`, an error code, or what happened to the connection; `faults` are the
    kinds of faults on demand that took part.
    """

    at: datetime
    request_id: str
    service: str
    operation: str
    region: str
    caller: Caller | None
    outcome: str
    http_status: int
    message: str = ""
    faults: tuple[str, ...] = ()


class RecentCalls:
    """The newest calls; older ones are forgotten. LIMIT: it is no audit log, CloudTrail is."""

    def __init__(self) -> None:
        # WHY tuples of `RecentCall`'s fields: every call is noted, hardly any is looked at.
        self._calls: deque[_Fields] = deque(maxlen=_KEPT)

    def note(self, *fields: *_Fields) -> None:
        """Keep a call: the fields of a `RecentCall`, in order."""
        self._calls.append(fields)

    def __iter__(self) -> Iterator[RecentCall]:
        """The calls, newest first."""
        return (RecentCall(*fields) for fields in reversed(tuple(self._calls)))

    def __len__(self) -> int:
        return len(self._calls)
