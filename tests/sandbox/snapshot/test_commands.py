"""`snapshot`, and the read-only commands on one: the same answers, and no way to AWS."""

import json
import stat
from pathlib import Path

import pytest

from rootsteward.cli.exit_codes import ExitCode
from sandbox.snapshot.conftest import Counted, Tool

OPEN, SECURITY, FENCED = "222222222222", "333333333333", "444444444444"
DENY_NOTHING = '{"Version": "2012-10-17", "Statement": []}'


def scp_id(taken: Path, name: str) -> str:
    policies = json.loads(taken.read_text())["scps"]["seen"]["policies"]
    return str(next(policy["id"] for policy in policies if policy["name"] == name))


# Taking one


def test_a_snapshot_is_its_owners_alone_and_says_what_is_in_it(live: Tool) -> None:
    ended = live.run("snapshot", "org.json", "--format", "json")
    assert ended.code is ExitCode.DONE
    path = live.folder / "org.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in live.folder.iterdir()] == ["org.json"]
    row = ended.json()
    assert (row["accounts"], row["units"]) == (5, 3)
    assert (row["service_control_policies"], row["resource_control_policies"]) == (2, 2)
    assert (row["tags"], row["unseen"]) == (None, [])


def test_the_file_holds_what_the_organization_has(taken: Path) -> None:
    held = json.loads(taken.read_text())
    assert (held["format"], held["version"]) == ("rootsteward-snapshot", 1)
    accounts = {account["id"]: account for account in held["accounts"]}
    assert accounts[OPEN]["name"] == 'größe, "quoted"'
    assert accounts[OPEN]["tags"] == {"team": "shop", "stage": "prüfung"}
    assert accounts["555555555555"]["state"] == "SUSPENDED"
    units = {unit["id"]: unit for unit in held["units"]}
    inner = units[accounts[FENCED]["parent_id"]]
    assert (inner["name"], units[inner["parent_id"]]["name"]) == ("Inner", "Fenced")
    assert held["trusted_access"] == {"seen": True}
    assert held["root_features"] == {"seen": ["RootSessions"]}
    assert held["delegated_administrators"] == {"seen": [SECURITY]}
    assert held["tags"] == {"seen": 5}
    assert sorted(held["org_root"]["enabled_policy_types"]) == [
        "RESOURCE_CONTROL_POLICY",
        "SERVICE_CONTROL_POLICY",
    ]


def test_an_account_is_one_line_of_the_file(taken: Path) -> None:
    lines = [line for line in taken.read_text().splitlines() if OPEN in line and '"email"' in line]
    (line,) = lines
    assert json.loads(line.rstrip(","))["email"] == "open@example.com"


def test_a_file_that_is_there_is_replaced_only_on_demand(live: Tool, stage: Counted) -> None:
    (live.folder / "org.json").write_text("precious")
    calls = stage.calls.total()
    refused = live.run("snapshot", "org.json")
    assert refused.code is ExitCode.BAD_USAGE
    assert "`org.json` is there already" in refused.err
    assert "--overwrite" in refused.err
    assert (live.folder / "org.json").read_text() == "precious"
    assert stage.calls.total() == calls
    assert live.run("snapshot", "org.json", "--overwrite").code is ExitCode.DONE
    assert live.run("preflight", "--snapshot", "org.json").code is ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("file", "message"), [("no/org.json", "folder `no` is not there"), (".", "`.` is a folder")]
)
def test_a_place_that_cannot_be_written_is_refused_before_the_first_call(
    live: Tool, stage: Counted, file: str, message: str
) -> None:
    calls = stage.calls.total()
    ended = live.run("snapshot", file)
    assert ended.code is ExitCode.BAD_USAGE
    assert message in ended.err
    assert stage.calls.total() == calls


def test_what_may_not_be_read_is_said_and_kept_as_unseen(tool: Tool, stage: Counted) -> None:
    tool.at(stage, "half-blind")
    ended = tool.run("snapshot", "org.json", "--tags", "--format", "json")
    assert ended.code is ExitCode.UNSEEN
    unseen = {entry.partition(":")[0]: entry for entry in ended.json()["unseen"]}
    assert set(unseen) == {
        "service control policies",
        "resource control policies",
        "root features",
        "delegated administrators",
        "tags",
    }
    assert all(": denied: " in entry for entry in unseen.values())
    assert "not authorized" in unseen.pop("root features")
    assert all("You don't have permissions" in entry for entry in unseen.values())
    assert ended.json()["service_control_policies"] is None
    held = json.loads((tool.folder / "org.json").read_text())
    assert held["scps"]["not_seen"] == "denied"
    assert "You don't have permissions" in held["scps"]["detail"]
    tool.cut_off()
    refused = tool.run("preflight", "--snapshot", "org.json")
    assert refused.code is ExitCode.COULD_NOT_FINISH
    assert "the snapshot has no service control policies: " in refused.err
    assert "You don't have permissions" in refused.err
    shown = tool.run("status", "--snapshot", "org.json")
    assert shown.code is ExitCode.UNSEEN


def test_nobody_who_may_not_see_the_tree_gets_a_file(tool: Tool, stage: Counted) -> None:
    tool.at(stage)
    tool.monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    ended = tool.run("snapshot", "org.json")
    assert ended.code is ExitCode.COULD_NOT_FINISH
    assert list(tool.folder.glob("org*")) == []


