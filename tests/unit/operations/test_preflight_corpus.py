"""Real control policies go through preflight; nothing of them is kept in the project."""

from pathlib import Path

from fake_gateway import DEV, NO_RCPS, FakeGateway, a_policy, control_policies
from rootsteward.domain.authorization import Decision
from rootsteward.operations import preflight
from rootsteward.operations.controls import Controls


def test_every_real_scp_that_concerns_root_gets_a_verdict_and_a_culprit(shared_data: Path) -> None:
    tree = FakeGateway().tree
    texts = {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((shared_data / "scps").glob("scp-*.json"))
    }
    concerning_root = {name: text for name, text in texts.items() if ":root" in text}
    assert len(concerning_root) > 50
    for name, text in concerning_root.items():
        scps = control_policies({"r-ab12": [a_policy(name, text)]}, tree)
        found = preflight.plan(Controls(tree, scps, NO_RCPS), [DEV]).accounts[0]
        for task in found.tasks:
            for action, answer in task.blocked:
                assert {by.policy for by in answer.by} == {name}, (name, action)
                if answer.decision is Decision.UNDETERMINED:
                    assert answer.by[0].line is not None, name
