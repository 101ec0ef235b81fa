"""Presence, tested the wrong way."""

from collections.abc import Callable

import pytest

from rootsteward.policy.document import Document
from rootsteward.policy.lint.null_misuse import check

ReadScp = Callable[..., Document]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"Null": {"aws:TokenIssueTime": "absent"}}, 'counts as "false"'),
        ({"Null": {"aws:TokenIssueTime": ["true", "false"]}}, "always passes"),
        ({"Null": {"aws:AssumedRoot": "false"}}, "nobody else"),
        ({"Bool": {"aws:AssumedRoot": "false"}}, "never passes"),
        ({"Bool": {"aws:AssumedRoot": "true"}}, "nobody else"),
    ],
)
def test_a_test_that_says_something_else_is_reported(
    scp: ReadScp, condition: dict[str, object], words: str
) -> None:
    (finding,) = check(scp({"Action": "*", "Condition": condition}))
    assert words in finding.message


@pytest.mark.parametrize(
    "condition",
    [
        {"Null": {"aws:AssumedRoot": "true"}},
        {"BoolIfExists": {"aws:AssumedRoot": "false"}},
        {"Null": {"aws:TokenIssueTime": "false"}},
    ],
)
def test_a_test_that_says_what_it_means_is_fine(scp: ReadScp, condition: dict[str, object]) -> None:
    assert not list(check(scp({"Action": "*", "Condition": condition})))


def test_an_allow_for_root_sessions_is_fine(scp: ReadScp) -> None:
    condition = {"Null": {"aws:AssumedRoot": "false"}}
    assert not list(check(scp({"Effect": "Allow", "Action": "*", "Condition": condition})))
