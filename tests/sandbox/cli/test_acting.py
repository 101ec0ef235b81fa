"""Commands that change things: only what was planned, only where it may be, all on record."""

from datetime import timedelta

import pytest

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.world.credentials import AccessKeyRecord
from sandbox.cli.conftest import Tool
from sandbox.cli.served import Served

EVERYTHING = AccountId("222222222222")
ONE_KEY = AccountId("777777777777")
GUARDED = AccountId("666666666666")
LOCKED = "example-locked-bucket"
DESTRUCTIVE = (
    "delete-credentials --all",
    "allow-recovery --account 333333333333",
    f"unlock bucket {LOCKED} --account 333333333333",
    "scp repair --apply",
)


@pytest.mark.parametrize("command", DESTRUCTIVE)
def test_nothing_is_changed_when_nobody_can_confirm(
    reader: Tool, standing_stage: Served, command: str
) -> None:
    ended = reader.run(*command.split())
    assert ended.code is ExitCode.BAD_USAGE
    assert "nobody is there to confirm it" in ended.err
    assert "--yes" in ended.err
    assert standing_stage.writes() == []


def test_a_plan_is_shown_on_stderr_when_data_goes_to_stdout(reader: Tool) -> None:
    ended = reader.run("delete-credentials", "--account", ONE_KEY, "--format", "json")
    assert ended.code is ExitCode.BAD_USAGE
    assert ended.out == ""
    assert "Plan " in ended.err
    assert "key AKIA" in ended.err


@pytest.mark.parametrize("command", ["delete-credentials", "allow-recovery", "close-recovery"])
def test_a_destructive_command_never_means_everybody_by_itself(reader: Tool, command: str) -> None:
    for excluding in ((), ("--exclude", "333333333333")):
        ended = reader.run(command, "--yes", *excluding)
        assert ended.code is ExitCode.BAD_USAGE
        assert "no accounts were selected" in ended.err
        assert "--all" in ended.err


DELETE_ALL_KEYS = ("delete-credentials", "--allow-recently-used", "--yes", "--format", "json")


def test_an_account_with_a_key_in_use_is_spared(tool: Tool, stage: Served) -> None:
    ended = tool.run("delete-credentials", "--account", EVERYTHING, "--yes", "--format", "json")
    assert ended.code is ExitCode.REFUSED
    assert [row["outcome"] for row in ended.json()] == ["present"]
    assert "is in use: last used" in ended.json()[0]["detail"][0]
    assert "--allow-recently-used" in ended.err
    assert stage.writes() == []


def test_everything_that_was_planned_is_deleted_and_nothing_else(tool: Tool, stage: Served) -> None:
    users = stage.world.root_users
    ended = tool.run(*DELETE_ALL_KEYS, "--account", EVERYTHING)
    assert ended.code is ExitCode.DONE
    assert [row["outcome"] for row in ended.json()] == ["deleted"]
    held = users.of(EVERYTHING).holdings
    assert held.password is None
    assert [*held.access_keys, *held.certificates, *held.mfa_devices] == []
    assert users.of(ONE_KEY).holdings.access_keys
    assert users.of(GUARDED).holdings.password is not None
    deleted = [call for call in stage.writes() if call.startswith(EVERYTHING)]
    assert deleted == [
        f"{EVERYTHING} iam:DeleteLoginProfile",
        f"{EVERYTHING} iam:DeleteAccessKey",
        f"{EVERYTHING} iam:DeleteSigningCertificate",
        f"{EVERYTHING} iam:DeactivateMFADevice",
    ]
    assert len(stage.writes()) == len(deleted)

    again = tool.run("delete-credentials", "--account", EVERYTHING, "--yes", "--format", "json")
    assert again.code is ExitCode.DONE
    assert [row["outcome"] for row in again.json()] == ["clean"]
    assert len(stage.writes()) == len(deleted)


def test_a_key_that_appears_after_the_plan_is_left_alone(tool: Tool, stage: Served) -> None:
    late = AccessKeyRecord(
        "AKIALATECOMER0000000", Secret("late"), stage.world.now() - timedelta(days=1)
    )

    def add_a_key_before_the_second_session(action: str) -> None:
        users = stage.world.root_users
        if action == "AssumeRoot" and stage.actions.count(action) == 2:
            users.add_access_key(ONE_KEY, late)

    stage.before = add_a_key_before_the_second_session
    ended = tool.run("delete-credentials", "--account", ONE_KEY, "--yes", "--format", "json")
    assert late.id in stage.world.root_users.of(ONE_KEY).holdings.access_keys
    assert stage.writes() == []
    assert ended.code is ExitCode.REFUSED
    assert [row["outcome"] for row in ended.json()] == ["changed meanwhile"]


