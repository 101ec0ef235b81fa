"""One step on many accounts at once, with a bound, and nothing lost.

LIMIT: it lives as long as the process; what must survive that is a campaign (engine.py).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

from rootsteward.ports.notifier import Notifier

T = TypeVar("T")
R = TypeVar("R")

# WHY so many: a call takes AWS most of a second, and the pace keeps it from being too much.
DEFAULT_IN_FLIGHT = 64
MOST_IN_FLIGHT = 256


@dataclass(frozen=True, slots=True)
class RunReport(Generic[T, R]):
    """Rows in the order of the items they belong to, and the items that were never started."""

    rows: tuple[R, ...]
    not_started: tuple[T, ...]

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped it before its end."""
        return bool(self.not_started)


def run(
    items: Sequence[T],
    step: Callable[[T], R],
    lost: Callable[[T, Exception], R],
    notifier: Notifier,
    *,
    title: str,
    in_flight: int = DEFAULT_IN_FLIGHT,
) -> RunReport[T, R]:
    """Do a step for every item, at most `in_flight` at a time.

    An item whose step raises gets the row that `lost` makes; the others go on. On Ctrl-C no new
    item is started, those under way are finished, and the rest is reported as not started.

    Args:
        items: what to do it for.
        step: the work for one item; runs in threads.
        lost: the row of an item whose step raised.
        notifier: told about progress, from the calling thread.
        title: what the work is called.
        in_flight: how many at a time, at least 1.
    """
    try:
        # WHY inside: a notifier that was stopped half way must still put the terminal back.
        notifier.started(title, len(items))
        with ThreadPoolExecutor(max_workers=in_flight, thread_name_prefix="account") as pool:
            return _Run(items, step, lost, notifier, pool, in_flight).to_the_end()
    finally:
        notifier.finished()


class _Run(Generic[T, R]):
    """A run under way.

    WHY: the worker threads keep the rows. Ctrl-C reaches only the calling thread, so it can fall
    between no two lines that would lose one.
    """

    def __init__(
        self,
        items: Sequence[T],
        step: Callable[[T], R],
        lost: Callable[[T, Exception], R],
        notifier: Notifier,
        pool: ThreadPoolExecutor,
        in_flight: int,
    ) -> None:
        self._items = items
        self._step = step
        self._lost = lost
        self._notifier = notifier
        self._pool = pool
        self._in_flight = in_flight
        self._next = 0
        self._running = 0
        # WHY a queue: waiting on the futures themselves costs each of them again for each that
        # ends, which is most of the work when hundreds are under way.
        self._ended: SimpleQueue[Future[None]] = SimpleQueue()
        self._rows: dict[int, R] = {}

    def to_the_end(self) -> RunReport[T, R]:
        """Until everything ended, or until interrupted and what was under way ended."""
        try:
            while self._fill():
                self._collect()
        except KeyboardInterrupt:
            self._pool.shutdown(wait=True)
        positions = range(len(self._items))
        return RunReport(
            tuple(self._rows[position] for position in positions if position in self._rows),
            tuple(self._items[position] for position in positions if position not in self._rows),
        )

    def _fill(self) -> bool:
        """Start what may be started; whether anything is under way."""
        while self._next < len(self._items) and self._running < self._in_flight:
            self._pool.submit(self._one, self._next).add_done_callback(self._ended.put)
            self._running += 1
            self._next += 1
        return bool(self._running)

    def _collect(self) -> None:
        """Wait for at least one to end, and tell."""
        ended = [self._ended.get()]
        while not self._ended.empty():
            ended.append(self._ended.get())
        self._running -= len(ended)
        for future in ended:
            future.result()
        self._notifier.advanced(len(ended))

    def _one(self, position: int) -> None:
        item = self._items[position]
        try:
            self._rows[position] = self._step(item)
        except Exception as error:  # noqa: BLE001 (one account's failure never loses the others)
            self._rows[position] = self._lost(item, error)
