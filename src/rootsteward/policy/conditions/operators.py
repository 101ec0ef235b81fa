"""The table of operators: for each, how it reads values and what absence means to it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rootsteward.policy.conditions.addresses import address_test
from rootsteward.policy.conditions.arns import arn_test
from rootsteward.policy.conditions.binary import binary_test
from rootsteward.policy.conditions.dates import date_test
from rootsteward.policy.conditions.flags import bool_test
from rootsteward.policy.conditions.numeric import numeric_test
from rootsteward.policy.conditions.strings import string_test
from rootsteward.policy.conditions.verdict import ValueTest


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator without qualifier and `IfExists`.

    `negated` is also its answer when the key is absent (rule card COND-01) and, without a set
    qualifier, when the key has several values (rule card COND-02).
    """

    build: Callable[[tuple[str, ...], bool], ValueTest]
    negated: bool
    takes_variables: bool = False


def _strings(comparison: str, *, negated: bool) -> Operator:
    def build(values: tuple[str, ...], variables: bool) -> ValueTest:  # noqa: FBT001 (table)
        return string_test(values, comparison=comparison, negated=negated, variables=variables)

    return Operator(build, negated, takes_variables=True)


def _arns(*, negated: bool) -> Operator:
    def build(values: tuple[str, ...], variables: bool) -> ValueTest:  # noqa: FBT001 (table)
        return arn_test(values, negated=negated, variables=variables)

    return Operator(build, negated, takes_variables=True)


def _plain(make: Callable[[tuple[str, ...]], ValueTest], *, negated: bool = False) -> Operator:
    """An operator that takes no policy variables (rule card COND-11)."""

    def build(values: tuple[str, ...], _: bool) -> ValueTest:  # noqa: FBT001 (table)
        return make(values)

    return Operator(build, negated)


def _numeric(comparison: str, *, negated: bool = False) -> Operator:
    make = partial(numeric_test, comparison=comparison, negated=negated)
    return _plain(make, negated=negated)


def _dates(comparison: str, *, negated: bool = False) -> Operator:
    make = partial(date_test, comparison=comparison, negated=negated)
    return _plain(make, negated=negated)


OPERATORS: dict[str, Operator] = {
    "StringEquals": _strings("Equals", negated=False),
    "StringNotEquals": _strings("Equals", negated=True),
    "StringEqualsIgnoreCase": _strings("EqualsIgnoreCase", negated=False),
    "StringNotEqualsIgnoreCase": _strings("EqualsIgnoreCase", negated=True),
    "StringLike": _strings("Like", negated=False),
    "StringNotLike": _strings("Like", negated=True),
    "NumericEquals": _numeric("Equals"),
    "NumericNotEquals": _numeric("Equals", negated=True),
    "NumericLessThan": _numeric("LessThan"),
    "NumericLessThanEquals": _numeric("LessThanEquals"),
    "NumericGreaterThan": _numeric("GreaterThan"),
    "NumericGreaterThanEquals": _numeric("GreaterThanEquals"),
    "DateEquals": _dates("Equals"),
    "DateNotEquals": _dates("Equals", negated=True),
    "DateLessThan": _dates("LessThan"),
    "DateLessThanEquals": _dates("LessThanEquals"),
    "DateGreaterThan": _dates("GreaterThan"),
    "DateGreaterThanEquals": _dates("GreaterThanEquals"),
    "Bool": _plain(bool_test),
    "BinaryEquals": _plain(binary_test),
    "IpAddress": _plain(partial(address_test, negated=False)),
    "NotIpAddress": _plain(partial(address_test, negated=True), negated=True),
    "ArnEquals": _arns(negated=False),
    "ArnNotEquals": _arns(negated=True),
    "ArnLike": _arns(negated=False),
    "ArnNotLike": _arns(negated=True),
}
"""Every operator but `Null`, which reads no value."""
