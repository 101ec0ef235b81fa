"""Errors name line, column and what was expected; work is bounded."""

import json

import pytest

from rootsteward.policy.json_reader import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    JsonArray,
    JsonObject,
    JsonString,
    read_json,
)
from rootsteward.policy.syntax_error import PolicySyntaxError


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("", 1, 1, "a JSON value"),
        ("{", 1, 2, "a name in double quotes"),
        ('{"a" 1}', 1, 6, "`:`"),
        ('{"a": 1,}', 1, 9, "a name in double quotes"),
        ('{"a": 1\n "b": 2}', 2, 2, "`,` or `}`"),
        ("[1 2]", 1, 4, "`,` or `]`"),
        ("[1,]", 1, 4, "a JSON value"),
        ('{"a": "open', 1, 7, "a closing quote"),
        ('{"a": "tab\there"}', 1, 11, "a printable character"),
        ('{"a": "\\q"}', 1, 8, "an escape"),
        ('{"a": "\\u12"}', 1, 8, "four hexadecimal digits"),
        ('{"a": "\\ud800"}', 1, 8, "both halves of a surrogate pair"),
        ('{"a": "\\udc00\\ud800"}', 1, 8, "both halves of a surrogate pair"),
        ("{} {}", 1, 4, "the end of the document"),
        ("nul", 1, 1, "a JSON value"),
        ("01", 1, 2, "the end of the document"),
        ("{'a': 1}", 1, 2, "a name in double quotes"),
        ("// note\n{}", 1, 1, "a JSON value"),
        ('{"a": 1,\n "b": 2,\n  "a": 3}', 3, 3, "a name that is not yet in this object"),
    ],
)
def test_broken_json_is_refused_with_its_place(
    text: str, line: int, column: int, expected: str
) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        read_json(text, name="doc")

    assert (caught.value.line, caught.value.column) == (line, column)
    assert expected in caught.value.expected
    assert str(caught.value).startswith(f"policy `doc`, line {line}, column {column}: expected ")


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack(bracket: str) -> None:
    with pytest.raises(PolicySyntaxError, match="levels of nesting"):
        read_json(bracket * 100_000)


def test_nesting_up_to_the_limit_is_read() -> None:
    value = read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)

    assert isinstance(value, JsonArray)


def test_a_text_beyond_the_limit_is_refused() -> None:
    with pytest.raises(PolicySyntaxError, match="at most 1,000,000 characters"):
        read_json(" " * (MAX_CHARACTERS + 1))


def test_a_huge_string_is_read() -> None:
    value = read_json(json.dumps("x\n" * 200_000))

    assert isinstance(value, JsonString)
    assert len(value.value) == 400_000


def test_values_know_where_they_stand() -> None:
    text = '\ufeff{ "a" : ["x", 1.50] }'
    tree = read_json(text)

    assert isinstance(tree, JsonObject)
    member = tree.member("a")
    assert member is not None
    assert text[member.value.start : member.value.end] == '["x", 1.50]'


def test_a_surrogate_pair_is_one_character() -> None:
    value = read_json('"\\ud801\\udc00"')

    assert isinstance(value, JsonString)
    assert value.value == "\U00010400"
