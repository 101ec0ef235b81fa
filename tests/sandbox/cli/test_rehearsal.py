"""`--rehearse`: the plan is carried out on a twin, and AWS is only read."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.world.credentials import AccessKeyRecord
from rootsteward.sandbox.world.queues import Queue
from sandbox.cli.conftest import Tool
from sandbox.cli.served import Served

EVERYTHING, CLEAN = AccountId(12 * "2"), AccountId(12 * "3")
ONE_KEY = AccountId(12 * "7")
SCP = "SERVICE_CONTROL_POLICY"
KEEP_KEYS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "iam:DeleteAccessKey", "Resource": "*"}],
    }
)
CHOSEN = ("--account", EVERYTHING, "--account", ONE_KEY, "--account", CLEAN)
DELETE = ("delete-credentials", *CHOSEN, "--allow-recently-used")


def test_a_sweep_is_foretold_call_by_call_and_then_comes_true(tool: Tool, stage: Served) -> None:
    told = tool.run(*DELETE, "--rehearse", "--wave", "1,100%", "--format", "json")
    assert told.code is ExitCode.DONE, told.err
    assert stage.writes() == []
    foretold = told.json()
    forecast = foretold["forecast"]
    assert {one["key"]: one["outcome"] for one in foretold["results"]} == {
        EVERYTHING: "deleted",
        ONE_KEY: "deleted",
        CLEAN: "clean",
    }
    assert forecast["regions"] == ["eu-west-1", "us-east-1"]
    assert any("ShortTermRootCredentialUsage" in line for line in forecast["findings"])
    assert forecast["duration"] == "about 1 min"

    before = len(stage.actions)
    assert tool.run("campaign", "list", "--format", "json").json() == []
    done = tool.run(*DELETE, "--yes", "--wave", "1,100%", "--format", "json")
    assert done.code is ExitCode.DONE
    destructive = Counter(a for a in stage.actions[before:] if a.startswith(("Delete", "Deact")))
    calls = dict(reversed(line.split()) for line in forecast["by_call"])
    assert sum(destructive.values()) == 5
    assert {name: int(calls[f"iam:{name}"]) for name in destructive} == destructive


def test_what_the_policies_would_refuse_is_refused_on_the_twin(tool: Tool, stage: Served) -> None:
    policies = stage.world.organization.policies
    policies.put(
        ControlPolicy("p-keepkeys", "KeepKeys", "-", "", SCP, aws_managed=False, content=KEEP_KEYS)
    )
    policies.attach("p-keepkeys", ONE_KEY)
    told = tool.run("delete-credentials", "--account", ONE_KEY, "--rehearse", "--format", "json")
    assert told.code is ExitCode.REFUSED
    (result,) = told.json()["results"]
    assert result["outcome"] == "denied"
    assert "KeepKeys" in str(result["denied_by"])
    assert stage.writes() == []


def test_a_plan_is_rehearsed_before_it_is_approved_and_never_in_place_of_it(
    tool: Tool, stage: Served
) -> None:
    Path("rootsteward.toml").write_text("[plans]\nrequire_approval = true\n", "utf-8")
    assert tool.run(*DELETE, "--plan", "plan.json").code is ExitCode.DONE
    told = tool.run("apply", "plan.json", "--rehearse")
    assert told.code is ExitCode.DONE, told.err
    assert "nothing in AWS was changed" in told.out + told.err
    assert "API calls" in told.out
    assert tool.run("apply", "plan.json", "--yes").code is ExitCode.COULD_NOT_FINISH
    assert stage.writes() == []


def test_the_twin_holds_what_the_plan_saw_and_not_what_came_later(
    tool: Tool, stage: Served
) -> None:
    assert tool.run(*DELETE, "--plan", "plan.json").code is ExitCode.DONE
    made_at = stage.world.now() - timedelta(days=1)
    key = AccessKeyRecord("AKIALATECOMER0000000", Secret("late"), made_at)
    stage.world.root_users.add_access_key(EVERYTHING, key)
    told = tool.run("apply", "plan.json", "--rehearse", "--format", "json")
    outcomes = {one["key"]: one["outcome"] for one in told.json()["results"]}
    assert outcomes[EVERYTHING] == "deleted"


@pytest.mark.parametrize("output", ["table", "csv"])
def test_people_and_spreadsheets_see_each_account(tool: Tool, stage: Served, output: str) -> None:
    told = tool.run(*DELETE, "--rehearse", "--format", output)
    assert told.code is ExitCode.DONE
    assert EVERYTHING in told.out
    assert stage.writes() == []


SHUT = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}]}'


@pytest.mark.parametrize(
    ("asked", "change"),
    [
        ("bucket example-locked-bucket", "s3:PutBucketPolicy"),
        ("queue shut --in-region eu-central-1", "sqs:SetQueueAttributes"),
    ],
)
def test_unlocking_is_rehearsed_on_the_same_policy(
    tool: Tool, stage: Served, asked: str, change: str
) -> None:
    stage.world.regions += ("eu-central-1",)
    at = stage.world.now()
    stage.world.queues.add(Queue("shut", AccountId(CLEAN), "eu-central-1", at, at, SHUT))
    planned = tool.run("unlock", *asked.split(), "--account", CLEAN, "--plan", "plan.json")
    assert planned.code is ExitCode.DONE, planned.err
    told = tool.run("apply", "plan.json", "--rehearse", "--format", "json")
    assert told.code is ExitCode.DONE, told.err
    assert [one["outcome"] for one in told.json()["results"]] == ["unlocked"]
    assert f"1 {change}" in told.json()["forecast"]["by_call"]
    assert stage.writes() == []


def test_a_policy_that_would_stop_the_unlocking_stops_its_rehearsal(
    tool: Tool, stage: Served
) -> None:
    policies = stage.world.organization.policies
    content = KEEP_KEYS.replace("iam:DeleteAccessKey", "s3:PutBucketPolicy")
    policies.put(
        ControlPolicy("p-keepshut", "KeepShut", "-", "", SCP, aws_managed=False, content=content)
    )
    policies.attach("p-keepshut", CLEAN)
    asked = ("unlock", "bucket", "example-locked-bucket", "--account", CLEAN)
    assert tool.run(*asked, "--plan", "plan.json").code is ExitCode.DONE
    told = tool.run("apply", "plan.json", "--rehearse", "--format", "json")
    assert told.code is ExitCode.REFUSED, told.out
    assert [one["outcome"] for one in told.json()["results"]] == ["denied"]
    assert stage.writes() == []


def test_a_stop_rule_that_would_end_it_ends_the_rehearsal(tool: Tool, stage: Served) -> None:
    policies = stage.world.organization.policies
    policies.put(
        ControlPolicy("p-keepkeys", "KeepKeys", "-", "", SCP, aws_managed=False, content=KEEP_KEYS)
    )
    policies.attach("p-keepkeys", EVERYTHING)
    rules = ("--wave", "1,100%", "--stop-after-refusals", "1")
    told = tool.run(*DELETE, "--rehearse", *rules, "--format", "json")
    assert told.code is ExitCode.COULD_NOT_FINISH
    assert "the rehearsal ended early: 1 refused; the rule was to stop after 1" in told.err
    assert "1 account not done" in told.err
    assert {one["key"]: one["outcome"] for one in told.json()["results"]} == {
        EVERYTHING: "denied",
        CLEAN: "clean",
    }
    assert tool.run("campaign", "list", "--format", "json").json() == []
    assert stage.writes() == []
