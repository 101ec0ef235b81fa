"""Whether a condition holds: operators, sets, absent keys, IfExists, variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from rootsteward.domain.authorization import ContextValue
from rootsteward.spec import values
from rootsteward.spec.pattern import (
    ARN_COMPONENTS,
    Lookup,
    Token,
    arn_globs,
    fixed_arn_globs,
    fixed_glob,
    glob_of,
    tokens,
    utf16_units,
)


class Truth(Enum):
    """Whether something holds. `UNKNOWN`: the policy cannot be read well enough to say."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


class Quantifier(Enum):
    """The set operator in front of a condition operator."""

    SINGLE = ""
    ALL = "forallvalues:"
    ANY = "foranyvalue:"


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition: operator, key and values. `operator` is in lower case, without affixes."""

    operator: str
    quantifier: Quantifier
    if_exists: bool
    key: str
    patterns: tuple[str, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """A positive comparison and whether the operator is its negation.

    `readable` says whether a request's value is of the operator's kind. WHY: for addresses and
    ARNs a value that cannot be read fails the operator *and* its negation (COND-08, COND-09).
    """

    test: Callable[[str, str, Lookup | None], bool]
    negated: bool = False
    readable: Callable[[str], bool] = lambda _: True


class BrokenPatternError(Exception):
    """An ARN operator met a policy value that is no ARN (rule card COND-10)."""


def _string_equals(value: str, pattern: str, lookup: Lookup | None) -> bool:
    text = _text(pattern, lookup)
    return text is not None and utf16_units(value) == text


def _string_equals_ignore_case(value: str, pattern: str, lookup: Lookup | None) -> bool:
    text = _text(pattern, lookup)
    return text is not None and utf16_units(values.fold_case(value)) == utf16_units(
        values.fold_case(_joined(text))
    )


def _joined(units: str) -> str:
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


def _text(pattern: str, lookup: Lookup | None) -> str | None:
    """The pattern as literal text: here a star is a star."""
    if lookup is None or "${" not in pattern:
        return utf16_units(pattern)
    parts = tokens(pattern, lookup)
    return None if parts is None else "".join(p if isinstance(p, str) else p.char for p in parts)


def string_like(value: str, pattern: str, lookup: Lookup | None) -> bool:
    """Whether the value fits the pattern; `*` crosses everything, colons too."""
    if lookup is None or "${" not in pattern:
        return fixed_glob(pattern).matches(utf16_units(value))
    parts = tokens(pattern, lookup)
    return parts is not None and glob_of(parts).matches(utf16_units(value))


def _arn_like(value: str, pattern: str, lookup: Lookup | None) -> bool:
    if lookup is None or "${" not in pattern:
        globs = fixed_arn_globs(pattern)
    else:
        parts: tuple[Token, ...] | None = tokens(pattern, lookup)
        if parts is None:
            return False
        globs = arn_globs(parts)
    if globs is None:
        raise BrokenPatternError
    components = utf16_units(value).split(":", ARN_COMPONENTS - 1)
    return all(glob.matches(part) for glob, part in zip(globs, components, strict=True))


def _is_arn(value: str) -> bool:
    return value.startswith("arn:") and value.count(":") >= ARN_COMPONENTS - 1


def _number(compare: Callable[[int], bool]) -> Callable[[str, str, Lookup | None], bool]:
    def test(value: str, pattern: str, _: Lookup | None) -> bool:
        left, right = values.read_number(value), values.read_number(pattern)
        return left is not None and right is not None and compare((left > right) - (left < right))

    return test


def _date(compare: Callable[[int], bool]) -> Callable[[str, str, Lookup | None], bool]:
    def test(value: str, pattern: str, _: Lookup | None) -> bool:
        left, right = values.read_date_ms(value), values.read_date_ms(pattern)
        return left is not None and right is not None and compare((left > right) - (left < right))

    return test


def _bool(value: str, pattern: str, _: Lookup | None) -> bool:
    return values.read_bool(value) == values.read_bool(pattern)


def _binary(value: str, pattern: str, _: Lookup | None) -> bool:
    left = values.read_binary(value)
    return left is not None and left == values.read_binary(pattern)


def _ip(value: str, pattern: str, _: Lookup | None) -> bool:
    address = values.read_address(value)
    return address is not None and values.in_range(address, pattern)


def _is_address(value: str) -> bool:
    return values.read_address(value) is not None


def _ordered(
    name: str, make: Callable[[Callable[[int], bool]], Callable[[str, str, Lookup | None], bool]]
) -> dict[str, Operator]:
    """The six operators of an ordered kind; the sign of left minus right decides."""
    return {
        f"{name}equals": Operator(make(lambda sign: sign == 0)),
        f"{name}notequals": Operator(make(lambda sign: sign == 0), negated=True),
        f"{name}lessthan": Operator(make(lambda sign: sign < 0)),
        f"{name}lessthanequals": Operator(make(lambda sign: sign <= 0)),
        f"{name}greaterthan": Operator(make(lambda sign: sign > 0)),
        f"{name}greaterthanequals": Operator(make(lambda sign: sign >= 0)),
    }


# Names in lower case: operators are compared without case (rule card COND-13).
OPERATORS = {
    "stringequals": Operator(_string_equals),
    "stringnotequals": Operator(_string_equals, negated=True),
    "stringequalsignorecase": Operator(_string_equals_ignore_case),
    "stringnotequalsignorecase": Operator(_string_equals_ignore_case, negated=True),
    "stringlike": Operator(string_like),
    "stringnotlike": Operator(string_like, negated=True),
    **_ordered("numeric", _number),
    **_ordered("date", _date),
    "bool": Operator(_bool),
    "binaryequals": Operator(_binary),
    "ipaddress": Operator(_ip, readable=_is_address),
    "notipaddress": Operator(_ip, negated=True, readable=_is_address),
    "arnequals": Operator(_arn_like, readable=_is_arn),
    "arnnotequals": Operator(_arn_like, negated=True, readable=_is_arn),
    "arnlike": Operator(_arn_like, readable=_is_arn),
    "arnnotlike": Operator(_arn_like, negated=True, readable=_is_arn),
}
NULL = "null"


def lookup_in(context: Mapping[str, ContextValue]) -> Lookup:
    """How a variable finds its value (rule card COND-11).

    A multivalued key never resolves, not even to the default; one without values is absent.
    """

    def lookup(key: str, default: str | None) -> str | None:
        value = context.get(key.strip().lower())
        if not value and value != "":
            return default
        return None if isinstance(value, tuple) else value

    return lookup


def clause_holds(
    clause: Clause, context: Mapping[str, ContextValue], lookup: Lookup | None, *, denies: bool
) -> Truth:
    """Whether one condition holds.

    `denies`: the statement is a Deny. WHY: a broken ARN pattern makes a Deny apply and an Allow
    not (rule card COND-10).
    """
    if clause.trouble:
        return Truth.UNKNOWN
    found = context.get(clause.key)
    present = (found,) if isinstance(found, str) else found or ()
    if clause.operator == NULL:
        if clause.quantifier is not Quantifier.SINGLE and not present:
            return _truth(clause.quantifier is Quantifier.ALL)
        return _truth(any(values.read_bool(p) != bool(present) for p in clause.patterns))
    operator = OPERATORS[clause.operator]
    if not present:
        return _truth(_holds_when_absent(clause, operator))
    try:
        return _truth(_holds(clause, operator, present, lookup))
    except BrokenPatternError:
        return _truth(denies)


def _truth(holds: bool) -> Truth:  # noqa: FBT001 (it converts this one value)
    return Truth.TRUE if holds else Truth.FALSE


def _holds_when_absent(clause: Clause, operator: Operator) -> bool:
    """Rule cards COND-01 and, for sets, COND-17."""
    if clause.quantifier is not Quantifier.SINGLE:
        return clause.quantifier is Quantifier.ALL
    return clause.if_exists or operator.negated


def _holds(
    clause: Clause, operator: Operator, present: tuple[str, ...], lookup: Lookup | None
) -> bool:
    """Rule card COND-02: sets, and single-valued operators on several values."""
    if clause.quantifier is Quantifier.SINGLE and len(present) > 1:
        return operator.negated
    results = [_one_holds(operator, value, clause.patterns, lookup) for value in present]
    return any(results) if clause.quantifier is Quantifier.ANY else all(results)


def _one_holds(
    operator: Operator, value: str, patterns: tuple[str, ...], lookup: Lookup | None
) -> bool:
    if not operator.readable(value):
        return False
    # WHY a list: every pattern is read, so that the order of values never matters (COND-10).
    matches = [operator.test(value, pattern, lookup) for pattern in patterns]
    return any(matches) != operator.negated
