"""The policy language as values: what a document says, and where it says it.

INVARIANT: nothing is merged, reordered or normalized; statements, patterns and values stand in the
document's own order and spelling, so that answers and repairs can point at them.
"""

from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.json_reader import JsonObject

DEFAULT_VERSION = "2008-10-17"
VARIABLES_VERSION = "2012-10-17"


class Effect(StrEnum):
    """What a statement does when it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Quantifier(StrEnum):
    """The set qualifier in front of an operator."""

    NONE = ""
    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


class PrincipalKind(StrEnum):
    """The kind of a principal; `EVERYONE` is the bare `"*"`."""

    EVERYONE = "*"
    AWS = "AWS"
    SERVICE = "Service"
    FEDERATED = "Federated"
    CANONICAL_USER = "CanonicalUser"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the source: `offset` counts characters from 0, `line` and `column` from 1."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that makes a statement or a test unreadable, and where."""

    message: str
    position: Position


@dataclass(frozen=True, slots=True)
class PatternList:
    """Action, NotAction, Resource or NotResource.

    `negated` for the Not… elements. `position` is that of the value; `end` the offset behind it.
    `positions` are those of the patterns, one each. An empty list matches nothing.
    """

    negated: bool
    patterns: tuple[str, ...]
    positions: tuple[Position, ...]
    position: Position
    end: int


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """One principal: its kind and text (`*` for everyone)."""

    kind: PrincipalKind
    value: str
    position: Position


@dataclass(frozen=True, slots=True)
class PrincipalList:
    """Principal, or NotPrincipal when `negated`."""

    negated: bool
    entries: tuple[PrincipalEntry, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class ConditionTest:
    """One key under one operator.

    `operator` is the canonical base name without qualifier and `IfExists` (`StringNotLike`), or
    the text as written when it is unknown, and then `problem` is set. `spelled` is the operator as
    written. Booleans and numbers among `values` stand as the text JSON gives them; `values` may be
    empty. `position` is that of the key; `values_position` and `end` bound the values.
    """

    quantifier: Quantifier
    operator: str
    if_exists: bool
    key: str
    values: tuple[str, ...]
    spelled: str
    position: Position
    values_position: Position
    end: int
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `index` counts from 0.

    A part that cannot be read is None (or carries its own problem), and `problems` says why; such
    a statement is never skipped: whoever evaluates treats the part as "could match".
    `node` is the statement's JSON, `position` the place of its opening brace.
    """

    index: int
    sid: str
    effect: Effect | None
    actions: PatternList | None
    resources: PatternList | None
    principals: PrincipalList | None
    conditions: tuple[ConditionTest, ...]
    position: Position
    node: JsonObject
    problems: tuple[Problem, ...] = ()

    @property
    def end(self) -> int:
        """The offset behind the closing brace."""
        return self.node.end


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document with its source.

    `version` is `2008-10-17` when the document states none. `problems` are faults of the document
    as a whole (an element AWS does not know): AWS refuses to store it, so an evaluation takes all
    its statements as unreadable.
    """

    name: str
    policy_type: PolicyType
    source: str
    tree: JsonObject
    version: str
    id: str
    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def variables_on(self) -> bool:
        """Whether `${…}` is a policy variable here (not in the 2008 version)."""
        return self.version == VARIABLES_VERSION
