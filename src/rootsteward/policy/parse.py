"""From text to `Document`, with a place for everything.

Two kinds of faults: text that is no policy at all raises; a statement that is a statement but
cannot be read in part is kept, with its problems, because skipping it would change the answer.
"""

from dataclasses import dataclass, field

from rootsteward.domain.authorization import PolicyType
from rootsteward.policy.conditions.binary import read_binary
from rootsteward.policy.conditions.vocabulary import read_operator
from rootsteward.policy.document import (
    DEFAULT_VERSION,
    VARIABLES_VERSION,
    ConditionTest,
    Document,
    Effect,
    PatternList,
    Position,
    PrincipalEntry,
    PrincipalKind,
    PrincipalList,
    Problem,
    Quantifier,
    Statement,
)
from rootsteward.policy.json_reader import (
    JsonArray,
    JsonLiteral,
    JsonMember,
    JsonNumber,
    JsonObject,
    JsonString,
    JsonValue,
    TextPositions,
    read_json,
)
from rootsteward.policy.syntax_error import PolicySyntaxError

__all__ = ["PolicySyntaxError", "parse_document"]

_VERSIONS = (VARIABLES_VERSION, DEFAULT_VERSION)
_DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
_NOT_IN_TYPE = {
    PolicyType.SCP: _PRINCIPALS,
    PolicyType.RCP: frozenset({"NotPrincipal", "NotAction"}),
    PolicyType.TASK: _PRINCIPALS,
    PolicyType.SESSION: _PRINCIPALS,
    PolicyType.IDENTITY: _PRINCIPALS,
    PolicyType.BOUNDARY: _PRINCIPALS,
    PolicyType.RESOURCE: frozenset[str](),
}
"""SOURCE: the element tables of SCPs and RCPs in the Organizations user guide."""


def parse_document(text: str, *, name: str = "", policy_type: PolicyType) -> Document:
    """Read a policy document; the text is kept in the result.

    Raises:
        PolicySyntaxError: the text is not JSON, not an object, has no readable `Statement`, or a
            version that does not exist. Faults inside a statement do not raise; see `Problem`.
    """
    tree = read_json(text, name=name)
    parser = _Parser(name, policy_type, TextPositions(text))
    if not isinstance(tree, JsonObject):
        raise parser.error(tree.start, "a JSON object with a `Statement`", _kind(tree))
    return parser.document(text, tree)


def _kind(value: JsonValue) -> str:
    """A word for a JSON value, for messages."""
    match value:
        case JsonString():
            return "a string"
        case JsonNumber():
            return "a number"
        case JsonLiteral(value=None):
            return "null"
        case JsonLiteral():
            return "a boolean"
        case JsonArray():
            return "a list"
        case JsonObject():
            return "an object"


