"""Kill -9 at every write of a campaign, before and after it; then go on: the same final world.

`make crash` tries every write. Otherwise as many, spread evenly, as a test run has time for.
"""

import os
from collections.abc import Iterator

import pytest

from crash.campaign.kit import Kit, crash_kit, moments, scenario
from rootsteward.cli.exit_codes import ExitCode

ACCOUNTS = 6
FEW = 8


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with crash_kit(
        tmp_path_factory.mktemp("crash"), scenario(ACCOUNTS), "delete-credentials", "--all"
    ) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(3 * 3600)
def test_a_campaign_that_dies_at_any_write_ends_in_the_same_world(kit: Kit) -> None:
    calm = kit.new_trial("calm")
    ended = kit.apply(calm, "--in-flight", "2")
    assert ended.code == ExitCode.REFUSED, kit.said(calm)
    truth = kit.truth(calm)
    assert sorted(set(truth.outcomes.values())) == ["clean", "deleted", "denied"]
    assert kit.problems(calm, truth) == []

    most = int(os.environ.get("CRASH_WRITES", FEW))
    killed = 0
    for number, when in moments(ended.writes, most):
        folder = kit.new_trial(f"{number}-{when}")
        killed += kit.apply(folder, "--in-flight", "2", at=number, when=when).killed
        again = kit.apply(folder, "--in-flight", "2")
        assert again.code == ExitCode.REFUSED, (number, when, kit.said(folder))
        assert kit.problems(folder, truth) == [], (number, when, kit.said(folder))
    # WHY not all: how often processes say that they live, and look for work, is up to the clock.
    assert killed >= 0.8 * min(most, 2 * ended.writes)
    print(f"{killed} kills at {ended.writes} writes")  # noqa: T201 (the figure of `make crash`)


@pytest.mark.slow
def test_applying_a_finished_plan_again_does_nothing(kit: Kit) -> None:
    folder = kit.new_trial("twice")
    kit.apply(folder)
    truth = kit.truth(folder)
    before = sum(len(events) for events in kit.sandbox.world.trail._events.values())
    again = kit.apply(folder)
    assert again.code == ExitCode.REFUSED
    assert "its campaign is finished" in kit.said(folder)
    assert kit.truth(folder) == truth
    calls = [
        event.call.operation
        for events in kit.sandbox.world.trail._events.values()
        for event in events
    ]
    assert "AssumeRoot" not in calls[before:]
    assert kit.problems(folder, truth) == []
