"""A sample of published SCPs: repaired and proved, or left alone with a reason."""

from pathlib import Path

import pytest

from rootsteward.domain.authorization import (
    AccessRequest,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.evaluate import compile_policies
from rootsteward.policy.prove.chain import FULL_ACCESS
from rootsteward.policy.prove.proof import Proved
from rootsteward.policy.repair.plan import plan_repairs
from rootsteward.policy.repair.repair import NoRepair, Repair
from rootsteward.policy.repair.requests import required_sets

EVERY = 5


def passes(levels: tuple[Level, ...]) -> bool:
    engine = compile_policies(PolicySet(scp_levels=levels))
    context = {"aws:AssumedRoot": "true", "aws:RequestedRegion": "us-east-1"}
    return all(
        engine.decide(
            AccessRequest("arn:aws:iam::111122223333:root", action, resource, context)
        ).decision
        is Decision.ALLOWED
        for task in TaskPolicy
        for requests in required_sets(task)
        for action in requests.actions or ()
        for resource in requests.resources or ()
    )


@pytest.mark.parametrize("offset", range(EVERY))
def test_a_published_scp_is_repaired_and_proved_or_left_with_a_reason(
    shared_data: Path, offset: int
) -> None:
    wanted = sorted((shared_data / "scps").glob("scp-*.json"))[offset :: EVERY * 3]
    repaired = 0
    for path in wanted:
        named = NamedDocument(path.name, path.read_text(encoding="utf-8"))
        plan = plan_repairs((Level("r-1", (FULL_ACCESS, named)),))
        (chain,) = plan.chains
        for outcome in plan.outcomes:
            if isinstance(outcome, NoRepair):
                assert outcome.reason
                continue
            assert isinstance(outcome, Repair)
            assert isinstance(outcome.proof, Proved), path.name
            assert isinstance(chain.proof, Proved), path.name
            assert chain.blocked_after == (), path.name
            assert passes(chain.levels_after), path.name
            assert not plan_repairs(chain.levels_after).outcomes, path.name
            repaired += 1
    assert repaired
