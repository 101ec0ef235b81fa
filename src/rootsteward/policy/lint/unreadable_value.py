"""A value that its operator cannot read, so that the condition does not do what it seems to."""

from collections.abc import Callable, Iterator

from rootsteward.policy.conditions.addresses import read_range
from rootsteward.policy.conditions.arns import is_arn_pattern
from rootsteward.policy.conditions.dates import read_date
from rootsteward.policy.conditions.numeric import read_number
from rootsteward.policy.document import ConditionTest, Document, Effect, Statement
from rootsteward.policy.lint.finding import Finding, Severity, in_statement

SLUG = "unreadable-value"


def _holds_something(text: str) -> bool:
    """Whether any address is in the range; a range of IPv6 with bits beyond its prefix has none."""
    found = read_range(text)
    return found is not None and found.base & ~found.mask == 0


_READERS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "Numeric": ("number", lambda text: read_number(text) is not None),
    "Date": ("date", lambda text: read_date(text) is not None),
    "Ip": ("address or range", _holds_something),
    "Arn": ("ARN", is_arn_pattern),
}
"""By the start of the operator's name without Not: what a value is, and whether a text is one."""


def check(document: Document) -> Iterator[Finding]:
    """Find numbers, dates, address ranges and ARNs that the service cannot read as such."""
    for statement in document.statements:
        for test in statement.conditions:
            for value in _unreadable(test, variables=document.variables_on):
                yield in_statement(
                    SLUG,
                    Severity.ERROR,
                    statement,
                    _message(statement, test, value),
                    position=test.values_position,
                )


def _kind(test: ConditionTest) -> str:
    bare = test.operator.removeprefix("Not")
    return next((kind for kind in _READERS if bare.startswith(kind)), "")


def _unreadable(test: ConditionTest, *, variables: bool) -> list[str]:
    kind = _kind(test)
    if test.problem is not None or not kind:
        return []
    is_one = _READERS[kind][1]
    # WHY: what a variable stands for is known only with a request.
    open_values = variables and kind == "Arn"
    return [v for v in test.values if not is_one(v) and not (open_values and "${" in v)]


def _message(statement: Statement, test: ConditionTest, value: str) -> str:
    kind = _kind(test)
    said = f"`{value}` is no {_READERS[kind][0]}"
    if kind != "Arn":
        return f"{said}, so nothing that `{test.key}` may hold ever matches it"
    deny = statement.effect is Effect.DENY
    outcome = "passes for every ARN in a Deny" if deny else "passes for no ARN in an Allow"
    return f"{said}, so this test of `{test.key}` {outcome} that nothing before it matches"
