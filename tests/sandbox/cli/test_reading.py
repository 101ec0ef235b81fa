"""What the commands that only read show, to people and to machines."""

import pytest

from rootsteward.cli.exit_codes import ExitCode
from sandbox.cli.conftest import Tool
from sandbox.cli.served import Served

CLEAN = "333333333333"
READING = (
    "status",
    "audit",
    "audit --deep",
    "preflight",
    "preflight --blocked-only",
    "scp repair",
    "scp backups",
    "delegate list",
    "findings list",
    "ledger show",
    "ledger verify",
    "delete-credentials --all --dry-run",
    "allow-recovery --all --dry-run",
    "close-recovery --all --dry-run",
    "unlock bucket example-locked-bucket --account 333333333333 --dry-run",
    "enable --dry-run",
    "disable --dry-run",
    "delegate add 333333333333 --dry-run",
    "sandbox list",
)


@pytest.mark.parametrize("command", READING)
def test_json_and_csv_put_nothing_but_data_on_stdout(
    reader: Tool, standing_stage: Served, command: str
) -> None:
    as_json = reader.run(*command.split(), "--format", "json")
    as_csv = reader.run(*command.split(), "--format", "csv")

    assert as_json.code is as_csv.code
    assert as_json.code in {ExitCode.DONE, ExitCode.FINDINGS, ExitCode.UNSEEN, ExitCode.REFUSED}
    data = as_json.json()
    rows = as_csv.csv()
    assert len(rows) == (len(data) if isinstance(data, list) else 1)
    assert all(None not in row and None not in row.values() for row in rows)
    assert "\x1b" not in as_json.out + as_csv.out + as_json.err
    assert standing_stage.writes() == []


def test_a_clean_account_costs_two_calls(reader: Tool, standing_stage: Served) -> None:
    standing_stage.actions.clear()
    ended = reader.run("audit", "--account", CLEAN, "--format", "json")
    assert ended.code is ExitCode.DONE
    assert standing_stage.actions == ["AssumeRoot", "GetAccountSummary"]
    assert [(row["outcome"], row["basis"]) for row in ended.json()] == [("clean", "summary")]


def test_deep_reads_every_list_of_a_clean_account(reader: Tool, standing_stage: Served) -> None:
    standing_stage.actions.clear()
    ended = reader.run("audit", "--account", CLEAN, "--deep", "--format", "json")
    assert sorted(set(standing_stage.actions)) == [
        "AssumeRoot",
        "GetLoginProfile",
        "ListAccessKeys",
        "ListMFADevices",
        "ListSigningCertificates",
    ]
    assert [(row["outcome"], row["basis"]) for row in ended.json()] == [("clean", "listed")]


def test_details_are_read_only_where_something_is_present(
    reader: Tool, standing_stage: Served
) -> None:
    standing_stage.actions.clear()
    ended = reader.run("audit", "--account", "777777777777", "--format", "json")
    assert ended.code is ExitCode.FINDINGS
    (row,) = ended.json()
    assert (row["outcome"], row["access_keys"], row["password"]) == ("present", "present", "none")
    assert any(detail.startswith("key AKIA") for detail in row["details"])
    assert "ListMFADevices" not in standing_stage.actions
    assert "ListSigningCertificates" not in standing_stage.actions


def test_a_blocked_account_is_denied_with_the_statement_and_never_clean(reader: Tool) -> None:
    ended = reader.run("audit", "--format", "json")
    assert ended.code is ExitCode.UNSEEN
    rows = {row["account"]: row for row in ended.json()}
    assert {account: row["outcome"] for account, row in rows.items()} == {
        "222222222222": "present",
        "333333333333": "clean",
        "444444444444": "denied",
        "666666666666": "present",
        "777777777777": "present",
    }
    fenced = rows["444444444444"]
    assert {fenced[kind] for kind in ("password", "access_keys", "mfa", "certificates")} == {
        "denied"
    }
    (by,) = fenced["denied_by"]
    assert (by["statement"], by["level_name"], by["line"]) == ("NoRoot", "OU Fenced", 2)
    assert fenced["basis"] is None
    assert "5 accounts: 1 clean, 1 denied, 3 present" in ended.err


