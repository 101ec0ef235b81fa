from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rootsteward.campaigns.durations import in_words, parse_duration
from rootsteward.domain.errors import InputError


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90m", timedelta(minutes=90)),
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
    ],
)
def test_spans_are_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "4", "h", "0h", "-1h", "4 h", "4H", "1.5h", "٤h", "999999d"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no span of time"):
        parse_duration(text)


@given(st.integers(-5, 10_000))
def test_words_are_whole_minutes_and_never_negative(minutes: int) -> None:
    words = in_words(timedelta(minutes=minutes)).split()
    units = {"d": 24 * 60, "h": 60, "min": 1}
    pairs = zip(words[::2], words[1::2], strict=True)
    assert sum(int(number) * units[unit] for number, unit in pairs) == max(0, minutes)
