"""Faults, rates and realism that a scenario brings with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rootsteward.sandbox.behaviour import NEEDS_SECONDS, FaultKind
from rootsteward.sandbox.scenarios.refusal import ScenarioError
from rootsteward.sandbox.served import served_sandbox
from rootsteward.sandbox.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

WORLD = """\
regions: [us-east-1]
organization:
  management:
    id: "111111111111"
    name: management
    email: management@example.com
    users:
      - name: administrator
        managed_policies: [AdministratorAccess]
        access_keys: [{profile: management}]
throttle: true
realistic: true
"""
FAULTS = """\
faults:
  seed: 5
  rules:
    - {kind: throttle, service: sts, times: 1}
    - kind: latency
      seconds: 0.01
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "world.yaml"
    path.write_text(text)
    return path


def test_the_faults_of_a_scenario_hold_from_the_start_and_after_a_reset(tmp_path: Path) -> None:
    with served_sandbox(written(tmp_path, WORLD + FAULTS)) as served:
        sts = served.session().client("sts", config=Config(retries={"total_max_attempts": 1}))
        for _ in range(2):
            with pytest.raises(ClientError, match="Throttling"):
                sts.get_caller_identity()
            assert sts.get_caller_identity()["Account"] == "111111111111"
            served.reset()
        behaviour = served.world.behaviour
        assert (behaviour.throttle, behaviour.realistic, behaviour.faults.seed) == (True, True, 5)
        sts.close()


def test_every_kind_of_fault_can_stand_in_a_scenario(tmp_path: Path) -> None:
    kinds = get_args(FaultKind)
    lines = [
        f"    - {{kind: {kind}, seconds: 1}}"
        if kind in NEEDS_SECONDS
        else f"    - {{kind: {kind}}}"
        for kind in kinds
    ]
    text = WORLD + "faults:\n  rules:\n" + "\n".join(lines) + "\n"
    stage = Stage.of_scenario(written(tmp_path, text))
    assert [rule.kind for rule in stage.sandbox.faults.rules.rules] == list(kinds)


@pytest.mark.parametrize(
    ("lines", "line", "field", "expected"),
    [
        ("    - {kind: thortle}", 15, "faults.rules[0].kind", "`throttle`"),
        ("    - kind: latency", 15, "faults.rules[0].seconds", "seconds"),
        ("    - {kind: throttle, time: 3}", 15, "faults.rules[0].time", "`times`"),
        ("    - {kind: throttle, probability: 7}", 15, "faults.rules[0].probability", "above 0"),
    ],
)
def test_a_wrong_rule_is_refused_with_line_and_field(
    tmp_path: Path, lines: str, line: int, field: str, expected: str
) -> None:
    text = f"{WORLD}faults:\n  rules:\n{lines}\n"
    with pytest.raises(ScenarioError) as refused:
        Stage.of_scenario(written(tmp_path, text))
    problem = refused.value.problems[0]
    assert (problem.line, problem.field) == (line, field)
    assert expected in problem.expected