def test_what_is_left_out_is_said_beside_the_data(reader: Tool) -> None:
    ended = reader.run("audit", "--format", "csv")
    assert "left out: 555555555555: its state is SUSPENDED" in ended.err
    assert "left out: 111111111111: the management account is never a target" in ended.err
    assert "left out" not in ended.out


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(reader: Tool) -> None:
    rows = reader.run("audit", "--account", "666666666666", "--format", "csv").csv()
    assert rows[0]["name"] == '\'=guarded, "quoted" [bold]'
    rows = reader.run("audit", "--account", "666666666666", "--format", "json").json()
    assert rows[0]["name"] == '=guarded, "quoted" [bold]'


@pytest.mark.parametrize("width", [60, 80, 200])
def test_tables_keep_account_ids_whole_and_lines_within_the_terminal(
    reader: Tool, width: int
) -> None:
    reader.monkeypatch.setenv("COLUMNS", str(width))
    for command in ("audit", "preflight", "status", "delete-credentials --all --dry-run"):
        ended = reader.run(*command.split())
        assert max(map(len, ended.out.splitlines())) <= width
        assert ended.out.count("333333333333") >= (0 if command == "status" else 1)


@pytest.mark.parametrize("heading", ["allow-", "recovery", "delete-", "credentials", "unlock-"])
def test_eighty_columns_break_names_at_their_hyphens(reader: Tool, heading: str) -> None:
    reader.monkeypatch.setenv("COLUMNS", "80")
    assert heading in reader.run("preflight").out.split("333333333333")[0].split()


def test_preflight_says_what_is_blocked_where_and_by_what(reader: Tool) -> None:
    ended = reader.run("preflight", "--format", "json")
    assert ended.code is ExitCode.FINDINGS
    blocked = {row["account"] for row in ended.json() if row["decision"] != "allowed"}
    assert blocked == {"444444444444"}
    statements = [s for row in ended.json() for s in row["statements"]]
    assert {(s["statement"], s["level_name"]) for s in statements} == {("NoRoot", "OU Fenced")}
    assert "4 of 5 accounts" in ended.err


def test_preflight_calls_no_account(reader: Tool, standing_stage: Served) -> None:
    standing_stage.actions.clear()
    reader.run("preflight")
    assert "AssumeRoot" not in standing_stage.actions


def test_preflight_of_one_task_asks_about_that_task_only(reader: Tool) -> None:
    ended = reader.run("preflight", "--task", "audit", "--format", "json")
    assert {row["task"] for row in ended.json()} == {"audit"}


def test_status_says_that_all_is_on(reader: Tool) -> None:
    row = reader.run("status", "--format", "json").json()
    assert row["standing"] == "management account"
    assert row["ready"] is True
    assert (row["RootSessions"], row["trusted_access"]) == ("on", "on")


def test_a_member_account_is_not_told_that_something_is_off(reader: Tool) -> None:
    reader.be("security")
    ended = reader.run("status")
    assert ended.code is ExitCode.UNSEEN
    assert "not ready" not in ended.out
    assert "help: use credentials of the management account" in ended.out
    assert reader.run("status", "--format", "json").json()["ready"] is None


def test_the_least_privileged_operator_can_audit_and_nothing_more(
    reader: Tool, standing_stage: Served
) -> None:
    reader.be("operator")
    audited = reader.run("audit", "--account", CLEAN, "--format", "json")
    assert audited.code is ExitCode.DONE
    refused = reader.run("delete-credentials", "--account", "777777777777", "--yes")
    assert refused.code is ExitCode.REFUSED
    assert "1 denied" in refused.out
    assert "sts:AssumeRoot" in refused.out
    assert standing_stage.writes() == []


def test_without_colour_there_is_no_escape(reader: Tool) -> None:
    reader.monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in reader.run("audit").out
