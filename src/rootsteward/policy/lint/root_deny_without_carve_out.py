"""A Deny for the root user that root sessions run into as well."""

from collections.abc import Iterator

from rootsteward.policy.document import Document, Effect, Statement
from rootsteward.policy.lint.finding import Finding, Fix, Severity, in_statement
from rootsteward.policy.lint.root_tests import about_root_user, blocked_tasks
from rootsteward.policy.repair.edit import Editor
from rootsteward.policy.repair.repair import Safety, Style
from rootsteward.policy.repair.styles import write_deny

SLUG = "root-deny-without-carve-out"


def check(document: Document) -> Iterator[Finding]:
    """Find statements that deny the root user and do not spare sessions of `sts:AssumeRoot`."""
    for statement in document.statements:
        if statement.effect is not Effect.DENY or not about_root_user(statement):
            continue
        tasks = blocked_tasks(document, statement)
        if tasks:
            names = ", ".join(task.slug for task in tasks)
            message = f"this Deny for the root user also stops root sessions: {names}"
            fix = _fix(document, statement)
            yield in_statement(SLUG, Severity.WARNING, statement, message, fix=fix)


def _fix(document: Document, statement: Statement) -> Fix | None:
    editor = Editor(document)
    if write_deny(editor, statement, Style.SESSION_ONLY, ()) is not None:
        return None
    what = 'let root sessions through: add `Null aws:AssumedRoot` "true"'
    return Fix(Safety.SAFE, what, editor.result())
