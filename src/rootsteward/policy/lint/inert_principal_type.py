"""A test of `aws:PrincipalType` for a value that the key never has."""

from collections.abc import Iterator

from rootsteward.policy.document import Document
from rootsteward.policy.lint.finding import Finding, Fix, Severity, in_statement
from rootsteward.policy.lint.root_tests import is_negated
from rootsteward.policy.repair.edit import Edit, apply_edits
from rootsteward.policy.repair.repair import Safety

SLUG = "inert-principal-type"
_NEVER = frozenset({"root", "rootuser"})


def check(document: Document) -> Iterator[Finding]:
    """Find `aws:PrincipalType` compared with "Root"; the root user's value is "Account"."""
    for statement in document.statements:
        for test in statement.conditions:
            if test.key.lower() != "aws:principaltype":
                continue
            wrong = [value for value in test.values if value.lower() in _NEVER]
            if wrong:
                message = (
                    f'`aws:PrincipalType` is never "{wrong[0]}": the root user\'s is "Account"'
                )
                start, end = test.values_position.offset, test.end
                old = document.source[start:end]
                new = old.replace(f'"{wrong[0]}"', '"Account"')
                does = "spares" if is_negated(test) else "applies to"
                what = f'compare with "Account"; the statement then {does} the root user'
                text = apply_edits(document.source, [Edit(start, end, new)])
                yield in_statement(
                    SLUG,
                    Severity.ERROR,
                    statement,
                    message,
                    position=test.values_position,
                    fix=Fix(Safety.UNSAFE, what, text),
                )