@dataclass(slots=True)
class _Parser:
    name: str
    policy_type: PolicyType
    positions: TextPositions
    problems: list[Problem] = field(default_factory=list)

    def at(self, offset: int) -> Position:
        return Position(offset, *self.positions.line_and_column(offset))

    def error(self, offset: int, expected: str, found: str) -> PolicySyntaxError:
        line, column = self.positions.line_and_column(offset)
        return PolicySyntaxError(self.name, line, column, expected, found)

    def problem(self, offset: int, message: str) -> Problem:
        found = Problem(message, self.at(offset))
        self.problems.append(found)
        return found

    def document(self, text: str, tree: JsonObject) -> Document:
        statements = self.statements(tree)
        self.problems = []
        for member in tree.members:
            if member.name.value not in _DOCUMENT_ELEMENTS:
                self.problem(member.name.start, f"`{member.name.value}` is not a policy element")
        return Document(
            self.name,
            self.policy_type,
            text,
            tree,
            self.text_element(tree, "Version", DEFAULT_VERSION, _VERSIONS),
            self.text_element(tree, "Id", ""),
            statements,
            tuple(self.problems),
        )

    def text_element(
        self, tree: JsonObject, name: str, default: str, choices: tuple[str, ...] = ()
    ) -> str:
        member = tree.member(name)
        if member is None:
            return default
        value = member.value
        expected = " or ".join(f'"{c}"' for c in choices) or "a string"
        if not isinstance(value, JsonString):
            raise self.error(value.start, expected, _kind(value))
        if choices and value.value not in choices:
            raise self.error(value.start, expected, f'"{value.value}"')
        return value.value

    def statements(self, tree: JsonObject) -> tuple[Statement, ...]:
        member = tree.member("Statement")
        if member is None:
            raise self.error(tree.start, "an object with a `Statement`", "an object without one")
        nodes = member.value.items if isinstance(member.value, JsonArray) else (member.value,)
        return tuple(self.statement(i, node) for i, node in enumerate(nodes))

    def statement(self, index: int, node: JsonValue) -> Statement:
        if not isinstance(node, JsonObject):
            raise self.error(node.start, "a statement (an object)", _kind(node))
        self.problems = []
        self.check_elements(node)
        sid = self.sid(node)
        effect = self.effect(node)
        actions = self.patterns(node, "Action", "NotAction")
        resources = self.patterns(node, "Resource", "NotResource")
        principals = self.principals(node)
        conditions = self.conditions(node)
        return Statement(
            index,
            sid,
            effect,
            actions,
            resources,
            principals,
            conditions,
            self.at(node.start),
            node,
            tuple(self.problems),
        )

    def check_elements(self, node: JsonObject) -> None:
        barred = _NOT_IN_TYPE[self.policy_type]
        for member in node.members:
            name = member.name.value
            if name not in _STATEMENT_ELEMENTS:
                self.problem(member.name.start, f"`{name}` is not an element of a statement")
            elif name in barred:
                kind = self.policy_type.value.replace("_", " ")
                self.problem(member.name.start, f"`{name}` has no meaning in a {kind}")

    def sid(self, node: JsonObject) -> str:
        member = node.member("Sid")
        if member is None:
            return ""
        if isinstance(member.value, JsonString):
            return member.value.value
        self.problem(member.value.start, f"`Sid` is {_kind(member.value)}, not a string")
        return ""

    def effect(self, node: JsonObject) -> Effect | None:
        member = node.member("Effect")
        if member is None:
            self.problem(node.start, "the statement has no `Effect`")
            return None
        value = member.value
        if isinstance(value, JsonString) and value.value in set(Effect):
            return Effect(value.value)
        shown = f'"{value.value}"' if isinstance(value, JsonString) else _kind(value)
        self.problem(value.start, f'`Effect` is {shown}, neither "Allow" nor "Deny"')
        return None

    def either(self, node: JsonObject, plain: str, negated: str) -> tuple[JsonMember | None, bool]:
        """The one of two elements that is there; None when both or neither are."""
        one, other = node.member(plain), node.member(negated)
        if one is not None and other is not None:
            self.problem(other.name.start, f"the statement has both `{plain}` and `{negated}`")
            return None, False
        return (other, True) if one is None else (one, False)

    def patterns(self, node: JsonObject, plain: str, negated: str) -> PatternList | None:
        member, is_negated = self.either(node, plain, negated)
        if member is None:
            # WHY: trust and other resource policies may leave the resource out.
            optional = plain == "Resource" and self.policy_type is PolicyType.RESOURCE
            if not optional and node.member(plain) is None:
                self.problem(node.start, f"the statement has neither `{plain}` nor `{negated}`")
            return None
        value = member.value
        items = value.items if isinstance(value, JsonArray) else (value,)
        strings = [item for item in items if isinstance(item, JsonString)]
        if len(strings) != len(items):
            bad = next(item for item in items if not isinstance(item, JsonString))
            self.problem(bad.start, f"`{member.name.value}` holds {_kind(bad)}, not a string")
            return None
        return PatternList(
            is_negated,
            tuple(s.value for s in strings),
            tuple(self.at(s.start) for s in strings),
            self.at(value.start),
            value.end,
        )

    def principals(self, node: JsonObject) -> PrincipalList | None:
        member, negated = self.either(node, "Principal", "NotPrincipal")
        needed = self.policy_type in {PolicyType.RCP, PolicyType.RESOURCE}
        if member is None:
            if needed and node.member("Principal") is None:
                self.problem(node.start, "the statement has no `Principal`")
            return None
        entries = self.principal_entries(member.value)
        if entries is None:
            self.problem(member.value.start, f"`{member.name.value}` is not a principal")
            return None
        return PrincipalList(negated, entries, self.at(member.value.start))

    def principal_entries(self, value: JsonValue) -> tuple[PrincipalEntry, ...] | None:
        if isinstance(value, JsonString) and value.value == "*":
            return (PrincipalEntry(PrincipalKind.EVERYONE, "*", self.at(value.start)),)
        if not isinstance(value, JsonObject):
            return None
        entries: list[PrincipalEntry] = []
        for member in value.members:
            kind = member.name.value
            inner = member.value
            items = inner.items if isinstance(inner, JsonArray) else (inner,)
            if kind not in set(PrincipalKind) or kind == PrincipalKind.EVERYONE:
                return None
            for item in items:
                if not isinstance(item, JsonString):
                    return None
                entries.append(PrincipalEntry(PrincipalKind(kind), item.value, self.at(item.start)))
        return tuple(entries)

    def conditions(self, node: JsonObject) -> tuple[ConditionTest, ...]:
        member = node.member("Condition")
        if member is None:
            return ()
        if not isinstance(member.value, JsonObject):
            self.problem(member.value.start, f"`Condition` is {_kind(member.value)}, not an object")
            return ()
        tests: list[ConditionTest] = []
        for operator in member.value.members:
            if not isinstance(operator.value, JsonObject):
                found = _kind(operator.value)
                self.problem(
                    operator.value.start, f"`{operator.name.value}` is {found}, not an object"
                )
                continue
            tests.extend(self.test(operator.name, key) for key in operator.value.members)
        return tuple(tests)

    def test(self, operator: JsonString, key: JsonMember) -> ConditionTest:
        name = read_operator(operator.value)
        problem = None
        if name is None:
            message = f"`{operator.value}` is not a condition operator"
            problem = Problem(message, self.at(operator.start))
        items = key.value.items if isinstance(key.value, JsonArray) else (key.value,)
        texts = [_scalar_text(item) for item in items]
        if None in texts:
            bad = items[texts.index(None)]
            message = f"a value of `{key.name.value}` is {_kind(bad)}, not a string"
            problem = Problem(message, self.at(bad.start))
        if name is not None and name.base == "BinaryEquals":
            # WHY: IAM refuses to store such a value (rule card COND-15), so it cannot be read.
            bad_text = next((t for t in texts if t is not None and read_binary(t) is None), None)
            if bad_text is not None:
                message = f"a value of `{key.name.value}` is not base64: `{bad_text}`"
                problem = Problem(message, self.at(key.value.start))
        return ConditionTest(
            quantifier=name.quantifier if name else Quantifier.NONE,
            operator=name.base if name else operator.value,
            if_exists=name is not None and name.if_exists,
            key=key.name.value,
            values=tuple(text for text in texts if text is not None),
            spelled=operator.value,
            position=self.at(key.name.start),
            values_position=self.at(key.value.start),
            end=key.value.end,
            problem=problem,
        )


def _scalar_text(value: JsonValue) -> str | None:
    """The text a condition compares with; None for null, lists and objects."""
    match value:
        case JsonString():
            return value.value
        case JsonNumber():
            return value.text
        case JsonLiteral(value=bool(flag)):
            return "true" if flag else "false"
        case _:
            return None
