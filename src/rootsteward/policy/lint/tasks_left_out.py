"""A NotAction list that spares some actions of a root task and forgets others."""

from collections.abc import Iterator

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.lint.finding import Finding, Fix, Severity, in_statement
from rootsteward.policy.lint.root_tests import blocked_tasks
from rootsteward.policy.repair.edit import Editor
from rootsteward.policy.repair.repair import Safety, Style
from rootsteward.policy.repair.styles import write_deny
from rootsteward.policy.statement import compile_actions

SLUG = "tasks-left-out"


def check(document: Document) -> Iterator[Finding]:
    """Find Denies with NotAction that let a task begin and then stop it half way."""
    for statement in document.statements:
        actions = statement.actions
        if statement.effect is not Effect.DENY or actions is None or not actions.negated:
            continue
        for task in blocked_tasks(document, statement):
            missing = _missing(statement, task)
            if missing and len(missing) < len(task.actions):
                named = ", ".join(missing)
                message = f"NotAction spares a part of {task.slug} and leaves out {named}"
                fix = _fix(document, statement, missing)
                yield in_statement(
                    SLUG,
                    Severity.WARNING,
                    statement,
                    message,
                    position=actions.position,
                    fix=fix,
                )


def _missing(statement: Statement, task: TaskPolicy) -> tuple[str, ...]:
    denies = compile_actions(statement.actions)
    return tuple(action for action in task.actions if denies(action.lower()))


def _fix(document: Document, statement: Statement, missing: tuple[str, ...]) -> Fix | None:
    editor = Editor(document)
    if write_deny(editor, statement, Style.NOT_ACTION, missing) is not None:
        return None
    what = "add the missing actions; everyone the statement is about gains them"
    return Fix(Safety.UNSAFE, what, editor.result())
