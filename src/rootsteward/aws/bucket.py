"""The turns of one API: a token bucket whose rate learns from refusals. Pure; told the time."""

from dataclasses import dataclass
from datetime import datetime

from rootsteward.aws.rates import Rate

# WHY not without a limit: hundreds of calls at once would mostly be refused, and their refusals
# would come before there is anything to learn a rate from.
_FIRST = Rate(50, 10)
_FASTER = 2
# SOURCE: RFC 9438 (CUBIC): the shape of the way back up, with a gentler cut, because a refused
# call costs a repetition and not a lost packet's round trip. WHY the same time at every rate, and
# these values: tests/unit/aws/test_bucket.py tries them from 10 to 1,000 calls a second.
_CUT = 0.85
_BACK_SECONDS = 1.5
_SLOWEST_PER_SECOND = 0.5
# Served so much of the rate that held, it was the rate that was too much.
_USED_UP = 0.9
_WINDOW_SECONDS = 1.0
_SETTLE_SECONDS = 0.5
# Turns of a learned rate that came due while nobody could be woken are made up for.
_LATE_SECONDS = 0.1
# Clocks tell microseconds; nobody can wait for less.
_AT_ONCE_SECONDS = 1e-6


@dataclass
class _Learned:
    """What refusals taught: the rate that was too much, and when it was cut.

    `at_most` is the rate that held when it was cut; what was served then can be no more.
    """

    too_fast_per_second: float
    at_most_per_second: float
    cut_at: datetime

    def per_second(self, now: datetime) -> float:
        since_seconds = (now - self.cut_at).total_seconds()
        way_back = (since_seconds - _BACK_SECONDS) / _BACK_SECONDS
        grown = self.too_fast_per_second * (1 + (1 - _CUT) * way_back**3)
        return max(grown, _SLOWEST_PER_SECOND)

    def settles(self, now: datetime) -> bool:
        """Whether answers to calls from before the cut still come in."""
        return (now - self.cut_at).total_seconds() < _SETTLE_SECONDS


class Bucket:
    """Turns of one API. Not safe for threads.

    INVARIANT: a turn is due by the rate that holds when somebody looks. A turn promised at a slow
    moment would stay slow after the rate has come back, and with hundreds of callers that is a
    queue of minutes.
    """

    def __init__(self, documented: Rate | None) -> None:
        self._documented = documented
        self._learned: _Learned | None = None
        self._turns = float((documented or _FIRST).burst)
        self._fastest_per_second = 0.0
        self._filled_at: datetime | None = None
        self._window_began_at: datetime | None = None
        self._served_in_window = 0
        self._served_before_per_second = 0.0

    def rate(self, now: datetime) -> Rate:
        """What holds now: the smaller of documented and learned.

        Where nothing is documented and nothing was refused yet: twice what was ever served.
        """
        if self._learned is None:
            return self._documented or self._unrefused(now)
        learned = self._learned.per_second(now)
        if self._documented is not None:
            learned = min(learned, self._documented.per_second)
        return _allowing_for_delay(learned)

    def _unrefused(self, now: datetime) -> Rate:
        served = self._served_per_second(now)
        self._fastest_per_second = max(self._fastest_per_second, served)
        faster = _FASTER * self._fastest_per_second
        return _FIRST if faster < _FIRST.per_second else _allowing_for_delay(faster)

    def wait_seconds(self, now: datetime) -> float:
        """How long until a turn is due, if nothing changes; 0 when one is."""
        rate = self.rate(now)
        if self._filled_at is not None:
            passed_seconds = max((now - self._filled_at).total_seconds(), 0.0)
            self._turns += passed_seconds * rate.per_second
        self._turns = min(self._turns, rate.burst)
        self._filled_at = now
        wait_seconds = (1 - self._turns) / rate.per_second
        return wait_seconds if wait_seconds > _AT_ONCE_SECONDS else 0.0

    def take(self) -> None:
        """Spend the turn that is due."""
        self._turns = max(self._turns - 1, 0.0)

    def count_served(self, now: datetime) -> None:
        """Note an answered call."""
        if self._window_began_at is None:
            self._window_began_at = now
        elif (now - self._window_began_at).total_seconds() >= _WINDOW_SECONDS:
            self._served_before_per_second = self._served_per_second(now)
            self._window_began_at, self._served_in_window = now, 0
        self._served_in_window += 1
        if self._learned is not None and self._learned.settles(now):
            self._learn_better(self._learned, now)

    def cut(self, now: datetime) -> None:
        """Note a refusal for haste."""
        # WHY: calls in flight at one refusal are refused together; they are one piece of news.
        if self._learned is not None and self._learned.settles(now):
            return
        current, served = self.rate(now).per_second, self._served_per_second(now)
        too_fast = current if served >= _USED_UP * current else min(current, max(served, 1.0))
        self._learned = _Learned(max(too_fast, _SLOWEST_PER_SECOND), current, now)
        self._turns, self._filled_at = 0.0, now

    def _learn_better(self, learned: _Learned, now: datetime) -> None:
        """The first refusal of many calls comes before most answers: count those too."""
        served = min(self._served_per_second(now), learned.at_most_per_second)
        learned.too_fast_per_second = max(learned.too_fast_per_second, served)

    def _served_per_second(self, now: datetime) -> float:
        """Answered calls a second, over the present window and the one before it."""
        if self._window_began_at is None:
            return 0.0
        elapsed_seconds = (now - self._window_began_at).total_seconds()
        return max(
            self._served_before_per_second,
            self._served_in_window / max(elapsed_seconds, _SETTLE_SECONDS),
        )


def _allowing_for_delay(per_second: float) -> Rate:
    return Rate(per_second, 1 + per_second * _LATE_SECONDS)
