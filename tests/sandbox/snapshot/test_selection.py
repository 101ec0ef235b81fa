"""Which accounts the options select, by tag, state, name and file, live and from a snapshot."""

import io
from pathlib import Path

import pytest

from rootsteward.cli.exit_codes import ExitCode
from sandbox.snapshot.conftest import Counted, Ended, Tool

TAGGED, SECURITY, FENCED, LEAVING = (
    "222222222222",
    "333333333333",
    "444444444444",
    "555555555555",
)


def selected(ended: Ended) -> set[str]:
    return {row["account"] for row in ended.json()}


def preflight(tool: Tool, *options: str) -> Ended:
    return tool.run("preflight", "--format", "json", *options)


def test_a_tag_is_read_of_no_account_that_another_option_leaves_out(
    live: Tool, stage: Counted
) -> None:
    stage.calls.clear()
    ended = preflight(live, "--ou", "Workloads", "--tag", "team=shop")
    assert selected(ended) == {TAGGED}
    assert stage.calls["ListTagsForResource"] == 2
    stage.calls.clear()
    preflight(live, "--ou", "Workloads")
    assert stage.calls["ListTagsForResource"] == 0


def test_accounts_with_a_tag_are_left_out(live: Tool) -> None:
    ended = preflight(live, "--exclude-tag", "stage=prüfung")
    assert selected(ended) == {SECURITY, FENCED}
    assert f"left out: {TAGGED}: excluded by --exclude-tag" in ended.err


def test_tags_that_cannot_be_read_are_no_answer(tool: Tool, stage: Counted) -> None:
    tool.at(stage, "half-blind")
    ended = tool.run("audit", "--tag", "team=shop", "--format", "json")
    # This operator may not read policies either, so the audit goes no further.
    assert ended.code is ExitCode.COULD_NOT_FINISH
    for account in (TAGGED, SECURITY, FENCED):
        assert f"left out: {account}: could not look: its tags cannot be read: " in ended.err


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("audit", ExitCode.UNSEEN),
        ("preflight", ExitCode.UNSEEN),
        ("scp repair", ExitCode.UNSEEN),
        # Root credentials management is off here, and the worse news wins.
        ("delete-credentials --dry-run", ExitCode.REFUSED),
    ],
)
def test_accounts_that_cannot_be_placed_are_said_again_and_in_the_exit_code(
    tool: Tool, stage: Counted, command: str, code: ExitCode
) -> None:
    tool.at(stage, "near-sighted")
    ended = tool.run(*command.split(), "--tag", "team=security")
    assert ended.code is code
    assert "selected: 1 of 5 accounts" in ended.out
    assert "could not look: its tags cannot be read" in " ".join(ended.out.split())
    assert "1 account could not be placed" in ended.out


def test_a_snapshot_answers_for_tags_when_it_has_them(
    offline: Tool, taken: Path, taken_without_tags: Path
) -> None:
    asked = ("--tag", "team=shop", "--snapshot")
    assert selected(preflight(offline, *asked, str(taken))) == {TAGGED}
    ended = preflight(offline, *asked, str(taken_without_tags))
    assert ended.code is ExitCode.BAD_USAGE
    assert "the snapshot has no tags" in ended.err
    assert "take it again with --tags" in ended.err


def test_accounts_in_another_state_are_looked_at_and_never_acted_on(live: Tool) -> None:
    assert selected(preflight(live, "--state", "suspended")) == {LEAVING}
    assert selected(preflight(live, "--ou", "Fenced", "--state", "SUSPENDED")) == {LEAVING}
    ended = live.run("delete-credentials", "--all", "--state", "suspended", "--yes")
    assert ended.code is ExitCode.BAD_USAGE
    assert "only active accounts are acted on" in ended.err


def test_names_are_left_out(live: Tool) -> None:
    assert selected(preflight(live, "--all", "--exclude-name", "f*")) == {TAGGED, SECURITY}


def test_the_csv_of_one_command_is_the_selection_of_the_next(live: Tool) -> None:
    audited = live.run("audit", "--ou", "Workloads", "--format", "csv")
    Path("audit.csv").write_text(audited.out, encoding="utf-8")
    assert selected(preflight(live, "--from-file", "audit.csv")) == {TAGGED, SECURITY}


def test_a_list_on_stdin_is_a_selection(live: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{FENCED} # the one\n{LEAVING}\n"))
    ended = preflight(live, "--from-file", "-")
    assert selected(ended) == {FENCED}
    assert f"left out: {LEAVING}: its state is SUSPENDED" in ended.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("222222222222\n12\n", "accounts.txt:2: `12` is not an account id"),
        ("# ours\n999999999999\n", "accounts.txt:2: account `999999999999` is not in organization"),
        ("", "accounts.txt: there is no account in it"),
    ],
)
def test_a_wrong_line_is_named(live: Tool, text: str, message: str) -> None:
    Path("accounts.txt").write_text(text, encoding="utf-8")
    ended = live.run("audit", "--from-file", "accounts.txt")
    assert ended.code is ExitCode.BAD_USAGE
    assert ended.err.startswith(f"error: {message}")
    assert ended.out == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--from-file nowhere.txt", "account list `nowhere.txt` cannot be read"),
        ("--tag shop", "--tag `shop` is no key and value"),
        ("--exclude-tag =x", "--exclude-tag `=x` is no key and value"),
        ("--tag team=ship", "has the tag `team=ship`"),
        ("--state gone", "invalid value for '--state'"),
        ("--ou Workloads --name fenced", "the options together select no account"),
    ],
)
def test_a_typo_never_selects_less_in_silence(live: Tool, options: str, message: str) -> None:
    ended = live.run("audit", *options.split())
    assert ended.code is ExitCode.BAD_USAGE
    assert message in ended.err
    assert ended.out == ""


def test_the_selection_is_shown_before_the_first_session_is_opened(
    live: Tool,
) -> None:
    ended = live.run("audit", "--ou", "Workloads", "--ou", "Fenced")
    shown = ended.out.index("selected: 3 of 5 accounts")
    assert shown < ended.out.index("Root/Fenced/Inner") < ended.out.index("Root credentials")
    assert shown < ended.out.index("its state is SUSPENDED") < ended.out.index("Root credentials")
