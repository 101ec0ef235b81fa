"""How fast we ask: token buckets from documented rates, and learning from refusals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cbrt
from threading import Lock

from rootsteward.aws.rates import DOCUMENTED, Rate
from rootsteward.ports.clock import Clock

# SOURCE: RFC 9438 (CUBIC): the shape of the way back up, with a gentler cut, because a refused
# call costs a repetition and not a lost packet's round trip.
_CUT = 0.85
_CUBIC = 0.4
_SLOWEST_PER_SECOND = 0.5
_WINDOW_SECONDS = 1.0
_SETTLE_SECONDS = 0.5


@dataclass
class _Learned:
    """What refusals taught: the rate that was too much, and when it was cut."""

    too_fast_per_second: float
    cut_at: datetime

    def per_second(self, now: datetime) -> float:
        since_seconds = (now - self.cut_at).total_seconds()
        back_at_seconds = cbrt(self.too_fast_per_second * (1 - _CUT) / _CUBIC)
        grown = _CUBIC * (since_seconds - back_at_seconds) ** 3 + self.too_fast_per_second
        return max(grown, _SLOWEST_PER_SECOND)


@dataclass
class _Bucket:
    """One API's turns. `free_at` is when the next turn is due; the past when there is a burst."""

    documented: Rate | None
    free_at: datetime | None = None
    learned: _Learned | None = None
    window_began_at: datetime | None = None
    served_in_window: int = 0
    served_before: float = 0.0

    def rate(self, now: datetime) -> Rate | None:
        """What holds now: the smaller of documented and learned; None is no limit."""
        if self.learned is None:
            return self.documented
        learned = self.learned.per_second(now)
        if self.documented is not None:
            return Rate(min(learned, self.documented.per_second), 1)
        return Rate(learned, 1)

    def reserve_seconds(self, now: datetime) -> float:
        """Take the next turn; how long until it comes."""
        rate = self.rate(now)
        if rate is None:
            return 0.0
        slot_seconds = 1 / rate.per_second
        # A rest earns at most the burst, and a new bucket has it; the turn taken now is one of it.
        due_seconds = -(rate.burst - 1) * slot_seconds
        if self.free_at is not None:
            due_seconds = max(due_seconds, (self.free_at - now).total_seconds())
        self.free_at = now + timedelta(seconds=due_seconds + slot_seconds)
        return max(due_seconds, 0.0)

    def count_served(self, now: datetime) -> None:
        if self.window_began_at is None:
            self.window_began_at = now
        elif (now - self.window_began_at).total_seconds() >= _WINDOW_SECONDS:
            self.served_before = self.served_per_second(now)
            self.window_began_at, self.served_in_window = now, 0
        self.served_in_window += 1

    def served_per_second(self, now: datetime) -> float:
        """Answered calls a second, over the present window and the one before it."""
        if self.window_began_at is None:
            return 0.0
        elapsed_seconds = (now - self.window_began_at).total_seconds()
        return max(
            self.served_before, self.served_in_window / max(elapsed_seconds, _SETTLE_SECONDS)
        )

    def cut(self, now: datetime) -> None:
        # WHY: calls in flight at one refusal are refused together; they are one piece of news.
        if self.learned is not None:
            quiet_seconds = (now - self.learned.cut_at).total_seconds()
            if quiet_seconds < _SETTLE_SECONDS:
                return
        current = self.rate(now)
        served = self.served_per_second(now)
        too_fast = served if current is None else min(current.per_second, max(served, 1.0))
        self.learned = _Learned(max(too_fast, _SLOWEST_PER_SECOND), now)
        self.free_at = max(self.free_at or now, now)


class AdaptivePace:
    """Implements `rootsteward.ports.pace.Pace`; safe for threads.

    An API with a documented rate starts at that rate. Any other starts without a limit. Every
    refusal cuts the rate to 85 % of what was really served, and it grows back along a cubic curve,
    slowly near the rate that was too much. Turns are handed out first come, first served.

    LIMIT: the pace is per process. Workers in several processes find their shares by being
    refused.
    """

    def __init__(self, clock: Clock, rates: Mapping[str, Rate] = DOCUMENTED) -> None:
        self._clock = clock
        self._rates = rates
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()

    @contextmanager
    def turn(self, api: str) -> Iterator[None]:
        """Wait for a turn; leaving without an error counts as an answered call."""
        with self._lock:
            wait_seconds = self._bucket(api).reserve_seconds(self._clock.now())
        self._clock.sleep(wait_seconds)
        yield
        with self._lock:
            self._bucket(api).count_served(self._clock.now())

    def throttled(self, api: str) -> None:
        """Slow this API down."""
        with self._lock:
            self._bucket(api).cut(self._clock.now())

    def per_second(self, api: str) -> float | None:
        """The rate that holds now; None when there is no limit yet."""
        with self._lock:
            rate = self._bucket(api).rate(self._clock.now())
        return None if rate is None else rate.per_second

    def _bucket(self, api: str) -> _Bucket:
        bucket = self._buckets.get(api)
        if bucket is None:
            bucket = self._buckets[api] = _Bucket(self._rates.get(api))
        return bucket
