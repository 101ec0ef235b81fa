"""Kill -9 at random moments, while AWS throttles, loses answers, ends sessions and shows the past.

`make crash` kills 200 times in runs of 300 accounts; a test run kills a few times in fewer.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from crash.campaign.kit import Kit, crash_kit, scenario
from rootsteward.cli.exit_codes import ExitCode

ACCOUNTS = int(os.environ.get("CRASH_ACCOUNTS", "40"))
KILLS = int(os.environ.get("CRASH_KILLS", "8"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
# A run is killed so often, and then left alone to end.
KILLS_IN_A_RUN = 5

FAULTS = (
    {"kind": "throttle", "probability": 0.02},
    {"kind": "reset", "work_done": True, "service": "iam", "probability": 0.02},
    {"kind": "server_error", "work_done": True, "service": "iam", "probability": 0.01},
    {"kind": "expired_session", "service": "iam", "probability": 0.005},
    {"kind": "stale_reads", "service": "iam", "seconds": 0.3, "probability": 0.05},
)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with crash_kit(tmp_path, scenario(ACCOUNTS), "delete-credentials", "--all") as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(3 * 3600)
def test_a_campaign_that_dies_at_random_moments_under_faults_ends_in_the_same_world(
    kit: Kit,
) -> None:
    random = Random(SEED)  # noqa: S311 (moments that are the same for the same seed)
    calm = kit.new_trial("calm")
    alone = kit.apply(calm)
    assert alone.code == ExitCode.REFUSED, kit.said(calm)
    truth = kit.truth(calm)

    killed = runs = 0
    while killed < KILLS:
        runs += 1
        folder = kit.new_trial(f"run-{runs}")
        kit.sandbox.set_faults(*FAULTS, seed=random.randrange(10**6))
        of_run = 0
        while of_run < min(KILLS_IN_A_RUN, KILLS - killed):
            ended = kit.apply(folder, seconds=random.uniform(0.2, 1.2) * alone.seconds)
            if not ended.killed:
                break
            of_run += 1
        ended = kit.apply(folder)
        assert ended.code == ExitCode.REFUSED, (runs, kit.said(folder))
        assert kit.problems(folder, truth) == [], (runs, kit.said(folder))
        killed += of_run
    print(f"{killed} kills in {runs} runs of {ACCOUNTS} accounts")  # noqa: T201 (the figure)
