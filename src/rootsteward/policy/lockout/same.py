"""Do two policy texts say the same?

A service may give back a policy in other white space, or with a lone value in place of a list of
one. What is compared is what the documents say, statement by statement in their order; when one of
them cannot be read, the texts must be equal.
"""

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import (
    ConditionTest,
    Document,
    PatternList,
    PrincipalEntry,
    PrincipalKind,
    PrincipalList,
    Statement,
)
from rootsteward.policy.parse import parse_document
from rootsteward.policy.syntax_error import PolicySyntaxError

Meaning = tuple[object, ...]


def say_the_same(one: str | None, other: str | None) -> bool:
    """Whether two policies, or the absence of one, say the same."""
    if one is None or other is None or one == other:
        return one == other
    try:
        documents = [parse_document(t, policy_type=PolicyType.RESOURCE) for t in (one, other)]
    except PolicySyntaxError:
        return False
    if any(d.problems or any(s.problems for s in d.statements) for d in documents):
        return False
    return _document(documents[0]) == _document(documents[1])


def meaning(statement: Statement) -> Meaning:
    """What a readable statement says, its conditions aside: values in lists have no order."""
    return (
        statement.sid,
        statement.effect,
        _patterns(statement.actions, fold=True),
        _patterns(statement.resources, fold=False),
        _principals(statement.principals),
    )


def condition_meaning(test: ConditionTest) -> Meaning:
    """What one condition test says."""
    return (
        test.quantifier,
        test.operator,
        test.if_exists,
        test.key.lower(),
        tuple(sorted(set(test.values))),
    )


def _document(document: Document) -> Meaning:
    statements = tuple(
        (meaning(s), frozenset(map(condition_meaning, s.conditions))) for s in document.statements
    )
    return (document.version, document.id, statements)


def _patterns(patterns: PatternList | None, *, fold: bool) -> Meaning:
    if patterns is None:
        return ()
    texts = {p.lower() if fold else p for p in patterns.patterns}
    return (patterns.negated, *sorted(texts))


def _principals(principals: PrincipalList | None) -> Meaning:
    if principals is None:
        return ()
    return (principals.negated, *sorted({_principal(entry) for entry in principals.entries}))


def _principal(entry: PrincipalEntry) -> tuple[str, str]:
    """An account id and its root user's ARN are one principal, as are `*` and AWS `*`.

    SOURCE: the IAM user guide, "AWS JSON policy elements: Principal".
    """
    if entry.kind is PrincipalKind.EVERYONE:
        return (PrincipalKind.AWS.value, "*")
    value = entry.value
    if entry.kind is PrincipalKind.AWS and value.startswith("arn:") and value.endswith(":root"):
        value = value.split(":")[4]
    return (entry.kind.value, value)
