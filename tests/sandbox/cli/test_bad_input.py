"""Wrong input: what is said, what to do, how it ends, and that nothing was done."""

import socket
from dataclasses import dataclass

import pytest

from rootsteward.cli.exit_codes import ExitCode
from sandbox.cli.conftest import Tool
from sandbox.cli.served import STAGE, Served, served


@dataclass(frozen=True)
class Bad:
    """A command line, what stderr holds (message, then advice), and the exit code."""

    command: str
    message: str
    advice: str
    code: ExitCode = ExitCode.BAD_USAGE


WRONG_ACCOUNTS = (
    Bad("audit --account 12", "`12` is not an account id", "twelve digits"),
    Bad("audit --account 123456789012", "`123456789012` is not in organization o-", "audit --all"),
    Bad("audit --account 555555555555", "its state is SUSPENDED", "active member account"),
    Bad("audit --account 111111111111", "management account is never a target", "leave it out"),
    Bad("audit --exclude 123456789012", "`123456789012` is not in organization", "audit --all"),
    Bad("audit --ou Worklods", "no organizational unit `Worklods`", "exact name"),
    Bad("audit --ou ou-abcd-12345678", "no organizational unit `ou-abcd-12345678`", "exact name"),
    Bad("audit --name zz*", "no account has a name like `zz*`", "globs"),
    Bad("preflight --account 123456789012", "is not in organization", "audit --all"),
    Bad("scp repair --account x", "`x` is not an account id", "twelve digits"),
    Bad("delete-credentials --account 555555555555 --yes", "its state is SUSPENDED", "leave it"),
    Bad("delete-credentials --account 111111111111 --yes", "never a target", "leave it out"),
    Bad("delete-credentials --account 123456789012 --yes", "is not in organization", "audit"),
    Bad("allow-recovery --account 111111111111 --yes", "never a target", "leave it out"),
    Bad("close-recovery --account 555555555555 --yes", "its state is SUSPENDED", "leave it out"),
    Bad("unlock bucket b --account 111111111111 --yes", "never a target", "leave it out"),
    Bad("unlock queue q --account 12 --yes", "`12` is not an account id", "twelve digits"),
    Bad("delegate add 12", "`12` is not an account id", "twelve digits"),
    Bad("delegate add 123456789012", "is not in organization", "audit --all"),
)
WRONG_OPTIONS = (
    Bad("frobnicate", "no such command 'frobnicate'", "--help"),
    Bad("audit --frob", "no such option: --frob", "--help"),
    Bad("unlock bucket b", "missing option '--account'", "--help"),
    Bad("audit --format xml", "invalid value for '--format'", "--help"),
    Bad("preflight --task fly", "there is no task `fly`", "delete-credentials"),
    Bad("scp restore 99 --yes", "99", "backups"),
    Bad("findings list --days 0", "invalid value for '--days'", "--help"),
    Bad("ledger verify nowhere.jsonl", "`nowhere.jsonl` cannot be read", "ledger export"),
    Bad(
        "unlock bucket example-open-bucket --account 333333333333 --replace-with nowhere.json",
        "`nowhere.json` cannot be read",
        "name a file",
    ),
)
WRONG_CONNECTIONS = (
    Bad("status --profile nope", "no AWS profile `nope`", "aws configure list-profiles"),
    Bad("status --region aws-global", "`aws-global` is not a Region", "--region us-east-1"),
    Bad("status --region mars-1", "`mars-1` is not an AWS Region", "--region us-east-1"),
    Bad("status --endpoint-url localhost:8025", "is not an endpoint address", "http://host:port"),
    Bad("status --endpoint-url http://127.0.0.1:99999", "is not an endpoint", "http://host:port"),
    Bad("status --endpoint-url ftp://x", "`ftp://x` is not an endpoint", "http://host:port"),
    Bad("status --config nowhere.toml", "`nowhere.toml` cannot be read", "--config"),
)


