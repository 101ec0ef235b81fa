from __future__ import annotations

from datetime import timedelta

import pytest

from rootsteward.domain.errors import InputError
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.world.history import History
from sandbox_bench import START, Clock


def test_a_clock_runs_with_real_time_until_it_is_told_otherwise() -> None:
    real = Clock()
    clock = SandboxClock(real)
    real.forward(seconds=5)
    assert clock() == real.at
    clock.advance(60)
    real.forward(seconds=5)
    assert clock() == real.at + timedelta(seconds=60)
    assert clock.real() == real.at
    assert clock.ahead_seconds == 60


def test_a_frozen_clock_moves_only_by_hand_and_goes_on_from_there() -> None:
    real = Clock()
    clock = SandboxClock(real)
    clock.freeze()
    real.forward(hours=1)
    assert clock() == START
    clock.advance(30)
    assert clock() == START + timedelta(seconds=30)
    clock.resume()
    real.forward(seconds=1)
    assert clock() == START + timedelta(seconds=31)
    clock.reset()
    assert clock() == real.at


@pytest.mark.parametrize("seconds", [-1, 1e12, float("nan")])
def test_time_does_not_run_backwards(seconds: float) -> None:
    with pytest.raises(InputError):
        SandboxClock().advance(seconds)


def test_a_history_knows_what_held_at_a_moment() -> None:
    history: History[str] = History()
    history.note(START, "first", 100)
    history.note(START + timedelta(seconds=10), "second", 100)
    assert history.as_of(START - timedelta(seconds=1)) == "first"
    assert history.as_of(START) == "second"
    assert history.as_of(START + timedelta(seconds=9)) == "second"
    assert history.as_of(START + timedelta(seconds=10)) is None


def test_a_history_forgets_what_nobody_can_ask_for() -> None:
    history: History[str] = History()
    history.note(START, "first", 5)
    history.note(START + timedelta(seconds=10), "second", 5)
    assert history.as_of(START - timedelta(seconds=1)) == "second"
