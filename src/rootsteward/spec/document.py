"""Reading a policy document.

Reading never guesses and never skips: whatever cannot be read becomes `trouble`, a reason, on the
smallest part that holds it. `read_document` turns any trouble into an error; `judge` carries it
into the answer *undetermined*.
"""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.spec import values
from rootsteward.spec.conditions import NULL, OPERATORS, Clause, Quantifier

VARIABLES_VERSION = "2012-10-17"
OLD_VERSION = "2008-10-17"
ALLOW, DENY = "Allow", "Deny"
_TOP = {"Version", "Id", "Statement"}
_ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
    "NotResource", "Condition",
}  # fmt: skip
_NOT_IN_RCPS = {"NotAction", "NotPrincipal"}
_PRINCIPAL_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}
_OPERATOR = re.compile(r"(forallvalues:|foranyvalue:)?([a-z]+?)(ifexists)?", re.ASCII)
_WITH_PRINCIPAL = {PolicyType.RCP, PolicyType.RESOURCE}

# WHY Any: what json gives is checked piece by piece below, and nothing else in `spec` sees it.
Json = Any


class _Trouble(Exception):  # noqa: N818 (never leaves this module)
    """A part that cannot be read, and why."""


class _NumberText(str):
    """A JSON number, kept as it is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """An element or its Not form: the patterns, and whether they are what is left out."""

    patterns: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Principals:
    """A Principal or NotPrincipal element: (kind, name) pairs; anyone is `("AWS", "*")`."""

    entries: tuple[tuple[str, str], ...]
    negated: bool = False


ANYONE = Principals((("AWS", "*"),))


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, its actions in lower case.

    `effect` is empty when it cannot be read; then the statement may be either.

    With `trouble` the rest is empty, and whether the statement applies is unknown.
    """

    index: int
    effect: str = ""
    sid: str = ""
    actions: Choice = Choice(())
    resources: Choice = Choice(("*",))
    principals: Principals | None = None
    clauses: tuple[Clause, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read. `variables` is off in the 2008 version (rule card COND-11)."""

    statements: tuple[Statement, ...] = field(default=())
    variables: bool = False
    trouble: str = ""

    def troubles(self) -> list[str]:
        """Every part that could not be read, with its place."""
        found = [self.trouble] if self.trouble else []
        for statement in self.statements:
            reasons = [statement.trouble, *(clause.trouble for clause in statement.clauses)]
            found += [f"statement {statement.index}: {reason}" for reason in reasons if reason]
        return found


def read_document(text: str, policy_type: PolicyType) -> Document:
    """Read a document that AWS would store as its type (rule cards EVAL-12, RCP-02, COND-18).

    It does not check sizes, whether services, actions or keys exist, or whether names are unique.

    Raises:
        OperatorError: when any part cannot be read or is not allowed in this policy type.
    """
    document = parse(text, policy_type)
    troubles = document.troubles()
    if not troubles and policy_type in _REFUSED:
        troubles = [t for s in document.statements for t in _REFUSED[policy_type](s)]
    if troubles:
        raise OperatorError(
            f"malformed {policy_type.value.replace('_', ' ')}: {troubles[0]}",
            help="correct this part of the document; see the grammar of the IAM JSON policy"
            " language",
        )
    return document


def _rcp_troubles(statement: Statement) -> list[str]:
    """What Organizations refuses in a customer's RCP beyond the common grammar (RCP-02)."""
    where = f"statement {statement.index}: "
    found = []
    if statement.effect != DENY:
        found.append(where + "a resource control policy can only Deny")
    if statement.principals != ANYONE:
        found.append(where + 'a resource control policy needs `Principal` "*"')
    for pattern in statement.actions.patterns:
        service = pattern.partition(":")[0]
        if pattern == "*" or service == "iam":
            found.append(
                where + f"`{pattern}` is not an action that resource control policies take"
            )
    return found


def _date_troubles(statement: Statement) -> list[str]:
    """What IAM does not store, though it is read without trouble in a session policy (COND-18).

    What a variable stands for is not known before the request.
    """
    return [
        f"statement {statement.index}: `{pattern}` is not a date"
        for clause in statement.clauses
        if clause.operator.startswith("date")
        for pattern in clause.patterns
        if "${" not in pattern and values.read_date_ms(pattern) is None
    ]


_REFUSED = {
    PolicyType.RCP: _rcp_troubles,
    PolicyType.IDENTITY: _date_troubles,
    PolicyType.BOUNDARY: _date_troubles,
}


@lru_cache(maxsize=4096)
def parse(text: str, policy_type: PolicyType) -> Document:
    """Read a document, well formed or not; never raises for its content."""
    try:
        raw = _load(text)
        version, found = _top(raw)
    except _Trouble as trouble:
        return Document((Statement(0, trouble=str(trouble)),))
    statements = tuple(_statement(i, s, policy_type) for i, s in enumerate(found))
    strange = _stranger(raw, _TOP)
    if strange:
        # WHY: nothing is trusted beside an element nobody knows, but what each can do at most.
        statements = tuple(Statement(s.index, s.effect, s.sid, trouble=strange) for s in statements)
    return Document(statements, version == VARIABLES_VERSION, strange)


def _top(raw: Json) -> tuple[str, list[Json]]:
    if not isinstance(raw, dict):
        raise _Trouble("the document is not a JSON object")
    version = raw.get("Version", OLD_VERSION)
    if version not in (VARIABLES_VERSION, OLD_VERSION):
        raise _Trouble(f"`Version` must be {VARIABLES_VERSION} or {OLD_VERSION}")
    if not _is_text(raw.get("Id", "")):
        raise _Trouble("`Id` must be a string")
    if "Statement" not in raw:
        raise _Trouble("there is no `Statement`")
    statements = raw["Statement"] if isinstance(raw["Statement"], list) else [raw["Statement"]]
    for index, statement in enumerate(statements):
        if not isinstance(statement, dict):
            raise _Trouble(f"statement {index} is not a JSON object")
    return version, statements


def _is_text(raw: Json) -> bool:
    return isinstance(raw, str) and not isinstance(raw, _NumberText)


def _load(text: str) -> Json:
    try:
        loaded = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_int=_NumberText,
            parse_float=_NumberText,
            parse_constant=_no_constant,
        )
        json.dumps(loaded, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _Trouble(f"not JSON: {error.msg} at {where}") from error
    except RecursionError as error:
        raise _Trouble("not readable: nested too deeply") from error
    except UnicodeEncodeError as error:
        raise _Trouble("not readable: half of a surrogate pair") from error
    return loaded


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, value in pairs:
        if name in found:
            raise _Trouble(f"`{name}` is given twice in one object")
        found[name] = value
    return found


def _no_constant(name: str) -> Json:
    raise _Trouble(f"not JSON: `{name}`")


def _stranger(raw: dict[str, Json], known: set[str]) -> str:
    """What is wrong when there is an element that nobody knows."""
    strange = next((name for name in raw if name not in known), None)
    return "" if strange is None else f"`{strange}` is not an element of the policy language"


def _statement(index: int, raw: Json, policy_type: PolicyType) -> Statement:
    effect = raw.get("Effect")
    effect = effect if effect in (ALLOW, DENY) else ""
    sid = raw.get("Sid", "")
    sid = sid if _is_text(sid) else ""
    try:
        return _read_statement(index, effect, sid, raw, policy_type)
    except _Trouble as trouble:
        return Statement(index, effect, sid, trouble=str(trouble))


def _read_statement(
    index: int, effect: str, sid: str, raw: Json, policy_type: PolicyType
) -> Statement:
    strange = _stranger(raw, _ELEMENTS)
    if strange:
        raise _Trouble(strange)
    if not effect:
        raise _Trouble("`Effect` must be Allow or Deny")
    if not _is_text(raw.get("Sid", "")):
        raise _Trouble("`Sid` must be a string")
    if policy_type is PolicyType.RCP and effect == DENY:
        for name in _NOT_IN_RCPS & raw.keys():
            raise _Trouble(f"`{name}` is not supported in a resource control policy")
    actions = _choice(raw, "Action")
    if actions is None:
        raise _Trouble("there is no `Action` or `NotAction`")
    lowered = tuple(pattern.lower() for pattern in actions.patterns)
    resources = _choice(raw, "Resource")
    if resources is None and policy_type is not PolicyType.RESOURCE:
        raise _Trouble("there is no `Resource` or `NotResource`")
    return Statement(
        index,
        effect,
        sid,
        Choice(lowered, actions.negated),
        resources or Choice(("*",)),
        _principals(raw, policy_type),
        _clauses(raw.get("Condition", {})),
    )


def _choice(raw: dict[str, Json], name: str) -> Choice | None:
    if name in raw and f"Not{name}" in raw:
        raise _Trouble(f"both `{name}` and `Not{name}`")
    for element, negated in ((name, False), (f"Not{name}", True)):
        if element in raw:
            return Choice(_strings(raw[element], element), negated)
    return None


def _strings(raw: Json, element: str) -> tuple[str, ...]:
    items = raw if isinstance(raw, list) else [raw]
    for item in items:
        if not _is_text(item):
            raise _Trouble(f"`{element}` must be a string or a list of strings")
    return tuple(items)


def _principals(raw: dict[str, Json], policy_type: PolicyType) -> Principals | None:
    names = [name for name in ("Principal", "NotPrincipal") if name in raw]
    if policy_type not in _WITH_PRINCIPAL:
        if names:
            raise _Trouble(f"`{names[0]}` is not supported in this type of policy")
        return None
    if len(names) != 1:
        raise _Trouble("exactly one of `Principal` and `NotPrincipal` is needed")
    return Principals(_entries(raw[names[0]], names[0]), negated=names[0] == "NotPrincipal")


def _entries(raw: Json, element: str) -> tuple[tuple[str, str], ...]:
    if raw == "*":
        return (("AWS", "*"),)
    if not isinstance(raw, dict) or not raw:
        raise _Trouble(f'`{element}` must be "*" or an object')
    for kind in raw:
        if kind not in _PRINCIPAL_KINDS:
            raise _Trouble(f"`{kind}` is not a kind of principal")
    return tuple(
        (kind, name) for kind, given in raw.items() for name in _strings(given, f"{element}.{kind}")
    )


def _clauses(raw: Json) -> tuple[Clause, ...]:
    if not isinstance(raw, dict):
        raise _Trouble("`Condition` must be an object")
    found = []
    for operator, keys in raw.items():
        if not isinstance(keys, dict):
            raise _Trouble(f"`{operator}` in `Condition` must be an object")
        found += [_clause(operator, key, given) for key, given in keys.items()]
    return tuple(found)


def _clause(operator: str, key: str, given: Json) -> Clause:
    """One condition; an unknown operator is trouble of this condition alone (COND-14)."""
    match = _OPERATOR.fullmatch(operator.lower())
    name = match[2] if match else ""
    known = name in OPERATORS or (name == NULL and bool(match and not match[3]))
    try:
        patterns = _condition_values(given)
    except _Trouble as trouble:
        return Clause(name, Quantifier.SINGLE, False, key, (), f"`{operator}`: {trouble}")  # noqa: FBT003 (unused beside a trouble)
    trouble_text = "" if known else f"`{operator}` is not a condition operator"
    if name == "binaryequals" and None in map(values.read_binary, patterns):
        trouble_text = f"`{operator}`: a value is not base64"
    return Clause(
        name,
        Quantifier((match[1] if match else None) or ""),
        bool(match and match[3]),
        key.lower(),
        patterns,
        trouble_text,
    )


def _condition_values(given: Json) -> tuple[str, ...]:
    found = []
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, bool):
            found.append("true" if item else "false")
        elif isinstance(item, str):
            found.append(str(item))
        else:
            raise _Trouble("a value must be a string, a number or a boolean")
    return tuple(found)
