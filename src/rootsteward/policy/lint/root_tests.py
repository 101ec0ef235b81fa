"""How policies speak about the root user."""

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import ConditionTest, Document, Statement
from rootsteward.policy.repair.blocking import statement_blocks
from rootsteward.policy.repair.requests import NO_FACTS

_PRINCIPAL_ARN = "aws:principalarn"
_ROOT_ENDING = ":root"


def tests_root_user(test: ConditionTest) -> bool:
    """Whether a test is about the root user's ARN, for or against."""
    return test.key.lower() == _PRINCIPAL_ARN and any(
        value.lower().endswith(_ROOT_ENDING) for value in test.values
    )


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
