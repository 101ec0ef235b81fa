"""Plans from file to end, and what operators say to campaigns."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rootsteward.campaigns.plan_file import read_plan, write_plan
from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import AccountState
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.world.credentials import AccessKeyRecord
from sandbox.cli.conftest import Tool
from sandbox.cli.served import STAGE, Served, served

EVERYTHING = AccountId("222222222222")
CLEAN = AccountId("333333333333")
ONE_KEY = AccountId("777777777777")
PLAN = (
    "delete-credentials",
    *("--account", EVERYTHING, "--account", ONE_KEY, "--account", CLEAN),
    *("--allow-recently-used", "--plan", "plan.json"),
)


@pytest.fixture
def planned(tool: Tool, stage: Served) -> Served:
    """A stage for which there is `plan.json`: two accounts to act on, and a clean one."""
    ended = tool.run(*PLAN)
    assert ended.code is ExitCode.DONE
    assert "nothing was changed" in ended.out
    assert stage.writes() == []
    return stage


def plan_id() -> str:
    return read_plan(Path("plan.json")).id


def add_a_key(stage: Served, account: AccountId) -> None:
    made_at = stage.world.now() - timedelta(days=1)
    key = AccessKeyRecord("AKIALATECOMER0000000", Secret("late"), made_at)
    stage.world.root_users.add_access_key(account, key)


def pause_at_the_canary(tool: Tool, stage: Served) -> str:
    """A campaign whose first account has changed meanwhile; it pauses there."""
    add_a_key(stage, EVERYTHING)
    ended = tool.run("apply", "plan.json", "--yes", "--wave", "1,100%", "--format", "json")
    assert ended.code is ExitCode.COULD_NOT_FINISH, ended.err
    assert {row["account"]: row["outcome"] for row in ended.json()} == {
        EVERYTHING: "changed meanwhile",
        CLEAN: "clean",
    }
    assert "is paused: 1 refused; the rule was to stop after 1; 1 account not done" in ended.err
    assert f"go on with `rootsteward campaign resume {plan_id()}`" in ended.err
    assert stage.writes() == []
    return plan_id()


@pytest.mark.slow
def test_a_plan_is_reviewed_approved_by_somebody_else_and_applied_once(
    tool: Tool, planned: Served
) -> None:
    Path("rootsteward.toml").write_text("[plans]\nrequire_approval = true\n", "utf-8")
    shown = tool.run("plan", "show", "plan.json", "--format", "json").json()
    assert (shown["acting"], shown["items"], shown["approved_by"]) == (2, 3, None)
    refused = tool.run("apply", "plan.json", "--yes")
    assert refused.code is ExitCode.COULD_NOT_FINISH
    assert "needs the approval of another AWS identity" in refused.err
    own = tool.run("plan", "approve", "plan.json", "--yes")
    assert own.code is ExitCode.COULD_NOT_FINISH
    assert "who cannot approve it too" in own.err
    tool.be("operator")
    assert tool.run("plan", "approve", "plan.json", "--yes").code is ExitCode.DONE
    tool.be("management")
    assert planned.writes() == []

    applied = tool.run("apply", "plan.json", "--yes", "--format", "json")
    assert applied.code is ExitCode.DONE, applied.err
    assert {row["account"]: row["outcome"] for row in applied.json()} == {
        EVERYTHING: "deleted",
        ONE_KEY: "deleted",
        CLEAN: "clean",
    }
    calls = len(planned.actions)
    again = tool.run("apply", "plan.json", "--yes", "--format", "json")
    assert again.json() == applied.json()
    assert "was begun before: its campaign is finished" in again.err
    assert "AssumeRoot" not in planned.actions[calls:]
    shown = tool.run("plan", "show", "plan.json", "--format", "json").json()
    assert shown["campaign"] == "finished"
    assert ["user/operator" in arn for arn in shown["approved_by"]] == [True]


@pytest.mark.slow
def test_deleting_takes_the_expected_calls_and_no_other(tool: Tool, planned: Served) -> None:
    expected = tool.run("plan", "show", "plan.json", "--format", "json").json()["calls"]
    planned.actions.clear()
    assert tool.run("apply", "plan.json", "--yes").code is ExitCode.DONE
    made = [a for a in planned.actions if a not in {"GetCallerIdentity", "GetSessionToken"}]
    counted = sorted(f"{made.count(action)} {action}" for action in set(made))
    assert counted == sorted(call.replace("iam:", "").replace("sts:", "") for call in expected)
    looks = ["GetLoginProfile", "ListAccessKeys", "ListSigningCertificates", "ListMFADevices"]
    assert [made.count(look) for look in looks] == [4, 4, 4, 4]
    assert made.count("AssumeRoot") == 2


@pytest.mark.parametrize("change", ["moved", "closed", "attached", "edited"])
def test_a_plan_is_refused_when_its_facts_have_changed(
    tool: Tool, planned: Served, change: str
) -> None:
    organization = planned.world.organization
    policies = organization.policies
    guilty = policies.named("SERVICE_CONTROL_POLICY", "DenyRoot")
    assert guilty is not None
    if change == "moved":
        organization.move_account(ONE_KEY, organization.org_root_id)
        said = f"account {ONE_KEY}: was ACTIVE in"
    elif change == "closed":
        organization.set_state(ONE_KEY, AccountState.SUSPENDED)
        said = f"account {ONE_KEY}: was ACTIVE in"
    elif change == "attached":
        policies.attach(guilty, ONE_KEY)
        said = f"SCPs at {ONE_KEY}: was p-FullAWSAccess"
    else:
        full = "p-FullAWSAccess"
        old = policies.policies[full]
        policies.update(full, name=old.name, description="", content=old.content + " ")
        said = "text of SCP p-FullAWSAccess: has changed"
    refused = tool.run("apply", "plan.json", "--yes")
    assert refused.code is ExitCode.COULD_NOT_FINISH
    assert "no longer fits the organization" in refused.err
    assert said in refused.err
    assert planned.writes() == []
    assert tool.run("campaign", "list", "--format", "json").json() == []


def test_a_plan_that_is_old_protected_by_now_or_of_elsewhere_is_refused(
    tool: Tool, planned: Served
) -> None:
    path, plan = Path("plan.json"), read_plan(Path("plan.json"))
    write_plan(path, replace(plan, made_at=plan.made_at - timedelta(hours=25)))
    assert "plans are good for 24 h" in tool.run("apply", "plan.json", "--yes").err
    write_plan(path, replace(plan, organization_id="o-elsewhere0"))
    assert "is for organization o-elsewhere0" in tool.run("apply", "plan.json", "--yes").err
    write_plan(path, plan)
    Path("rootsteward.toml").write_text(f'[protected]\naccounts = ["{ONE_KEY}"]\n', "utf-8")
    assert f"acts on {ONE_KEY}, which the conf" in tool.run("apply", "plan.json", "--yes").err
    assert planned.writes() == []


@pytest.mark.slow
def test_a_refused_canary_pauses_and_the_rest_is_done_on_command(
    tool: Tool, planned: Served
) -> None:
    campaign = pause_at_the_canary(tool, planned)
    (row,) = tool.run("campaign", "list", "--format", "json").json()
    assert (row["campaign"], row["state"], row["ended"], row["total"]) == (campaign, "paused", 2, 3)
    shown = tool.run("campaign", "show", campaign[:6], "--format", "json")
    assert shown.code is ExitCode.COULD_NOT_FINISH
    states = {item["key"]: item["state"] for item in shown.json()["items"]}
    assert states == {EVERYTHING: "ended", CLEAN: "ended", ONE_KEY: "waiting"}
    paused = tool.run("campaign", "pause", campaign)
    assert "is paused, so it cannot be paused" in paused.err

    # The rule that paused it does not pause it again for the same account.
    resumed = tool.run("campaign", "resume", campaign, "--format", "json")
    assert resumed.code is ExitCode.REFUSED, resumed.err
    outcomes = {row["account"]: row["outcome"] for row in resumed.json()}
    assert outcomes[ONE_KEY] == "deleted"
    assert outcomes[EVERYTHING] == "changed meanwhile"
    watched = tool.run("campaign", "watch", campaign, "--format", "json")
    assert watched.json() == resumed.json()
    again = tool.run("campaign", "resume", campaign)
    assert again.code is ExitCode.COULD_NOT_FINISH
    assert "is finished; there is nothing to resume" in again.err
    kinds = [e["kind"] for e in tool.run("ledger", "show", "--format", "json").json()]
    of_campaign = [kind for kind in kinds if kind.startswith("campaign.")]
    assert of_campaign == ["campaign.started", "campaign.resumed", "campaign.finished"]
    assert tool.run("ledger", "verify").code is ExitCode.DONE


@pytest.mark.slow
def test_an_account_is_in_one_campaign_at_a_time_until_that_is_given_up(
    tool: Tool, planned: Served
) -> None:
    campaign = pause_at_the_canary(tool, planned)
    command = ("delete-credentials", "--account", ONE_KEY, "--yes", "--format", "json")
    second = tool.run(*command)
    assert second.code is ExitCode.COULD_NOT_FINISH
    assert f"`{ONE_KEY}` is in campaign {campaign} (delete-credentials)" in second.err
    assert f"rootsteward campaign stop {campaign}" in second.err
    assert planned.writes() == []

    stopped = tool.run("campaign", "stop", campaign, "--yes", "--format", "json")
    assert stopped.code is ExitCode.DONE
    outcomes = {row["account"]: row["outcome"] for row in stopped.json()}
    assert outcomes == {EVERYTHING: "changed meanwhile", ONE_KEY: "skipped", CLEAN: "clean"}
    assert "is stopped already" in tool.run("campaign", "stop", campaign, "--yes").err
    assert tool.run("apply", "plan.json", "--yes").code is ExitCode.COULD_NOT_FINISH
    assert planned.writes() == []
    assert [row["outcome"] for row in tool.run(*command).json()] == ["deleted"]


@pytest.mark.slow
def test_a_campaign_is_not_gone_on_with_for_another_organization(
    tool: Tool, planned: Served, tmp_path: Path
) -> None:
    campaign = pause_at_the_canary(tool, planned)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = elsewhere / "other.yaml"
    other.write_text(STAGE.read_text("utf-8").replace("seed: 11", "seed: 12"), "utf-8")
    with served(other, elsewhere) as running:
        tool.at(running)
        for command in (
            ("apply", "plan.json", "--yes"),
            ("campaign", "resume", campaign),
            ("campaign", "pause", campaign),
            ("campaign", "stop", campaign, "--yes"),
        ):
            refused = tool.run(*command)
            assert refused.code is ExitCode.COULD_NOT_FINISH, command
            assert "these credentials belong to" in refused.err
        assert running.writes() == []
        assert "AssumeRoot" not in running.actions
        # The same database keeps campaigns of both, and the same account id is another account.
        deleted = tool.run("delete-credentials", "--account", ONE_KEY, "--yes")
        assert deleted.code is ExitCode.DONE, deleted.err
        assert len(running.writes()) == 1
    assert tool.run("campaign", "show", campaign, "--format", "json").json()["state"] == "paused"


def test_a_campaign_that_is_not_there_or_named_by_nothing_is_refused(
    tool: Tool, stage: Served
) -> None:
    for command in ("show", "watch", "resume", "pause"):
        refused = tool.run("campaign", command, "0000")
        assert refused.code is ExitCode.BAD_USAGE
        assert "there is no campaign `0000`" in refused.err
    assert stage.writes() == []
