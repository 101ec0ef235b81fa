"""The six numeric operators.

SOURCE: the recordings: exact decimals with sign, fraction and exponent; anything else is no
number, which fails every comparison and so passes NumericNotEquals (rule card COND-05).
"""

import re
from collections.abc import Callable
from decimal import Decimal

from rootsteward.policy.conditions.verdict import ValueTest

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,10}))?")
_LARGEST_EXPONENT = 2**31 - 1


def read_number(text: str) -> Decimal | None:
    """An exact decimal, or None. LIMIT: exponents of 32 bits."""
    match = _DECIMAL.fullmatch(text)
    if match is None or abs(int(match.group(1) or 0)) > _LARGEST_EXPONENT:
        return None
    return Decimal(text)


_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": lambda value, bound: value == bound,
    "LessThan": lambda value, bound: value < bound,
    "LessThanEquals": lambda value, bound: value <= bound,
    "GreaterThan": lambda value, bound: value > bound,
    "GreaterThanEquals": lambda value, bound: value >= bound,
}


def numeric_test(values: tuple[str, ...], *, comparison: str, negated: bool) -> ValueTest:
    """One of the numeric operators; `comparison` is the operator without `Numeric` and `Not`."""
    compare = _COMPARISONS[comparison]
    bounds = tuple(n for v in values if (n := read_number(v)) is not None)

    def matches(text: str) -> bool:
        number = read_number(text)
        return number is not None and any(compare(number, bound) for bound in bounds)

    return lambda value, _: matches(value) is not negated
