"""Tests of presence that do not test what they seem to."""

from collections.abc import Iterator

from rootsteward.policy.conditions.flags import read_flag
from rootsteward.policy.document import ConditionTest, Document, Effect, Statement
from rootsteward.policy.lint.finding import Finding, Severity, in_statement

SLUG = "null-misuse"
_ASSUMED_ROOT = "aws:assumedroot"
_FLAGS = frozenset({"true", "false"})


def check(document: Document) -> Iterator[Finding]:
    """Find odd values under `Null`, and `aws:AssumedRoot` tested the wrong way round.

    The key is "true" in root sessions and absent everywhere else, so `Bool` "false" never passes,
    and `Null` "false" and `Bool` "true" pass for root sessions alone (rule card TASK-03).
    """
    for statement in document.statements:
        for test in statement.conditions:
            message = _message(statement, test)
            if message:
                yield in_statement(SLUG, Severity.ERROR, statement, message, position=test.position)


def _message(statement: Statement, test: ConditionTest) -> str:
    flags = {read_flag(value) for value in test.values}
    assumed_root = test.key.lower() == _ASSUMED_ROOT
    if test.operator == "Null":
        odd = [value for value in test.values if value.lower() not in _FLAGS]
        if odd:
            return f'`Null` takes "true" or "false"; "{odd[0]}" counts as "false"'
        if len(flags) > 1:
            return f"`Null {test.key}` with both values always passes"
        if assumed_root and statement.effect is Effect.DENY and flags == {False}:
            return '`Null aws:AssumedRoot` "false" denies root sessions and nobody else'
    if test.operator == "Bool" and assumed_root and not test.if_exists:
        if flags == {False}:
            return '`Bool aws:AssumedRoot` "false" never passes: the key is "true" or absent'
        if statement.effect is Effect.DENY and flags == {True}:
            return '`Bool aws:AssumedRoot` "true" denies root sessions and nobody else'
    return ""
