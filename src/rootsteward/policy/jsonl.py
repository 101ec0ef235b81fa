"""One request a line in, one decision a line out, in the same order.

The contract for comparing this engine with others; see the manual page of `policy evaluate`.
"""

import json
import math
from collections.abc import Iterable, Iterator

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    DecidedBy,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.domain.errors import OperatorError
from rootsteward.policy.evaluate import CompiledPolicies, compile_policies
from rootsteward.policy.json_reader import (
    MAX_CHARACTERS,
    JsonArray,
    JsonLiteral,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
    read_json,
)
from rootsteward.policy.line_documents import POLICY_FIELDS, SplitLine, split_line
from rootsteward.policy.settle import settle

_KNOWN_FIELDS = POLICY_FIELDS | {
    "id",
    "principal",
    "action",
    "resource",
    "context",
    "unknown_keys",
}
Compiled = dict[tuple[tuple[str, str], ...], CompiledPolicies]
_REMEMBERED_SETS = 256
_LONGEST_NUMBER = 15
"""Digits that a JSON number is sure to keep; a longer or larger id comes back as a string."""


def evaluate_lines(lines: Iterable[str]) -> Iterator[str]:
    """Decide one request a line; a line that cannot be read gives a line with `error`.

    Blank lines are passed over. Lines come out without a line break. Policy sets that occur again
    are compiled once.
    """
    compiled: Compiled = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _answer_line(line, number, compiled)


def _answer_line(line: str, number: int, compiled: Compiled) -> str:
    identity: object = None
    try:
        split = split_line(line) if len(line) <= MAX_CHARACTERS else None
        if split is not None:
            try:
                return _answer_split(split, compiled)
            except OperatorError:
                # WHY: reading the line whole names the place of the fault in it.
                pass
        fields = _object(read_json(line), "the request")
        identity = _plain(fields.get("id"))
        policies = _read_policies(fields, dict.fromkeys(POLICY_FIELDS, line))
        answer = settle(_read_request(fields), policies).answer
    except OperatorError as error:
        return _dump({"id": identity, "error": f"input line {number}: {error.message}"})
    return _dump(_as_json(identity, answer))


def _answer_split(split: SplitLine, compiled: Compiled) -> str:
    """The answer to a line whose policies are looked up by their text.

    Raises:
        OperatorError: something in the line is not as it should be.
    """
    fields = _object(read_json(split.rest), "the request")
    request = _read_request(fields)
    policies = compiled.get(split.policies)
    if policies is None:
        texts = dict(split.policies)
        values = {name: read_json(text) for name, text in split.policies}
        policies = compile_policies(_read_policies(values, texts))
        if len(compiled) >= _REMEMBERED_SETS:
            compiled.clear()
        compiled[split.policies] = policies
    return _dump(_as_json(_plain(fields.get("id")), settle(request, policies).answer))


