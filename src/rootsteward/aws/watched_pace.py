"""A pace that somebody may watch: one step per answered call."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rootsteward.ports.notifier import Notifier
from rootsteward.ports.pace import Pace


class WatchedPace:
    """Implements `rootsteward.ports.pace.Pace` with another, and tells who watches.

    A page of a long list is a call, so even a read that answers only at its end shows that it
    moves.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._watchers: tuple[Notifier, ...] = ()

    @contextmanager
    def watched_by(self, notifier: Notifier) -> Iterator[None]:
        """Tell a notifier of every answered call until the end of the block."""
        before = self._watchers
        self._watchers = (*before, notifier)
        try:
            yield
        finally:
            self._watchers = before

    @contextmanager
    def turn(self, api: str) -> Iterator[None]:
        """Wait for a turn; leaving without an error counts as an answered call."""
        with self._pace.turn(api):
            yield
        for notifier in self._watchers:
            notifier.advanced()

    def throttled(self, api: str) -> None:
        """Slow this API down."""
        self._pace.throttled(api)


if TYPE_CHECKING:

    def _is_a_pace(pace: WatchedPace) -> Pace:
        return pace
