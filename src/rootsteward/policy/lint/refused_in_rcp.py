"""Something that Organizations does not take in a resource control policy."""

from collections.abc import Iterator

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.document import Document, Effect, PrincipalKind, PrincipalList, Statement
from rootsteward.policy.lint.finding import Finding, Severity, in_statement

SLUG = "refused-in-rcp"


def check(document: Document) -> Iterator[Finding]:
    """Find an Allow, a Principal other than everyone, and actions that RCPs do not take (RCP-02).

    Elements that no RCP may have are reported as unreadable.
    """
    if document.policy_type is not PolicyType.RCP:
        return
    for statement in document.statements:
        if statement.effect is Effect.ALLOW:
            message = "a resource control policy can only Deny"
            yield in_statement(SLUG, Severity.ERROR, statement, message)
        if statement.principals is not None and not _everyone(statement.principals):
            message = 'the Principal of a resource control policy is "*"; narrow it by a condition'
            yield in_statement(
                SLUG, Severity.ERROR, statement, message, position=statement.principals.position
            )
        yield from _actions(statement)


def _actions(statement: Statement) -> Iterator[Finding]:
    if statement.actions is None:
        return
    placed = zip(statement.actions.patterns, statement.actions.positions, strict=True)
    for pattern, position in placed:
        if pattern == "*" or pattern.lower().startswith("iam:"):
            message = f"`{pattern}` is not an action that resource control policies take"
            yield in_statement(SLUG, Severity.ERROR, statement, message, position=position)


def _everyone(principals: PrincipalList) -> bool:
    allowed = {PrincipalKind.EVERYONE, PrincipalKind.AWS}
    return not principals.negated and all(
        entry.kind in allowed and entry.value == "*" for entry in principals.entries
    )
