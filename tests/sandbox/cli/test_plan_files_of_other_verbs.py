"""Plan files of the verbs that are not about accounts: `enable` and `scp repair`."""

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.task_policy import RootFeature
from sandbox.cli.conftest import Tool
from sandbox.cli.served import Served


@pytest.mark.slow
def test_switching_on_is_planned_and_applied(tool: Tool, stage: Served) -> None:
    for feature in RootFeature:
        stage.world.organization.root_features.disable(feature)
    planned = tool.run("enable", "--plan", "on.json")
    assert planned.code is ExitCode.DONE
    assert stage.writes() == []
    applied = tool.run("apply", "on.json", "--yes", "--format", "json")
    assert applied.code is ExitCode.DONE
    assert [row["outcome"] for row in applied.json()] == ["done"]
    assert all(map(stage.world.organization.root_features.is_on, RootFeature))


@pytest.mark.slow
def test_a_repair_is_planned_reviewed_as_a_diff_and_applied_once(tool: Tool, stage: Served) -> None:
    policies = stage.world.organization.policies
    guilty = policies.named("SERVICE_CONTROL_POLICY", "DenyRoot")
    assert guilty is not None
    before = policies.policies[guilty].content
    planned = tool.run("scp", "repair", "--task", "audit", "--plan", "repair.json")
    assert planned.code is ExitCode.DONE
    shown = tool.run("plan", "show", "repair.json")
    assert "+" in shown.out
    assert "aws:AssumedRoot" in shown.out
    assert stage.writes() == []
    applied = tool.run("apply", "repair.json", "--yes", "--format", "json")
    assert applied.code is ExitCode.DONE
    (row,) = applied.json()
    assert (row["name"], row["outcome"]) == ("DenyRoot", "done")
    assert row["backup"]
    writes = len(stage.writes())
    again = tool.run("apply", "repair.json", "--yes")
    assert "begun before" in again.out
    assert len(stage.writes()) == writes
    assert policies.policies[guilty].content != before


def test_a_plan_is_not_made_from_a_snapshot(tool: Tool, stage: Served) -> None:
    tool.run("snapshot", "org.json")
    refused = tool.run("scp", "repair", "--snapshot", "org.json", "--plan", "repair.json")
    assert refused.code is ExitCode.BAD_USAGE
    assert "--plan cannot be used with --snapshot" in refused.err
    assert stage.writes() == []
