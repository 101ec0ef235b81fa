"""`ledger show`, `verify` and `export` as people and auditors use them."""

import json
from collections.abc import Iterator

import pytest

from rootsteward.cli.exit_codes import ExitCode
from sandbox.cli.conftest import Tool
from sandbox.cli.served import served


@pytest.fixture
def switched(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tool]:
    """The features were switched off and on again; a screen of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    with served("generated:3", tool.folder) as sandbox:
        tool.at(sandbox)
        assert tool.run("disable", "--keep-trusted-access").code is ExitCode.DONE
        assert tool.run("enable").code is ExitCode.DONE
        yield tool


def numbers(tool: Tool, *filters: str) -> list[int]:
    return [e["seq"] for e in tool.run("ledger", "show", *filters, "--format", "json").json()]


def test_a_screen_of_80_columns_shows_what_was_done_and_who_asked(switched: Tool) -> None:
    shown = switched.run("ledger", "show").out
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "iam:DisableOrganizationsRootSessions" in "".join(shown.split())
    assert "answer: done" in shown
    assert "asked by arn:aws:iam::" in shown
    assert "request " not in shown
    assert "request " in switched.run("ledger", "show", "--ids").out


def test_the_filters_narrow_what_is_shown(switched: Tool) -> None:
    everything = switched.run("ledger", "show", "--format", "json").json()
    assert numbers(switched) == list(range(1, len(everything) + 1))
    assert numbers(switched, "--after", "4") == numbers(switched)[4:]
    disabled = [e["seq"] for e in everything if e["kind"].startswith("disable.")]
    assert numbers(switched, "--kind", "disable") == disabled
    plan = everything[0]["body"]["plan"]
    assert numbers(switched, "--plan", plan) == disabled
    sessions = [e["seq"] for e in everything if e["subject"] == "RootSessions"]
    assert numbers(switched, "--subject", "RootSessions") == sessions
    assert numbers(switched, "--since", everything[3]["at"]) == numbers(switched)[3:]
    assert numbers(switched, "--since", "2999-01-01") == []
    assert "no entry is like that" in switched.run("ledger", "show", "--plan", "none").out


def test_csv_carries_the_whole_body_in_one_cell(switched: Tool) -> None:
    header, first, *_ = switched.run("ledger", "show", "--format", "csv").out.splitlines()
    assert header == "seq,at,kind,subject,body,hash"
    assert '""asked_by""' in first


def test_a_kept_head_is_checked_on_the_database_and_on_an_export(switched: Tool) -> None:
    told = switched.run("ledger", "verify").out
    head = told.split("--expect-head ")[1].strip()
    export = switched.folder / "export.jsonl"
    export.write_text(switched.run("ledger", "export").out)
    closing = json.loads(export.read_text().splitlines()[-1])["head"]
    assert head == f"{closing['seq']}:{closing['hash']}"
    for option in ("--expect-head", "--head"):
        for file in ((), (str(export),)):
            assert switched.run("ledger", "verify", *file, option, head).code is ExitCode.DONE
    other = f"{closing['seq']}:{'0' * 64}"
    for file in ((), (str(export),)):
        broken = switched.run("ledger", "verify", *file, "--expect-head", other, "--format", "json")
        assert broken.code is ExitCode.LEDGER_BROKEN
        assert broken.json()["first_bad"] == closing["seq"]


def test_an_empty_ledger_holds_and_is_said_to_be_empty(tool: Tool) -> None:
    ended = tool.run("ledger", "verify")
    assert ended.code is ExitCode.DONE
    assert "there are no entries: is this the right database?" in ended.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "--expect-head", "12"), "`12` is not the head of a ledger"),
        (("show", "--since", "yesterday"), "`yesterday` is not a date or time"),
    ],
)
def test_what_cannot_be_read_is_bad_usage(
    tool: Tool, arguments: tuple[str, ...], message: str
) -> None:
    ended = tool.run("ledger", *arguments)
    assert ended.code is ExitCode.BAD_USAGE
    assert message in ended.err
    assert "help: " in ended.err


def test_the_tool_keeps_its_ledger_on_postgresql(tool: Tool, postgresql_url: str) -> None:
    with served("generated:3", tool.folder) as sandbox:
        tool.at(sandbox)
        where = ("--database-url", postgresql_url)
        assert tool.run("disable", "--keep-trusted-access", *where).code is ExitCode.DONE
        assert tool.run("enable", "--database", postgresql_url).code is ExitCode.DONE
        verified = tool.run("ledger", "verify", *where, "--format", "json")
        assert verified.json()["holds"] is True
        assert verified.json()["entries"] == 12
        export = tool.folder / "export.jsonl"
        export.write_text(tool.run("ledger", "export", *where).out)
        assert tool.run("ledger", "verify", str(export)).code is ExitCode.DONE
