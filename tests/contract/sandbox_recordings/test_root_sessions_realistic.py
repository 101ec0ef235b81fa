"""The recording root_sessions with realistic delays, call by call at the recorded times.

What the plain replay cannot hold (`DELAYED` there) must hold here, and everything else still.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from contract.sandbox_recordings.test_root_sessions import (
    DELAYED,
    UNRECORDED,
    Replay,
    start,
    troubles,
)
from rootsteward.sandbox.behaviour import Behaviour
from rootsteward.sandbox.clock import SandboxClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Recording = Callable[[str], list[dict[str, Any]]]


def moment(case: Mapping[str, Any]) -> datetime:
    return datetime.strptime(case["at"], "%H:%M:%S")  # noqa: DTZ007 (only differences count)


def replayed(cases: list[dict[str, Any]], *, realistic: bool) -> list[str]:
    """Where the answers differ from the recorded ones, nothing left out."""
    replay, clock = start(), SandboxClock()
    clock.freeze()
    replay.bench.world.now = clock
    replay.bench.sandbox.behave(Behaviour(realistic=realistic))
    found, before = [], moment(cases[0])
    for case in cases:
        clock.advance((moment(case) - before).total_seconds())
        before = moment(case)
        found += answer_troubles(replay, case)
    return found


def answer_troubles(replay: Replay, case: Mapping[str, Any]) -> list[str]:
    for step in UNRECORDED.get(case["case"], []):
        code, message, _ = replay.step(step, replay.bench.callers["management"].access_key_id)
        assert code == "Success", f"before {case['case']}: {message}"
    step = (case["service"], case["operation"], case["input"])
    answer = replay.step(step, replay.key_for(case))
    # WHY another name: `troubles` knows by its name which case came late.
    recorded = {**case, "case": "as recorded"}
    return [f"{case['case']}: {trouble}" for trouble in troubles(recorded, *answer)]


def test_every_case_is_answered_as_recorded_with_realistic_delays(recording: Recording) -> None:
    cases = [case for case in recording("root_sessions") if "operation" in case]
    assert replayed(cases, realistic=True) == []


def test_without_them_exactly_the_delayed_cases_differ(recording: Recording) -> None:
    cases = [case for case in recording("root_sessions") if "operation" in case]
    differing = {trouble.partition(":")[0] for trouble in replayed(cases, realistic=False)}
    assert differing == DELAYED.keys()
