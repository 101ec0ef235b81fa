import threading
from typing import TYPE_CHECKING

import pytest

from rootsteward.aws.pace import AdaptivePace
from rootsteward.aws.rates import DOCUMENTED, Rate
from rootsteward.sandbox.throttle import ORGANIZATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootsteward.ports.pace import Pace
    from unit.aws.conftest import SteppedClock

    def _is_a_pace(pace: AdaptivePace) -> Pace:
        return pace


API = "organizations:DescribePolicy"


def call(pace: AdaptivePace, times: int, api: str = API) -> None:
    for _ in range(times):
        with pace.turn(api):
            pass


def test_a_burst_goes_at_once_and_then_the_documented_rate_holds(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock, {API: Rate(per_second=5, burst=8)})
    call(pace, 8)
    assert clock.passed_seconds == 0
    call(pace, 50)
    assert clock.passed_seconds == pytest.approx(10)


def test_a_rest_earns_the_burst_again_and_no_more(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock, {API: Rate(per_second=5, burst=8)})
    call(pace, 8)
    clock.sleep(3600)
    before = clock.passed_seconds
    call(pace, 9)
    assert clock.passed_seconds - before == pytest.approx(0.2)


def test_an_api_without_a_documented_rate_is_asked_ever_faster(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock)
    call(pace, 10, "sts:AssumeRoot")
    assert clock.passed_seconds == 0
    assert pace.per_second("sts:AssumeRoot") == 50
    call(pace, 10_000, "sts:AssumeRoot")
    assert clock.passed_seconds < 10
    assert pace.per_second("sts:AssumeRoot") > 1_000


def test_each_api_has_its_own_turns(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock, {API: Rate(1, 1)})
    call(pace, 3)
    before = clock.passed_seconds
    call(pace, 10, "iam@222222222222")
    assert clock.passed_seconds == before


def test_a_refusal_cuts_to_eighty_five_percent_of_what_was_served(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock)
    for _ in range(100):
        call(pace, 1, "sts:AssumeRoot")
        clock.sleep(0.01)
    pace.throttled("sts:AssumeRoot")
    assert pace.per_second("sts:AssumeRoot") == pytest.approx(85, rel=0.02)


def test_refusals_of_one_moment_are_one_piece_of_news(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock, {API: Rate(100, 1)})
    call(pace, 200)
    pace.throttled(API)
    once = pace.per_second(API)
    for _ in range(50):
        pace.throttled(API)
    assert pace.per_second(API) == once


def test_the_rate_comes_back_and_stops_at_the_documented_one(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock, {API: Rate(10, 1)})
    call(pace, 20)
    pace.throttled(API)
    assert pace.per_second(API) < 9
    clock.sleep(60)
    assert pace.per_second(API) == 10


def test_the_rate_never_falls_to_a_standstill(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock, {API: Rate(1, 1)})
    for _ in range(100):
        pace.throttled(API)
        clock.sleep(0.6)
    assert pace.per_second(API) >= 0.5


class TokenBucketService:
    """A service that refuses what exceeds its bucket, and charges nothing for a refusal."""

    def __init__(self, clock: "SteppedClock", rate: Rate) -> None:
        self._clock, self._rate = clock, rate
        self._tokens, self._seen_seconds = float(rate.burst), 0.0

    def accepts(self) -> bool:
        now = self._clock.passed_seconds
        earned = (now - self._seen_seconds) * self._rate.per_second
        self._tokens, self._seen_seconds = min(self._rate.burst, self._tokens + earned), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def test_an_unknown_limit_is_found_and_used_nearly_in_full(clock: "SteppedClock") -> None:
    service = TokenBucketService(clock, Rate(100, 100))
    pace = AdaptivePace(clock)
    served = refused = 0
    while served < 10_000:
        clock.sleep(0.0005)  # each call takes a little time, so an unlimited pace is 2,000 a second
        try:
            with pace.turn("sts:AssumeRoot"):
                if not service.accepts():
                    raise PermissionError  # noqa: TRY301 (the service's refusal)
            served += 1
        except PermissionError:
            refused += 1
            pace.throttled("sts:AssumeRoot")
    assert clock.passed_seconds < 1.1 * 10_000 / 100
    assert refused < 1000


def test_turns_are_handed_out_once_each_to_many_threads(clock: "SteppedClock") -> None:
    pace = AdaptivePace(clock, {API: Rate(10, 1)})
    workers = [threading.Thread(target=call, args=(pace, 25)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # 100 turns at 10 a second: the last one is due 9.9 seconds after the first.
    assert clock.passed_seconds == pytest.approx(9.9, abs=0.01)


def test_the_documented_rates_are_those_of_the_organizations_quota_page() -> None:
    expected: Mapping[str, tuple[float, int]] = {
        "organizations:ListAccounts": (8, 12),
        "organizations:ListAccountsForParent": (5, 8),
        "organizations:ListOrganizationalUnitsForParent": (5, 8),
        "organizations:ListRoots": (1, 2),
        "organizations:DescribeOrganization": (1, 2),
        "organizations:DescribePolicy": (2, 2),
        "organizations:ListPolicies": (5, 8),
        "organizations:ListTargetsForPolicy": (5, 8),
        "organizations:UpdatePolicy": (2, 3),
        "organizations:ListAWSServiceAccessForOrganization": (1, 3),
        "organizations:ListDelegatedAdministrators": (5, 8),
        "cloudtrail:LookupEvents": (2, 2),
    }
    for api, (per_second, burst) in expected.items():
        assert DOCUMENTED[api] == Rate(per_second, burst)


def test_the_rates_are_those_that_the_sandbox_keeps() -> None:
    for api, rate in DOCUMENTED.items():
        service, _, operation = api.partition(":")
        if service == "organizations":
            limit = ORGANIZATIONS[operation].account
            assert (rate.per_second, rate.burst) == (limit.per_second, limit.burst), api