@pytest.mark.parametrize(
    "bad", WRONG_ACCOUNTS + WRONG_OPTIONS + WRONG_CONNECTIONS, ids=lambda bad: bad.command
)
def test_wrong_input_is_named_with_advice_and_nothing_is_done(
    reader: Tool, standing_stage: Served, bad: Bad
) -> None:
    ended = reader.run(*bad.command.split())
    assert ended.code is bad.code
    message, _, advice = ended.err.partition("\nhelp: ")
    assert message.startswith("error: ")
    assert bad.message in message
    assert bad.advice in advice
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert standing_stage.writes() == []


CONFIGS = {
    '[protected]\nacounts = ["222222222222"]': "unknown field `protected.acounts`",
    "[protected]\naccounts = [222222222222]": "`protected.accounts.0` is `222222222222`, "
    "expected text in quotes",
    '[protected]\naccounts = ["22222222222"]': "expected twelve digits in quotes",
    '[protected]\naccounts = "222222222222"': "expected a list",
    '[protected]\nunits = ["Workloads"]': "expected the id of a unit",
    "protected = 3": "expected a table",
    "[aws]\nregion = 1": "field `aws.region` is `1`, expected text in quotes",
    "[aws]\nregion = \n": "line 2",
    '[protected]\naccounts = ["222222222222"\n': "Unclosed array",
}


@pytest.mark.parametrize(("text", "message"), CONFIGS.items())
def test_a_wrong_configuration_names_the_field_or_the_line(
    reader: Tool, standing_stage: Served, text: str, message: str
) -> None:
    (reader.folder / "rootsteward.toml").write_text(text)
    ended = reader.run("delete-credentials", "--all", "--yes")
    assert ended.code is ExitCode.BAD_USAGE
    assert "config `rootsteward.toml`" in ended.err
    assert message in ended.err
    assert "\nhelp: " in ended.err
    assert standing_stage.writes() == []


def test_protecting_an_account_that_does_not_exist_stops_every_act(
    reader: Tool, standing_stage: Served
) -> None:
    (reader.folder / "rootsteward.toml").write_text('[protected]\naccounts = ["123456789012"]\n')
    ended = reader.run("delete-credentials", "--all", "--yes")
    assert ended.code is ExitCode.BAD_USAGE
    assert "`123456789012` is not in organization" in ended.err
    assert standing_stage.writes() == []


def test_without_credentials_the_tool_says_where_to_get_some(reader: Tool) -> None:
    reader.be(None)
    reader.monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(reader.folder / "none"))
    ended = reader.run("status", "--region", "eu-west-1")
    assert ended.code is ExitCode.COULD_NOT_FINISH
    assert "error: no AWS credentials were found" in ended.err
    assert "--profile" in ended.err
    assert "aws sso login" in ended.err


def test_without_a_region_the_tool_says_how_to_name_one(reader: Tool) -> None:
    reader.be(None)
    reader.monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(reader.folder / "none"))
    ended = reader.run("status")
    assert ended.code is ExitCode.COULD_NOT_FINISH
    assert "error: no AWS Region is set" in ended.err
    assert "--region us-east-1" in ended.err


def test_an_endpoint_that_is_down_is_named(reader: Tool) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and never listening: every connection is refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ended = reader.run("delete-credentials", "--all", "--yes", "--endpoint-url", url)
    assert ended.code is ExitCode.COULD_NOT_FINISH
    assert f"no connection to {url}" in ended.err
    assert "nothing was sent" in ended.err
    assert "--endpoint-url" in ended.err


def test_a_region_that_is_off_is_said_once_with_what_to_do(
    reader: Tool, standing_stage: Served
) -> None:
    ended = reader.run("audit", "--region", "ap-southeast-1")
    assert ended.code is ExitCode.UNSEEN
    assert ended.out.count("RegionDisabledException") == 1
    assert "help: the Region `ap-southeast-1` is switched off" in ended.out
    assert "5 accounts: 5 unknown" in ended.out
    tried = reader.run("delete-credentials", "--all", "--yes", "--region", "ap-southeast-1")
    assert tried.code is ExitCode.UNSEEN
    assert "5 unknown" in tried.out
    assert standing_stage.writes() == []


