"""A condition that compares with nothing."""

from collections.abc import Iterator

from rootsteward.policy.document import Document
from rootsteward.policy.lint.finding import Finding, Severity, in_statement

SLUG = "empty-value-list"


def check(document: Document) -> Iterator[Finding]:
    """Find condition keys with an empty list of values, and empty action or resource lists."""
    for statement in document.statements:
        for test in statement.conditions:
            if not test.values and test.problem is None:
                negated = "Not" in test.operator
                effect = "always passes when the key is there" if negated else "never passes"
                message = f"`{test.key}` is compared with an empty list, which {effect}"
                yield in_statement(
                    SLUG, Severity.ERROR, statement, message, position=test.values_position
                )
        for listed in (statement.actions, statement.resources):
            if listed is not None and not listed.patterns:
                effect = "everything" if listed.negated else "nothing"
                message = f"an empty list matches {effect}"
                yield in_statement(
                    SLUG, Severity.ERROR, statement, message, position=listed.position
                )
