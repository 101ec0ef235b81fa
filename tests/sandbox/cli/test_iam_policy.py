"""`iam-policy` on the command line: JSON for AWS, a table for people, and typos."""

import pytest

from rootsteward.cli.exit_codes import ExitCode
from sandbox.cli.conftest import Tool


def test_the_policy_alone_is_on_stdout(tool: Tool) -> None:
    ended = tool.run("iam-policy", "--for", "audit")
    assert ended.code is ExitCode.DONE
    assert set(ended.json()) == {"Version", "Statement"}
    assert ended.err == ""


def test_a_command_of_two_words_may_be_written_as_it_is_typed(tool: Tool) -> None:
    written = tool.run("iam-policy", "--for", "scp repair, findings list").out
    assert written == tool.run("iam-policy", "--for", "findings-list,scp-repair").out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--for fly", "there is no command `fly`"),
        ("--for audit,", "there is no command ``"),
        ("--account 12", "`12` is not an account id"),
        ("--partition mars", "invalid value for '--partition'"),
    ],
)
def test_a_typo_grants_nothing(tool: Tool, options: str, message: str) -> None:
    ended = tool.run("iam-policy", *options.split())
    assert ended.code is ExitCode.BAD_USAGE
    assert message in ended.err
    assert ended.out == ""


def test_people_are_told_what_each_permission_is_for_at_eighty_columns(tool: Tool) -> None:
    tool.monkeypatch.setenv("COLUMNS", "80")
    ended = tool.run("iam-policy", "--explain", "--for", "audit,unlock-queue")
    assert max(map(len, ended.out.splitlines())) <= 80
    words = " ".join(ended.out.split())
    assert "of 6,144 characters" in words
    assert "unlock-queue" in words


def test_machines_are_told_the_same(tool: Tool) -> None:
    asked = ("iam-policy", "--explain", "--for", "audit,delegate", "--account", "222222222222")
    rows = {row["action"]: row for row in tool.run(*asked, "--format", "json").json()}
    registering = rows["organizations:RegisterDelegatedAdministrator"]
    assert registering["verbs"] == ["delegate"]
    assert registering["resource"] == [
        "arn:aws:organizations::*:account/o-*/222222222222",
        "only organizations:ServicePrincipal = iam.amazonaws.com",
    ]
    assert rows["sts:AssumeRoot"]["resource"] == ["root user of 222222222222"]
    assert len(tool.run(*asked, "--format", "csv").csv()) == len(rows)
