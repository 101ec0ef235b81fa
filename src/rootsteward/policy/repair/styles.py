"""The edits of each style, statement by statement.

A style either writes its edits into the editor or says why it cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rootsteward.policy.conditions.vocabulary import OperatorName, read_operator
from rootsteward.policy.document import Quantifier, Statement
from rootsteward.policy.json_reader import JsonArray, JsonMember, JsonObject, JsonString
from rootsteward.policy.pattern import compile_action
from rootsteward.policy.repair.edit import Editor
from rootsteward.policy.repair.repair import Style

ASSUMED_ROOT = "aws:AssumedRoot"
PRINCIPAL_ARN = "aws:PrincipalArn"
ROOT_USER_PATTERN = "arn:aws:iam::*:root"
SECOND_SID = "AndTasksOnly"
ALLOW_SID = "AllowRootTasks"


@dataclass(frozen=True, slots=True)
class CannotWrite:
    """The style has no form for this statement, because of `reason`."""

    reason: str


def write_deny(
    editor: Editor, statement: Statement, style: Style, actions: Sequence[str]
) -> CannotWrite | None:
    """Write the edits that make a Deny let `actions` through, in a style; None when done."""
    match style:
        case Style.SESSION_ONLY:
            return _exempt_sessions(editor, statement)
        case Style.SESSION_AND_TASK:
            return _exempt_tasks_of_sessions(editor, statement, actions)
        case Style.NOT_ACTION:
            return _exempt_actions(editor, statement, actions)
        case Style.EXCEPT_ROOT:
            return _exempt_root_user(editor, statement)


def has_growing_list(statement: Statement) -> bool:
    """Whether the Deny excepts a list of actions and does not aim at root sessions by name."""
    condition = _condition(statement)
    null = _operator(condition, "Null") if condition else None
    aimed = null is not None and _key(null.value, ASSUMED_ROOT) is not None
    return statement.actions is not None and statement.actions.negated and not aimed


def write_allow(editor: Editor, style: Style, actions: Sequence[str]) -> CannotWrite | None:
    """Add an Allow for `actions`, which the document does not allow now."""
    if not editor.document.statements:
        return CannotWrite("the policy has no statement to stand beside")
    narrow = style in {Style.SESSION_ONLY, Style.SESSION_AND_TASK}
    condition = (
        {"Null": {ASSUMED_ROOT: "false"}}
        if narrow
        else {"ArnLike": {PRINCIPAL_ARN: ROOT_USER_PATTERN}}
    )
    text = editor.statement_text(
        {
            "Sid": _free_sid(editor, ALLOW_SID),
            "Effect": "Allow",
            "Action": list(actions),
            "Resource": "*",
            "Condition": condition,
        }
    )
    editor.add_statement(text, len(editor.document.statements) - 1)
    return None


def _free_sid(editor: Editor, wanted: str) -> str:
    taken = {s.sid for s in editor.document.statements}
    return next(sid for n in range(len(taken) + 1) if (sid := f"{wanted}{n or ''}") not in taken)


def _exempt_sessions(editor: Editor, statement: Statement) -> CannotWrite | None:
    """Add `Null aws:AssumedRoot "true"`: the Deny then needs the key to be absent."""
    condition = _condition(statement)
    if condition is None:
        editor.add_member(statement.node, "Condition", {"Null": {ASSUMED_ROOT: "true"}})
        return None
    null = _operator(condition, "Null")
    if null is None:
        editor.add_member(condition, "Null", {ASSUMED_ROOT: "true"})
        return None
    if not isinstance(null.value, JsonObject):
        return CannotWrite("its `Null` block cannot be read")
    key = _key(null.value, ASSUMED_ROOT)
    if key is None:
        editor.add_member(null.value, ASSUMED_ROOT, "true")
        return None
    return CannotWrite(
        f"it already tests `Null {ASSUMED_ROOT}` so that it hits root sessions; whether that is "
        "meant is for its author to say"
    )


def _exempt_tasks_of_sessions(
    editor: Editor, statement: Statement, actions: Sequence[str]
) -> CannotWrite | None:
    """As `_exempt_sessions`, and a second Deny for everything but the tasks where one is needed."""
    second = _without_actions(editor, statement, actions)
    if isinstance(second, CannotWrite):
        return second
    refused = _exempt_sessions(editor, statement)
    if refused is None and second:
        editor.add_statement(second, statement.index)
    return refused


def _without_actions(
    editor: Editor, statement: Statement, actions: Sequence[str]
) -> str | CannotWrite:
    """The text of the statement as it stands, less some actions; empty when none are left."""
    copy = Editor(editor.document)
    refused = _exempt_actions(copy, statement, actions)
    if isinstance(refused, _NothingLeft):
        return ""
    if refused is not None:
        return refused
    sid = statement.node.member("Sid")
    if sid is not None and isinstance(sid.value, JsonString):
        name = _free_sid(editor, f"{statement.sid}{SECOND_SID}")
        copy.replace_member(statement.node, sid, "Sid", name)
    grown = sum(len(e.text) - (e.end - e.start) for e in copy.edits)
    return copy.result()[statement.position.offset : statement.end + grown]


@dataclass(frozen=True, slots=True)
class _NothingLeft(CannotWrite):
    """Without the actions the statement would deny nothing."""


def _exempt_actions(
    editor: Editor, statement: Statement, actions: Sequence[str]
) -> CannotWrite | None:
    """Take actions out of a Deny: by NotAction, or out of its list."""
    member = statement.node.member("Action") or statement.node.member("NotAction")
    if statement.actions is None or member is None:
        return CannotWrite("its actions cannot be read")
    patterns = statement.actions.patterns
    if statement.actions.negated:
        missing = [a for a in actions if not _covered(a, patterns)]
        editor.add_items(member.value, missing)
        return None
    if "*" in patterns:
        editor.replace_member(statement.node, member, "NotAction", list(actions))
        return None
    return _drop_actions(editor, member, patterns, actions)


def _covered(action: str, patterns: Sequence[str]) -> bool:
    return any(compile_action(p)(action.lower()) for p in patterns)


def _drop_actions(
    editor: Editor, member: JsonMember, patterns: Sequence[str], actions: Sequence[str]
) -> CannotWrite | None:
    lowered = {a.lower() for a in actions}
    wide = [p for p in patterns if p.lower() not in lowered and _touches(p, lowered)]
    if wide:
        return CannotWrite(f"its action `{wide[0]}` covers more than the tasks")
    kept = [i for i, p in enumerate(patterns) if p.lower() not in lowered]
    if not kept:
        return _NothingLeft("it denies nothing but the tasks and would have to go altogether")
    if isinstance(member.value, JsonArray):
        editor.keep_items(member.value, kept)
    return None


def _touches(pattern: str, lowered_actions: set[str]) -> bool:
    matches = compile_action(pattern)
    return any(matches(action) for action in lowered_actions)


def _exempt_root_user(editor: Editor, statement: Statement) -> CannotWrite | None:
    """Add `ArnNotLike aws:PrincipalArn` the root user, or add it to such a list."""
    condition = _condition(statement)
    if condition is None:
        value = {"ArnNotLike": {PRINCIPAL_ARN: ROOT_USER_PATTERN}}
        editor.add_member(statement.node, "Condition", value)
        return None
    for operator in ("ArnNotLike", "StringNotLike", "ArnNotEquals"):
        block = _operator(condition, operator)
        key = _key(block.value, PRINCIPAL_ARN) if block else None
        if key is not None:
            editor.add_items(key.value, [ROOT_USER_PATTERN])
            return None
    block = _operator(condition, "ArnNotLike")
    if block is None:
        editor.add_member(condition, "ArnNotLike", {PRINCIPAL_ARN: ROOT_USER_PATTERN})
    elif isinstance(block.value, JsonObject):
        editor.add_member(block.value, PRINCIPAL_ARN, ROOT_USER_PATTERN)
    return None


def _condition(statement: Statement) -> JsonObject | None:
    member = statement.node.member("Condition")
    return member.value if member and isinstance(member.value, JsonObject) else None


def _operator(condition: JsonObject, base: str) -> JsonMember | None:
    """The block of a plain operator: no set qualifier, no `IfExists`."""
    for member in condition.members:
        name = read_operator(member.name.value)
        if name == OperatorName(Quantifier.NONE, base, if_exists=False):
            return member
    return None


def _key(block: object, key: str) -> JsonMember | None:
    if not isinstance(block, JsonObject):
        return None
    return next((m for m in block.members if m.name.value.lower() == key.lower()), None)
