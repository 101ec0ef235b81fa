"""Whether a condition holds: operators, sets, absent keys, IfExists, variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from operator import eq, ge, gt, le, lt
from typing import Any

from rootsteward.domain.authorization import ContextValue
from rootsteward.spec import values
from rootsteward.spec.pattern import (
    ARN_COMPONENTS,
    Lookup,
    Tokens,
    arn_parts,
    fits,
    joined,
    literal,
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
    """A positive comparison of a request's value with a policy value, and whether to negate it.

    `reads_text`: the policy value comes as tokens, its variables filled in; else as it is written.
    `readable` says whether a request's value is of the operator's kind. WHY: for addresses and
    ARNs a value that cannot be read fails the operator *and* its negation (COND-08, COND-09).
    """

    test: Callable[[str, Any], bool]
    negated: bool = False
    reads_text: bool = False
    readable: Callable[[str], bool] = lambda _: True


class BrokenPatternError(Exception):
    """An ARN operator met a policy value that is no ARN (rule card COND-10)."""


def _equals_ignoring_case(value: str, pattern: Tokens) -> bool:
    return utf16_units(values.fold_case(value)) == utf16_units(
        values.fold_case(joined(literal(pattern)))
    )


def _arn_like(value: str, pattern: Tokens) -> bool:
    wanted = arn_parts(pattern)
    if wanted is None:
        raise BrokenPatternError
    return all(map(fits, value.split(":", ARN_COMPONENTS - 1), wanted))


def _is_arn(value: str) -> bool:
    return value.startswith("arn:") and value.count(":") >= ARN_COMPONENTS - 1


def _in_range(value: str, pattern: str) -> bool:
    address = values.read_address(value)
    return address is not None and values.in_range(address, pattern)


def _comparing(
    read: Callable[[str], Any], compare: Callable[[Any, Any], bool]
) -> Callable[[str, str], bool]:
    """Read both sides and compare; what cannot be read compares with nothing."""

    def test(value: str, pattern: str) -> bool:
        left, right = read(value), read(pattern)
        return left is not None and right is not None and compare(left, right)

    return test


# Names in lower case: operators are compared without case (rule card COND-13).
OPERATORS = {
    **{
        f"string{name}": Operator(test, reads_text=True)
        for name, test in {
            "equals": lambda value, pattern: utf16_units(value) == literal(pattern),
            "equalsignorecase": _equals_ignoring_case,
            "like": fits,
        }.items()
    },
    **{
        f"{kind}{name}": Operator(_comparing(read, compare))
        for kind, read in {"numeric": values.read_number, "date": values.read_date_ms}.items()
        for name, compare in {
            "equals": eq, "lessthan": lt, "lessthanequals": le, "greaterthan": gt,
            "greaterthanequals": ge,
        }.items()
    },
    "bool": Operator(_comparing(values.read_bool, eq)),
    "binaryequals": Operator(_comparing(values.read_binary, eq)),
    "ipaddress": Operator(_in_range, readable=lambda v: values.read_address(v) is not None),
    "arnequals": Operator(_arn_like, reads_text=True, readable=_is_arn),
    "arnlike": Operator(_arn_like, reads_text=True, readable=_is_arn),
}  # fmt: skip
OPERATORS |= {
    negated: replace(OPERATORS[positive], negated=True)
    for positive, negated in {
        "stringequals": "stringnotequals",
        "stringequalsignorecase": "stringnotequalsignorecase",
        "stringlike": "stringnotlike",
        "numericequals": "numericnotequals",
        "dateequals": "datenotequals",
        "ipaddress": "notipaddress",
        "arnequals": "arnnotequals",
        "arnlike": "arnnotlike",
    }.items()
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
    """Whether one condition holds; for sets and several values see rule card COND-02.

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
    if clause.quantifier is Quantifier.SINGLE and len(present) > 1:
        return _truth(operator.negated)
    passed = [_one_passes(operator, v, clause.patterns, lookup, denies=denies) for v in present]
    return _truth(any(passed) if clause.quantifier is Quantifier.ANY else all(passed))


def _truth(holds: bool) -> Truth:  # noqa: FBT001 (it converts this one value)
    return Truth.TRUE if holds else Truth.FALSE


def _holds_when_absent(clause: Clause, operator: Operator) -> bool:
    """Rule cards COND-01 and, for sets, COND-17."""
    if clause.quantifier is not Quantifier.SINGLE:
        return clause.quantifier is Quantifier.ALL
    return clause.if_exists or operator.negated


def _one_passes(
    operator: Operator,
    value: str,
    patterns: tuple[str, ...],
    lookup: Lookup | None,
    *,
    denies: bool,
) -> bool:
    """Whether one value passes; policy values are tried in their order (rule card COND-10)."""
    if not operator.readable(value):
        return False
    try:
        matched = any(_matches(operator, value, pattern, lookup) for pattern in patterns)
    except BrokenPatternError:
        return denies
    return matched != operator.negated


def _matches(operator: Operator, value: str, pattern: str, lookup: Lookup | None) -> bool:
    if not operator.reads_text:
        return operator.test(value, pattern)
    read = tokens(pattern, lookup)
    return read is not None and operator.test(value, read)