# Working from one


@pytest.mark.parametrize(
    "command",
    [
        ("preflight",),
        ("preflight", "--ou", "Fenced", "--task", "audit"),
        ("preflight", "--blocked-only"),
        ("scp", "repair"),
        ("scp", "repair", "--account", FENCED, "--style", "not-action"),
        ("policy", "evaluate", "--account", FENCED, "--action", "iam:GetUser"),
        ("policy", "evaluate", "--account", OPEN, "--action", "s3:ListAllMyBuckets"),
        ("policy", "explain", "--account", FENCED, "--action", "iam:GetUser", "--task", "audit"),
        ("policy", "prove", "--account", FENCED, "--never", "iam:GetUser"),
        ("policy", "prove", "{deny}", "{deny}"),
        ("policy", "diff", "{deny}", "{full}"),
        ("policy", "lint", "--live"),
        ("policy", "lint", "--live", "--rcp"),
        ("status",),
    ],
    ids=" ".join,
)
def test_a_snapshot_gives_the_live_answer_without_credentials_or_network(
    live: Tool, taken: Path, command: tuple[str, ...]
) -> None:
    ids = {"{deny}": scp_id(taken, "DenyRoot"), "{full}": "p-FullAWSAccess"}
    arguments = [ids.get(word, word) for word in command]
    before = live.run(*arguments, "--format", "json")
    assert before.code in set(ExitCode) - {ExitCode.COULD_NOT_FINISH, ExitCode.BAD_USAGE}
    live.cut_off()
    after = live.run(*arguments, "--snapshot", str(taken), "--format", "json")
    assert (after.code, after.json()) == (before.code, before.json())
    assert f"from snapshot {taken}, taken 20" in after.err


def test_people_are_told_how_old_the_facts_are(offline: Tool, taken: Path) -> None:
    ended = offline.run("preflight", "--snapshot", str(taken))
    first = ended.out.replace("\n", " ").partition("Preflight")[0]
    assert "UTC by arn:aws:iam::111111111111:user/administrator" in first


def test_lint_takes_a_snapshot_for_live(offline: Tool, taken: Path) -> None:
    ended = offline.run("policy", "lint", "--snapshot", str(taken), "--format", "json")
    assert ended.code is ExitCode.FINDINGS
    assert {found["policy"] for found in ended.json()} == {
        f"DenyRoot ({scp_id(taken, 'DenyRoot')})"
    }


def test_a_policy_of_a_snapshot_is_compared_with_a_file(offline: Tool, taken: Path) -> None:
    (offline.folder / "empty.json").write_text(DENY_NOTHING)
    asked = ("policy", "prove", scp_id(taken, "DenyRoot"), "empty.json", "--snapshot", str(taken))
    assert offline.run(*asked, "--closes-nothing").code is ExitCode.DONE
    assert offline.run(*asked).code is ExitCode.DENY


def test_a_snapshot_is_never_acted_on(live: Tool, taken: Path, stage: Counted) -> None:
    calls = stage.calls.total()
    ended = live.run("scp", "repair", "--apply", "--yes", "--snapshot", str(taken))
    assert ended.code is ExitCode.BAD_USAGE
    assert "--apply cannot be used with --snapshot" in ended.err
    assert stage.calls.total() == calls


def test_the_offline_plan_names_what_applies_it(offline: Tool, taken: Path) -> None:
    ended = offline.run("scp", "repair", "--snapshot", str(taken))
    assert "`--apply` without `--snapshot` updates the policies" in " ".join(ended.out.split())


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("preflight", "--account", "999999999999"), "is not in organization"),
        (("policy", "evaluate", "--action", "iam:GetUser"), "--snapshot without --account"),
        (("policy", "lint", "some.json"), "--snapshot takes no files"),
        (("policy", "diff", "p-doesnotexist", "p-FullAWSAccess"), "is not in the snapshot"),
    ],
)
def test_a_wrong_question_is_one_clear_message(
    offline: Tool, taken: Path, command: tuple[str, ...], message: str
) -> None:
    ended = offline.run(*command, "--snapshot", str(taken))
    assert ended.code is ExitCode.BAD_USAGE
    assert message in ended.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "snapshot `bad.json` is not JSON: line 1, column 1"),
        ("[1]", "snapshot `bad.json` is a list, expected an object with fields"),
        ("{}", "snapshot `bad.json`: field `format` is not `rootsteward-snapshot`"),
        ('{"format": "rootsteward-snapshot", "version": 2}', "has version 2, and this program"),
    ],
)
def test_a_file_that_is_no_snapshot_is_refused(offline: Tool, text: str, message: str) -> None:
    (offline.folder / "bad.json").write_text(text)
    for command in (("preflight",), ("scp", "repair"), ("policy", "lint"), ("status",)):
        ended = offline.run(*command, "--snapshot", "bad.json")
        assert ended.code is ExitCode.BAD_USAGE
        assert message in ended.err


def test_a_snapshot_that_is_not_there_is_refused(offline: Tool) -> None:
    ended = offline.run("preflight", "--snapshot", "none.json")
    assert ended.code is ExitCode.BAD_USAGE
    assert "snapshot `none.json` cannot be read: No such file" in ended.err
