from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from rootsteward.cli.table_layout import GAP, broken, column_widths

ARN = "arn:aws:iam::333333333333:mfa/root-account-mfa-device"


def lines(text: str, width: int) -> list[str]:
    return broken(Text(text), width).plain.split("\n")


def test_words_stay_whole_where_they_fit() -> None:
    assert lines("last sign-in 2021-09-10", 12) == ["last sign-in", "2021-09-10"]


def test_a_long_name_breaks_behind_its_hyphens() -> None:
    assert lines("data-platform-prod", 10) == ["data-", "platform-", "prod"]
    assert lines("data-platform-prod", 14) == ["data-platform-", "prod"]


def test_an_arn_breaks_between_its_parts() -> None:
    assert lines(f"MFA {ARN}", 30) == [
        "MFA arn:aws:iam::333333333333:",
        "mfa/root-account-mfa-device",
    ]


def test_no_line_begins_with_the_space_of_the_one_before() -> None:
    assert lines("aaaa-bbbbbbbb: cccc dddd", 9) == ["aaaa-", "bbbbbbbb:", "cccc dddd"]


def test_lines_that_are_there_stay() -> None:
    assert lines("one\ntwo\n\nfour", 80) == ["one", "two", "", "four"]


def test_the_style_goes_with_the_text() -> None:
    text = Text.assemble(("red-ish", "red"), " plain")
    first = broken(text, 7)
    assert [(span.start, span.end, span.style) for span in first.spans] == [(0, 7, "red")]


def test_wide_characters_count_twice() -> None:
    assert lines("請求書 請求書", 8) == ["請求書", "請求書"]


def test_the_widest_column_gives_way_and_one_that_is_whole_never() -> None:
    columns = [[Text("1" * 12)], [Text("one two three")], [Text("four five")]]
    assert column_widths(columns, 80, whole=[True, False, False]) == [12, 13, 9]
    assert column_widths(columns, 12 + GAP + 9 + GAP + 9, whole=[True, False, False]) == [12, 9, 9]
    narrow = column_widths(columns, 26, whole=[True, False, False])
    assert narrow[0] == 12
    assert sum(narrow) + 2 * GAP <= 26


texts = st.lists(st.text(st.sampled_from("ab-/:. 請\n"), max_size=30), min_size=1, max_size=4)


@given(st.lists(texts, min_size=1, max_size=5), st.integers(20, 120))
def test_whatever_fits_is_never_shrunk_and_no_text_is_lost(
    columns: list[list[str]], available: int
) -> None:
    made = [[Text(text) for text in column] for column in columns]
    widths = column_widths(made, available, whole=[False] * len(made))
    for column, width in zip(made, widths, strict=True):
        for text in column:
            shown = broken(text, max(width, 1))
            assert "".join(shown.plain.split()) == "".join(text.plain.split())
            longest = max(cell_len(line) for line in text.plain.split("\n"))
            if longest <= width:
                assert shown.plain.split("\n") == [line.rstrip() for line in text.plain.split("\n")]
