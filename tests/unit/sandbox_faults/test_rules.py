"""Which rules strike which calls, and what they make of them."""

from __future__ import annotations

from typing import Any

import pytest

from rootsteward.domain.errors import InputError
from rootsteward.sandbox.behaviour import FaultRule, FaultRules
from rootsteward.sandbox.faults import NO_STRIKE, Faults, Reset, Subject
from rootsteward.sandbox.stage import fault_rules

CALL = Subject(
    service="sts",
    operation="AssumeRoot",
    account="111111111111",
    access_key="AKIAEXAMPLE",
    region="us-east-1",
)
LIST = Subject(service="iam", operation="ListAccessKeys", is_read=True, has_pages=True)


def faults(*rules: dict[str, Any], seed: int = 1) -> Faults:
    return Faults(fault_rules(rules, seed=seed))


@pytest.mark.parametrize(
    ("glob", "strikes"),
    [
        ({"service": "sts"}, True),
        ({"service": "STS", "operation": "assume*"}, True),
        ({"operation": "Assume?oot"}, True),
        ({"operation": "AssumeR"}, False),
        ({"account": "1111*"}, True),
        ({"account": "222222222222"}, False),
        ({"access_key": "AKIA*"}, True),
        ({"access_key": "ASIA*"}, False),
        ({"region": "us-*"}, True),
        ({"region": "eu-*", "service": "sts"}, False),
    ],
)
def test_a_rule_strikes_what_all_its_globs_match(glob: dict[str, str], strikes: bool) -> None:  # noqa: FBT001 (a test's parameter)
    struck = faults({"kind": "throttle", **glob}).strike(CALL)
    assert (struck is not NO_STRIKE) is strikes


def test_a_rule_ends_after_its_times() -> None:
    rules = faults({"kind": "throttle", "times": 2})
    assert [rules.strike(CALL) is NO_STRIKE for _ in range(4)] == [False, False, True, True]
    assert rules.counts() == [{"struck": 2, "left": 0}]


def test_the_same_seed_strikes_the_same_calls() -> None:
    def sequence(seed: int) -> list[bool]:
        rules = faults({"kind": "throttle", "probability": 0.3}, seed=seed)
        return [rules.strike(CALL) is NO_STRIKE for _ in range(60)]

    assert sequence(7) == sequence(7)
    assert sequence(7) != sequence(8)
    assert 20 < sum(sequence(7)) < 60


def test_rules_draw_apart_so_that_one_does_not_disturb_another() -> None:
    alone = faults({"kind": "throttle", "probability": 0.5})
    beside = faults(
        {"kind": "throttle", "probability": 0.5},
        {"kind": "latency", "seconds": 1, "probability": 0.5},
    )
    for _ in range(30):
        assert ("throttle" in alone.strike(CALL).kinds) is ("throttle" in beside.strike(CALL).kinds)


def test_jitter_lengthens_a_wait_by_at_most_itself() -> None:
    rules = faults({"kind": "latency", "seconds": 2, "jitter_seconds": 0.5})
    waits = [rules.strike(CALL).delay_seconds for _ in range(50)]
    assert all(2 <= wait <= 2.5 for wait in waits)
    assert len(set(waits)) > 10


def test_waits_add_up() -> None:
    rules = faults({"kind": "latency", "seconds": 1}, {"kind": "slow_pages", "seconds": 2})
    assert rules.strike(LIST).delay_seconds == 3
    assert rules.strike(CALL).delay_seconds == 1


@pytest.mark.parametrize("kind", ["slow_pages", "empty_pages", "expired_session", "stale_reads"])
def test_a_fault_that_cannot_happen_to_a_call_does_not_count_it(kind: str) -> None:
    seconds = {"seconds": 5} if kind in {"slow_pages", "stale_reads"} else {}
    rules = faults({"kind": kind, "times": 1, **seconds})
    assert rules.strike(CALL) is NO_STRIKE
    assert rules.counts() == [{"struck": 0, "left": 1}]


def test_a_reset_before_the_work_wins_over_one_after_it() -> None:
    rules = faults({"kind": "reset", "work_done": True}, {"kind": "reset"})
    assert rules.strike(CALL).reset is Reset.BEFORE_WORK
    assert faults({"kind": "reset", "work_done": True}).strike(CALL).reset is Reset.AFTER_WORK


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"kind": "thortle"}, "rules[0].kind"),
        ({}, "rules[0].kind"),
        ({"kind": "latency"}, "rules[0].seconds"),
        ({"kind": "throttle", "seconds": 1}, "rules[0].seconds"),
        ({"kind": "latency", "seconds": -1}, "rules[0].seconds"),
        ({"kind": "clock_skew", "seconds": 100_000}, "rules[0].seconds"),
        ({"kind": "throttle", "times": 0}, "rules[0].times"),
        ({"kind": "throttle", "probability": 1.5}, "rules[0].probability"),
        ({"kind": "throttle", "servce": "sts"}, "rules[0].servce"),
        ({"kind": "throttle", "jitter_seconds": 1}, "rules[0].jitter_seconds"),
        ({"kind": "latency", "seconds": 1, "work_done": True}, "rules[0].work_done"),
        ({"kind": "throttle", "status": 500}, "rules[0].status"),
        ({"kind": "server_error", "status": 404}, "rules[0].status"),
        ({"kind": "throttle", "service": ""}, "rules[0].service"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_field(rule: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        fault_rules((rule,))
    assert f"`{field}`" in refused.value.message
    assert refused.value.help.startswith("expected ")


def test_a_skew_may_be_to_either_side() -> None:
    rules = faults({"kind": "clock_skew", "seconds": -600}, {"kind": "clock_skew", "seconds": 100})
    assert rules.strike(CALL).skew_seconds == -500


def test_rules_are_the_same_after_json() -> None:
    rules = FaultRules(seed=3, rules=[FaultRule(kind="latency", seconds=0.5, service="s3")])
    assert FaultRules.model_validate_json(rules.model_dump_json()) == rules
