"""A NotAction list that leaves actions of root tasks out."""

from collections.abc import Iterable, Iterator, Mapping

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.lint.finding import Finding, Fix, Severity, in_statement
from rootsteward.policy.lint.root_tests import about_root_user, blocked_tasks
from rootsteward.policy.repair.edit import Editor
from rootsteward.policy.repair.repair import Safety, Style
from rootsteward.policy.repair.styles import write_deny
from rootsteward.policy.statement import compile_actions

SLUG = "tasks-left-out"


def check(document: Document) -> Iterator[Finding]:
    """Find Denies with NotAction that stop a root task half way, or from its first call on.

    A Deny for the root user that spares nothing of a task is for `root-deny-without-carve-out`.
    """
    for statement in document.statements:
        actions = statement.actions
        if statement.effect is not Effect.DENY or actions is None or not actions.negated:
            continue
        blocked = {task: _missing(statement, task) for task in blocked_tasks(document, statement)}
        partly = {task: m for task, m in blocked.items() if 0 < len(m) < len(task.actions)}
        wholly = {task: m for task, m in blocked.items() if len(m) == len(task.actions)}
        if about_root_user(statement):
            wholly = {}
        if partly or wholly:
            yield in_statement(
                SLUG,
                Severity.WARNING if partly else Severity.NOTE,
                statement,
                "; ".join(_messages(partly, wholly)),
                position=actions.position,
                fix=_fix(document, statement, _union([*partly.values(), *wholly.values()])),
            )


Missing = Mapping[TaskPolicy, tuple[str, ...]]


def _messages(partly: Missing, wholly: Missing) -> Iterator[str]:
    if partly:
        missing = ", ".join(_union(partly.values()))
        yield f"NotAction spares a part of {_slugs(partly)} and leaves out {missing}"
    if wholly:
        yield f"NotAction spares nothing of {_slugs(wholly)}: root sessions are stopped as well"


def _slugs(tasks: Iterable[TaskPolicy]) -> str:
    return ", ".join(task.slug for task in tasks)


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(action for listed in lists for action in listed))


def _missing(statement: Statement, task: TaskPolicy) -> tuple[str, ...]:
    denies = compile_actions(statement.actions)
    return tuple(action for action in task.actions if denies(action.lower()))


def _fix(document: Document, statement: Statement, missing: tuple[str, ...]) -> Fix | None:
    editor = Editor(document)
    if write_deny(editor, statement, Style.NOT_ACTION, missing) is not None:
        return None
    what = "add the missing actions; everyone the statement is about gains them"
    return Fix(Safety.UNSAFE, what, editor.result())
