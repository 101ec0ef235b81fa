"""Hundreds of callers share one API, in simulated time: nothing waits, every run is the same."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

import pytest

from rootsteward.aws.bucket import Bucket
from rootsteward.aws.rates import Rate

START = datetime(2026, 10, 5, 12, tzinfo=UTC)
LATENCY_SECONDS = 0.05


@dataclass
class Crowd:
    """Callers in front of a bucket, and behind it a service that refuses what is too much.

    One caller at a time waits for a turn, as in `AdaptivePace`; a refused one comes again after a
    backoff with full jitter, as in `Door`.
    """

    service: Callable[[float], Rate]
    calls: int
    bucket: Bucket = field(default_factory=lambda: Bucket(None))
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311 (same run every time)
    refused: int = 0
    asked_at: list[float] = field(default_factory=list)
    accepted_at: list[float] = field(default_factory=list)
    _tokens: float = 0.0
    _filled_seconds: float = 0.0

    def run(self, in_flight: int) -> float:
        """Seconds until every call was answered."""
        self._tokens = self.service(0).burst
        order = count()
        arriving = [(0.0, next(order), 1) for _ in range(in_flight)]
        to_come = iter(range(self.calls - in_flight))
        answers: list[tuple[float, int, int, bool]] = []
        gate_seconds = ended_seconds = 0.0
        while arriving or answers:
            if answers and (not arriving or answers[0][0] <= max(arriving[0][0], gate_seconds)):
                at, _, failures, accepted = heapq.heappop(answers)
                ended_seconds = at
                for again in self._answered(at, failures, to_come, accepted=accepted):
                    heapq.heappush(arriving, (again[0], next(order), again[1]))
                continue
            at, _, failures = arriving[0]
            at = max(at, gate_seconds)
            wait = self.bucket.wait_seconds(moment(at))
            gate_seconds = at + wait
            if wait == 0:
                heapq.heappop(arriving)
                self.bucket.take()
                answer = (at + LATENCY_SECONDS, next(order), failures, self._accepts(at))
                heapq.heappush(answers, answer)
        return ended_seconds

    def _answered(
        self, at: float, failures: int, to_come: Iterator[int], *, accepted: bool
    ) -> Iterator[tuple[float, int]]:
        if accepted:
            self.bucket.count_served(moment(at))
            if next(to_come, None) is not None:
                yield at, 1
            return
        self.refused += 1
        self.bucket.cut(moment(at))
        yield at + self.random.random() * min(20.0, 0.5 * 2 ** (failures - 1)), failures + 1

    def _accepts(self, at: float) -> bool:
        self.asked_at.append(at)
        rate = self.service(at)
        earned = (at - self._filled_seconds) * rate.per_second
        self._tokens = min(rate.burst, self._tokens + earned)
        self._filled_seconds = at
        if self._tokens < 1:
            return False
        self._tokens -= 1
        self.accepted_at.append(at)
        return True

    def accepted_per_second(self, begin: float, end: float) -> float:
        """How much was used of the service between two moments."""
        return sum(begin <= at < end for at in self.accepted_at) / (end - begin)

    def asked_per_second(self, begin: float, end: float) -> float:
        """How much was asked of it, refused calls included."""
        return sum(begin <= at < end for at in self.asked_at) / (end - begin)


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize("in_flight", [16, 64, 256])
@pytest.mark.parametrize("burst", [5, 20, 100])
def test_many_callers_find_an_unknown_limit_and_use_it_nearly_in_full(
    in_flight: int, burst: int
) -> None:
    crowd = Crowd(lambda _: Rate(100, burst), calls=5_000)
    seconds = crowd.run(in_flight)
    assert len(crowd.accepted_at) == 5_000
    assert seconds < 1.1 * 5_000 / 100
    assert crowd.refused < 500


@pytest.mark.parametrize(("per_second", "calls"), [(10, 600), (1_000, 30_000)])
def test_slow_and_fast_services_are_found_alike(per_second: int, calls: int) -> None:
    crowd = Crowd(lambda _: Rate(per_second, 20), calls=calls)
    assert crowd.run(in_flight=256) < 1.1 * calls / per_second
    assert crowd.refused < calls / 3


def test_a_limit_that_falls_and_rises_again_is_followed() -> None:
    crowd = Crowd(lambda at: Rate(10 if 20 <= at < 40 else 100, 20), calls=5_000)
    crowd.run(in_flight=64)
    assert crowd.accepted_per_second(5, 20) > 90
    assert crowd.accepted_per_second(25, 40) > 8.5
    assert crowd.accepted_per_second(45, 60) > 85


def test_a_turn_is_due_by_the_rate_that_holds_when_somebody_looks() -> None:
    bucket = Bucket(None)
    bucket.count_served(moment(0))
    bucket.cut(moment(0.1))
    assert bucket.wait_seconds(moment(0.1)) > 0.3
    for tenth in range(2, 6):
        for _ in range(10):
            bucket.count_served(moment(tenth / 10))
    assert bucket.wait_seconds(moment(0.6)) == 0


def test_an_api_that_was_never_refused_is_asked_at_most_twice_as_fast_as_it_answered() -> None:
    crowd = Crowd(lambda _: Rate(200, 20), calls=2_000)
    crowd.run(in_flight=256)
    for begin in range(10):
        assert crowd.asked_per_second(begin, begin + 1) < 2.2 * 200