def test_the_configuration_protects_accounts_and_units(tool: Tool, stage: Served) -> None:
    unit = next(u for u in stage.world.organization.units.values() if u.name == "Guarded")
    (tool.folder / "rootsteward.toml").write_text(
        f'[protected]\naccounts = ["{EVERYTHING}"]\nunits = ["{unit.id}"]\n'
    )
    ended = tool.run("delete-credentials", "--all", "--yes", "--format", "json")
    touched = {row["account"] for row in ended.json() if row["outcome"] == "deleted"}
    assert touched == {ONE_KEY}
    for account in (EVERYTHING, GUARDED):
        assert f"left out: {account}: protected by the configuration" in ended.err
        named = tool.run("delete-credentials", "--account", account, "--yes")
        assert named.code is ExitCode.BAD_USAGE
        assert "protected by the configuration" in named.err
        assert stage.world.root_users.of(account).holdings.password is not None


def test_a_denied_deletion_is_reported_with_the_statement(tool: Tool, stage: Served) -> None:
    ended = tool.run("delete-credentials", "--account", "444444444444", "--yes", "--format", "json")
    assert ended.code is ExitCode.REFUSED
    (row,) = ended.json()
    assert row["outcome"] == "denied"
    assert any("DenyRoot" in detail and "OU Fenced" in detail for detail in row["detail"])
    assert stage.writes() == []


def test_recovery_is_opened_and_closed_and_leaves_a_used_password_alone(
    tool: Tool, stage: Served
) -> None:
    opened = tool.run("allow-recovery", "--account", "333333333333", "--yes")
    assert opened.code is ExitCode.DONE
    assert "security@example.com" in opened.out
    assert "sends no mail" in opened.out
    audited = tool.run("audit", "--account", "333333333333", "--format", "json").json()
    assert [row["outcome"] for row in audited] == ["recovery open"]
    closed = tool.run("close-recovery", "--account", "333333333333", "--yes", "--format", "json")
    assert closed.code is ExitCode.DONE
    assert stage.world.root_users.of(AccountId("333333333333")).holdings.password is None
    tool.run("close-recovery", "--account", EVERYTHING, "--yes")
    assert stage.world.root_users.of(EVERYTHING).holdings.password is not None


def test_a_repair_is_kept_and_can_be_taken_back(tool: Tool, stage: Served) -> None:
    policies = stage.world.organization.policies
    guilty = policies.named("SERVICE_CONTROL_POLICY", "DenyRoot")
    assert guilty is not None
    before = policies.policies[guilty].content
    shown = tool.run("scp", "repair")
    assert shown.code is ExitCode.FINDINGS
    assert "nothing was changed" in shown.out
    assert policies.policies[guilty].content == before
    applied = tool.run("scp", "repair", "--apply", "--yes", "--format", "json")
    assert applied.code is ExitCode.DONE
    assert policies.policies[guilty].content != before
    assert tool.run("preflight").code is ExitCode.DONE
    kept = tool.run("scp", "backups", "--format", "json").json()
    restored = tool.run("scp", "restore", str(kept[-1]["backup"]), "--yes", "--format", "json")
    assert restored.code is ExitCode.DONE
    assert restored.json()["outcome"] == "done"
    assert policies.policies[guilty].content == before


def test_a_member_account_can_switch_nothing_until_it_is_delegate(
    tool: Tool, stage: Served
) -> None:
    tool.be("security")
    for verb in ("enable", "disable"):
        refused = tool.run(verb)
        assert refused.code is ExitCode.COULD_NOT_FINISH
        assert f"{verb} cannot start; nothing was done" in refused.err
        assert "help: use " in refused.err
        assert "of the management account" in refused.err
        assert "is off" not in refused.out
    denied = tool.run("audit", "--account", ONE_KEY)
    assert denied.code is ExitCode.COULD_NOT_FINISH
    assert "aws refused organizations:" in denied.err
    assert stage.writes() == []

    tool.be("management")
    assert tool.run("delegate", "add", "333333333333").code is ExitCode.DONE
    listed = tool.run("delegate", "list", "--format", "json").json()
    assert listed == [{"account": "333333333333", "name": "security"}]

    tool.be("security")
    audited = tool.run("audit", "--account", ONE_KEY, "--format", "json")
    assert audited.code is ExitCode.FINDINGS
    assert [row["access_keys"] for row in audited.json()] == ["present"]

    tool.be("management")
    assert tool.run("delegate", "remove", "333333333333").code is ExitCode.DONE
    assert tool.run("delegate", "list", "--format", "json").json() == []


def test_switching_off_and_on_again_does_only_what_is_missing(tool: Tool, stage: Served) -> None:
    assert tool.run("disable").code is ExitCode.DONE
    audited = tool.run("audit", "--account", "333333333333", "--format", "json")
    assert audited.code is ExitCode.UNSEEN
    assert [row["outcome"] for row in audited.json()] == ["denied"]
    only = tool.run("enable", "--feature", "RootSessions", "--format", "json")
    assert [row["outcome"] for row in only.json()] == ["done", "done"]
    rest = tool.run("enable", "--format", "json")
    assert [row["api"] for row in rest.json()] == [
        "iam:EnableOrganizationsRootCredentialsManagement"
    ]
    nothing = tool.run("enable", "--format", "json")
    assert nothing.json() == []
    assert len(stage.world.organization.root_features.listed()) == 2
