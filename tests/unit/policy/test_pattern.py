"""Globs, and that no pattern takes for ever."""

import pytest

from rootsteward.policy.pattern import compile_action, compile_glob
from rootsteward.policy.variables import read_template


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("*", "", True),
        ("", "", True),
        ("", "a", False),
        ("?", "", False),
        ("?", "a", True),
        ("a*c", "ac", True),
        ("a*c", "abcb", False),
        ("*b*b*", "ab", False),
        ("*b*b*", "abb", True),
        ("*ab", "aab", True),
        ("a*ab", "ab", False),
        ("*a?c*", "abd-axc-", True),
        ("?*?", "a", False),
        ("a**b", "ab", True),
        ("a.c", "abc", False),
        ("a[b]", "ab", False),
        ("a*b", "a\nb", True),
        ("??", "\U00010400", True),
        ("?", "\U00010400", False),
    ],
)
def test_a_glob_matches_the_whole_text(pattern: str, text: str, matches: bool) -> None:  # noqa: FBT001 (table)
    assert compile_glob(pattern)(text) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        ("*:*", True),
        ("s*", True),
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:*Object", True),
        ("?3:Get?bject", True),
        ("s3", False),
        ("s3:Get", False),
        ("s3:GetObjects", False),
    ],
)
def test_actions_are_compared_without_case(pattern: str, matches: bool) -> None:  # noqa: FBT001 (table)
    assert compile_action(pattern)("s3:getobject") is matches


def test_a_hostile_pattern_is_answered() -> None:
    assert compile_glob("*a" * 60 + "b")("a" * 5000) is False


def test_odd_variables_are_read_in_bounded_time() -> None:
    """Each of these took the square of its length, or longer, with a careless expression."""
    for piece in ("${a", "${a,", "${a, '", "${ "):
        text = piece * 20_000
        assert read_template(text, wildcards=False, variables=True).tokens == (text,)
    spaced = "${" + " " * 200_000
    assert read_template(spaced, wildcards=True, variables=True).tokens == (spaced,)