def _dump(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _as_json(identity: object, answer: Answer) -> dict[str, object]:
    return {
        "id": identity,
        "decision": answer.decision.value,
        "by": _by_as_json(answer.by[0]) if answer.by else None,
        "depends_on": list(answer.depends_on),
        "why": answer.why,
    }


def _by_as_json(by: DecidedBy) -> dict[str, object]:
    return {
        "policy_type": by.policy_type.value,
        "level": int(by.level) if by.level else None,
        "policy": by.policy,
        "statement_index": by.statement_index,
        "sid": by.sid,
        "line": by.line,
        "column": by.column,
    }


def _fail(what: str, expected: str) -> OperatorError:
    return OperatorError(f"`{what}` must be {expected}", help="see the manual of `policy evaluate`")


def _object(value: JsonValue | None, what: str) -> dict[str, JsonValue]:
    if not isinstance(value, JsonObject):
        raise _fail(what, "an object")
    return {member.name.value: member.value for member in value.members}


def _is_absent(value: JsonValue | None) -> bool:
    return value is None or (isinstance(value, JsonLiteral) and value.value is None)


def _text(value: JsonValue | None, what: str) -> str:
    if not isinstance(value, JsonString):
        raise _fail(what, "a string")
    return value.value


def _plain(value: JsonValue | None) -> object:
    """The id as it came, if it is a scalar; anything else is no id."""
    match value:
        case JsonString() | JsonLiteral():
            return value.value
        case JsonNumber():
            number = json.loads(value.text) if len(value.text) <= _LONGEST_NUMBER else math.inf
            return number if math.isfinite(number) else value.text
        case _:
            return None


def _items(value: JsonValue | None, what: str) -> tuple[JsonValue, ...]:
    if not isinstance(value, JsonArray):
        raise _fail(what, "a list")
    return value.items


def _read_request(fields: dict[str, JsonValue]) -> AccessRequest:
    strangers = sorted(set(fields) - _KNOWN_FIELDS)
    if strangers:
        raise OperatorError(
            f"`{strangers[0]}` is not a field of a request",
            help="the fields are " + ", ".join(sorted(_KNOWN_FIELDS)),
        )
    context, unknown = fields.get("context"), fields.get("unknown_keys")
    given = {} if _is_absent(context) else _keys_once(_object(context, "context"))
    names = () if _is_absent(unknown) else _items(unknown, "unknown_keys")
    return AccessRequest(
        principal=_text(fields.get("principal"), "principal"),
        action=_text(fields.get("action"), "action"),
        resource=_text(fields.get("resource"), "resource"),
        context={k: _context_value(v, k) for k, v in given.items() if not _is_absent(v)},
        unknown_keys=frozenset(_text(name, "unknown_keys") for name in names),
    )


def _keys_once(context: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The context as it is; condition keys have no case, so none may be there twice (COND-13)."""
    seen: set[str] = set()
    for key in context:
        if key.lower() in seen:
            raise OperatorError(
                f"`context` has `{key}` twice", help="condition keys are compared without case"
            )
        seen.add(key.lower())
    return context


def _context_value(value: JsonValue, key: str) -> ContextValue:
    if isinstance(value, JsonArray):
        return tuple(_scalar(item, key) for item in value.items)
    return _scalar(value, key)


def _scalar(value: JsonValue, key: str) -> str:
    match value:
        case JsonString():
            return value.value
        case JsonNumber():
            return value.text
        case JsonLiteral(value=bool(flag)):
            return "true" if flag else "false"
        case _:
            raise _fail(f"context {key}", "a string or a list of strings")


def _read_policies(fields: dict[str, JsonValue], texts: dict[str, str]) -> PolicySet:
    """The policies; `texts` has for each field the text that its values were read from."""

    def one(name: str) -> NamedDocument | None:
        value = fields.get(name)
        return None if _is_absent(value) else _named(value, name, texts[name])

    def many(name: str) -> tuple[NamedDocument, ...] | None:
        value = fields.get(name)
        return None if _is_absent(value) else _documents(value, name, texts[name])

    return PolicySet(
        scp_levels=_levels(fields.get("scp_levels"), "scp_levels", texts),
        rcp_levels=_levels(fields.get("rcp_levels"), "rcp_levels", texts),
        task_policy=one("task_policy"),
        session_policies=many("session_policies"),
        identity_policies=many("identity_policies") or (),
        permissions_boundary=one("permissions_boundary"),
        resource_policy=one("resource_policy"),
    )


def _levels(value: JsonValue | None, what: str, texts: dict[str, str]) -> tuple[Level, ...] | None:
    """Levels have no names here: they are called by their place in the list."""
    if _is_absent(value):
        return None
    return tuple(
        Level(str(i), _documents(level, f"{what}[{i}]", texts[what]))
        for i, level in enumerate(_items(value, what))
    )


def _documents(value: JsonValue | None, what: str, text: str) -> tuple[NamedDocument, ...]:
    items = _items(value, what)
    return tuple(_named(item, f"{what}[{i}]", text) for i, item in enumerate(items))


def _named(value: JsonValue | None, what: str, text: str) -> NamedDocument:
    """A document as a string, or as an object, whose own text is then taken."""
    if isinstance(value, JsonString):
        return NamedDocument(what, value.value)
    if isinstance(value, JsonObject):
        return NamedDocument(what, text[value.start : value.end])
    raise _fail(what, "a policy document (an object, or a string that holds one)")
