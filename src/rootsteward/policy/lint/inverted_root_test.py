"""A Deny that hits everybody but the root user."""

from collections.abc import Iterator

from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.lint.finding import Finding, Severity, in_statement
from rootsteward.policy.lint.root_tests import is_negated, tests_root_user

SLUG = "inverted-root-test"


def check(document: Document) -> Iterator[Finding]:
    """Find Denies of (nearly) everything whose only exception is the root user.

    A Deny of a few actions that spares the root user is a known way to keep them for it, and no
    finding.
    """
    for statement in document.statements:
        if statement.effect is not Effect.DENY or not _denies_nearly_all(statement):
            continue
        for test in statement.conditions:
            if tests_root_user(test) and is_negated(test) and len(test.values) == 1:
                message = (
                    f"`{test.spelled}` denies everybody but the root user; "
                    "to deny the root user, take the `Not` away"
                )
                yield in_statement(SLUG, Severity.ERROR, statement, message, position=test.position)


def _denies_nearly_all(statement: Statement) -> bool:
    actions = statement.actions
    return actions is not None and (actions.negated or "*" in actions.patterns)