def test_a_global_sts_endpoint_is_explained(reader: Tool, standing_stage: Served) -> None:
    # What the global endpoint answers to AssumeRoot; the sandbox knows it by its host name.
    def refuse(action: str) -> None:
        if action == "AssumeRoot":
            standing_stage.asked_globally = True

    standing_stage.before = refuse
    try:
        ended = reader.run("audit", "--account", "333333333333")
    finally:
        standing_stage.asked_globally = False
        standing_stage.before = lambda _action: None
    assert ended.code is ExitCode.UNSEEN
    assert "the STS endpoint does not know AssumeRoot" in ended.out
    assert "only Regional STS endpoints do" in " ".join(ended.out.split())
    assert "1 account: 1 unknown" in ended.out


def test_a_bucket_that_does_not_exist_is_not_called_unlocked(
    reader: Tool, standing_stage: Served
) -> None:
    ended = reader.run("unlock", "bucket", "no-such-bucket", "--account", "333333333333", "--yes")
    assert ended.code is ExitCode.UNSEEN
    assert "NoSuchBucket" in ended.out
    assert "unlocked" not in ended.out
    assert standing_stage.writes() == []


def test_a_bucket_that_locks_nobody_out_is_left_alone(reader: Tool, standing_stage: Served) -> None:
    ended = reader.run(
        "unlock", "bucket", "example-open-bucket", "--account", "333333333333", "--yes"
    )
    assert ended.code is ExitCode.DONE
    assert "it has no policy" in ended.out
    assert standing_stage.writes() == []


TYPOS = {
    "unit: Workloads": "unit: Worklods",
    "trusted_services:": "trusted_servcies:",
    "guardduty:": "guarduty:",
    'id: "777777777777"': "id: 7777",
    "regions: [eu-west-1, us-east-1]": "regions: [eu-west-1, us-east-1",
}


@pytest.mark.parametrize(("right", "wrong"), TYPOS.items())
def test_a_scenario_with_a_typo_names_the_line(tool: Tool, right: str, wrong: str) -> None:
    text = STAGE.read_text()
    line = text[: text.index(right)].count("\n") + 1
    (tool.folder / "typo.yaml").write_text(text.replace(right, wrong, 1))
    ended = tool.run("sandbox", "serve", "--port", "0", "--scenario", "typo.yaml")
    assert ended.code is ExitCode.BAD_USAGE
    # A bracket that is never closed shows where the next line does not fit.
    assert any(f"`typo.yaml` line {at}: " in ended.err for at in (line, line + 2))
    assert "\nhelp: expected " in ended.err


@pytest.mark.parametrize("name", ["articel", "generated:none", "generated:0", "nowhere.yaml"])
def test_a_scenario_that_does_not_exist_is_named(tool: Tool, name: str) -> None:
    ended = tool.run("sandbox", "serve", "--port", "0", "--scenario", name)
    assert ended.code is ExitCode.BAD_USAGE
    assert f"`{name}`" in ended.err
    assert "\nhelp: " in ended.err


def test_a_ledger_that_was_tampered_with_is_found_out(tool: Tool) -> None:
    with served("generated:3", tool.folder) as sandbox:
        tool.at(sandbox)
        tool.run("disable", "--keep-trusted-access")
        tool.run("enable")
        whole = tool.run("ledger", "export").out
        export = tool.folder / "export.jsonl"
        export.write_text(whole)
        assert tool.run("ledger", "verify", str(export)).code is ExitCode.DONE
        export.write_text(whole.replace("enable", "enabel", 1))
        broken = tool.run("ledger", "verify", str(export), "--format", "json")
        assert broken.code is ExitCode.LEDGER_BROKEN
        assert broken.json()["holds"] is False
        changed = whole[: whole.index("enable")].count("\n") + 1
        assert broken.json()["first_bad"] == changed
