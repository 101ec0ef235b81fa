"""Globs, and that no pattern takes for ever."""

import pytest

from rootsteward.policy.pattern import compile_action, compile_glob


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
