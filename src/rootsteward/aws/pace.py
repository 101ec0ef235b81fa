"""How fast we ask: token buckets from documented rates, and learning from refusals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

from rootsteward.aws.bucket import Bucket
from rootsteward.aws.rates import DOCUMENTED, Rate
from rootsteward.ports.clock import Clock


class _Turns:
    """A bucket for many threads: `gate` is held by the one that waits, `lock` by who looks."""

    __slots__ = ("bucket", "gate", "lock")

    def __init__(self, documented: Rate | None) -> None:
        self.bucket = Bucket(documented)
        self.gate = Lock()
        self.lock = Lock()


class AdaptivePace:
    """Implements `rootsteward.ports.pace.Pace`; safe for threads.

    An API with a documented rate starts at that rate. Any other starts at 50 calls a second and
    is asked up to twice as fast as it has ever answered. A refusal cuts the rate to 85 % of what
    was too much, and it grows back along a cubic curve, slowly near that. One caller waits for the
    next turn, and the others wait for that caller.

    LIMIT: the pace is per process. Workers in several processes find their shares by being
    refused.
    """

    def __init__(self, clock: Clock, rates: Mapping[str, Rate] = DOCUMENTED) -> None:
        self._clock = clock
        self._rates = rates
        self._turns: dict[str, _Turns] = {}
        self._lock = Lock()

    @contextmanager
    def turn(self, api: str) -> Iterator[None]:
        """Wait for a turn; leaving without an error counts as an answered call."""
        turns = self._of(api)
        self._wait(turns)
        yield
        with turns.lock:
            turns.bucket.count_served(self._clock.now())

    def throttled(self, api: str) -> None:
        """Slow this API down."""
        turns = self._of(api)
        with turns.lock:
            turns.bucket.cut(self._clock.now())

    def per_second(self, api: str) -> float:
        """The rate that holds now."""
        turns = self._of(api)
        with turns.lock:
            return turns.bucket.rate(self._clock.now()).per_second

    def _wait(self, turns: _Turns) -> None:
        with turns.gate:
            while True:
                with turns.lock:
                    wait_seconds = turns.bucket.wait_seconds(self._clock.now())
                    if wait_seconds == 0:
                        turns.bucket.take()
                        return
                self._clock.sleep(wait_seconds)

    def _of(self, api: str) -> _Turns:
        with self._lock:
            turns = self._turns.get(api)
            if turns is None:
                turns = self._turns[api] = _Turns(self._rates.get(api))
            return turns
