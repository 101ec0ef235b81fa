import csv
import io
import json
from datetime import UTC, datetime

import pytest

from rootsteward.cli.render import Column, Footnotes, Format, Row, Screen, cell
from rootsteward.cli.words import counted

COLUMNS = (Column("account", "account", fold=False), Column("detail", "detail"))
ROWS: list[Row] = [
    {"account": "012345678901", "detail": ["one", "two"], "hidden": {"a": 1}},
    {"account": "222222222222", "detail": None, "hidden": None},
]


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "dumb")


def test_json_carries_every_key_and_its_own_types(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(Format.JSON).rows("title", COLUMNS, ROWS)
    out, err = capsys.readouterr()
    assert json.loads(out) == ROWS
    assert err == ""


def test_csv_has_the_columns_with_lists_in_one_cell(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(Format.CSV).rows("title", COLUMNS, ROWS)
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["account", "detail"], ["012345678901", "one; two"], ["222222222222", ""]]


def test_people_see_a_moment_to_the_second_and_programs_in_iso_8601(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row: Row = {"account": datetime(2026, 11, 26, 0, 10, 5, 999, tzinfo=UTC), "detail": None}
    shown = {}
    for output in Format:
        Screen(output).rows("t", COLUMNS, [row])
        shown[output] = capsys.readouterr().out
    assert "2026-11-26 00:10:05 " in shown[Format.TABLE]
    assert '"2026-11-26T00:10:05+00:00"' in shown[Format.JSON]
    assert "2026-11-26T00:10:05+00:00," in shown[Format.CSV]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_disarms_formulas(capsys: pytest.CaptureFixture[str], start: str) -> None:
    Screen(Format.CSV).rows("t", COLUMNS, [{"account": f"{start}1", "detail": [f"{start}2"]}])
    (_, row) = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    kept = start.replace("\r", "\n")
    assert row == [f"'{kept}1", f"'{kept}2"]


def test_no_rows_are_an_empty_document_and_a_sentence_for_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen(Format.JSON).rows("t", COLUMNS, [])
    assert json.loads(capsys.readouterr().out) == []
    Screen(Format.CSV).rows("t", COLUMNS, [])
    assert capsys.readouterr().out == "account,detail\n"
    Screen(Format.TABLE).rows("Backups", COLUMNS, [], empty="there are none")
    assert capsys.readouterr().out == "Backups: there are none\n"


@pytest.mark.parametrize("output", [Format.JSON, Format.CSV])
def test_remarks_go_beside_the_data_in_one_line(
    capsys: pytest.CaptureFixture[str], output: Format
) -> None:
    screen = Screen(output)
    screen.say("a remark " * 20)
    screen.command("a command")
    screen.heading("a title")
    screen.diff("+ a diff")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["a remark " * 20, "a command"]


def test_markup_in_what_comes_from_outside_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(Format.TABLE)
    screen.rows("[bold]t[/bold]", COLUMNS, [{"account": "[red]a[/red]", "detail": "[/]"}])
    screen.say("[blink]b[/blink]")
    screen.record("[u]r[/u]", {"a": "[i]x[/i]"}, {"a": "a"})
    out = capsys.readouterr().out
    for text in ("[bold]t[/bold]", "[red]a[/red]", "[/]", "[blink]b[/blink]", "[i]x[/i]"):
        assert text in out


def test_a_remark_breaks_where_an_arn_has_a_joint(capsys: pytest.CaptureFixture[str]) -> None:
    arn = (
        "arn:aws:organizations::111111111111:policy/o-abcdefghij/service_control_policy/p-12345678"
    )
    Screen(Format.TABLE).say(arn, indent=2)
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        "arn:aws:organizations::111111111111:policy/o-abcdefghij/",
        "service_control_policy/p-12345678",
    ]


def test_a_command_is_never_broken_into_lines(capsys: pytest.CaptureFixture[str]) -> None:
    command = "rootsteward sandbox serve " + "--credentials-file " + "x" * 100
    Screen(Format.TABLE).command(command)
    assert capsys.readouterr().out == f"{command}\n"


def test_known_words_have_their_colour_also_with_notes_behind() -> None:
    assert cell("present").style == cell("PRESENT [1,2]").style == "bold red"
    assert cell("denied: by a policy").style == "magenta"
    assert cell("presently").style == ""
    assert cell(None).plain == cell([]).plain == "-"
    assert cell(["a", "b"]).plain == "a\nb"


def test_a_different_text_is_a_footnote_of_its_own_and_each_stands_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    notes = Footnotes()
    assert notes.mark("denied", ["first"]) == "denied [1]"
    assert notes.mark("denied", ["second", "first"]) == "denied [1,2]"
    assert notes.mark("none", []) == "none"
    notes.show(Screen(Format.TABLE))
    assert capsys.readouterr().out.splitlines() == ["[1] first", "[2] second"]


def test_numbers_agree_with_their_nouns() -> None:
    assert counted(0, "account") == "0 accounts"
    assert counted(1, "account") == "1 account"
    assert counted(2, "policy", "policies") == "2 policies"
