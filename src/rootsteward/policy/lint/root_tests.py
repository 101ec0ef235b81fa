"""How policies speak about the root user."""

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import ConditionTest, Document, Statement
from rootsteward.policy.repair.blocking import statement_blocks
from rootsteward.policy.repair.requests import NO_FACTS

_ROOT_ENDING = ":root"
_ROOT_TYPE = "Account"
"""The root user's `aws:PrincipalType` (rule card EVAL-08)."""


def tests_root_user(test: ConditionTest) -> bool:
    """Whether a test is about the root user's ARN or type, for or against."""
    match test.key.lower():
        case "aws:principalarn":
            return any(value.lower().endswith(_ROOT_ENDING) for value in test.values)
        case "aws:principaltype":
            return test.operator.startswith("String") and _ROOT_TYPE in test.values
        case _:
            return False


def is_negated(test: ConditionTest) -> bool:
    """Whether the operator is one of the Not… operators."""
    return "Not" in test.operator


def about_root_user(statement: Statement) -> bool:
    """Whether a statement is aimed at the root user."""
    return any(tests_root_user(test) and not is_negated(test) for test in statement.conditions)


def blocked_tasks(document: Document, statement: Statement) -> tuple[TaskPolicy, ...]:
    """The root tasks that a readable Deny can stop."""
    if document.problems or statement.problems:
        return ()
    return statement_blocks(document, statement, tuple(TaskPolicy), NO_FACTS)
