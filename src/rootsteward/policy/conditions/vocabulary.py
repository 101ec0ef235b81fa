"""The names of the condition operators.

SOURCE: the IAM user guide, "IAM JSON policy elements: Condition operators".
"""

from dataclasses import dataclass

from rootsteward.policy.document import Quantifier

BASE_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
)

_BY_LOWER = {name.lower(): name for name in BASE_OPERATORS}
_QUANTIFIERS = {q.value.lower(): q for q in Quantifier if q is not Quantifier.NONE}
_IF_EXISTS = "ifexists"


@dataclass(frozen=True, slots=True)
class OperatorName:
    """An operator taken apart: `StringLike` of `ForAnyValue:StringLikeIfExists`."""

    quantifier: Quantifier
    base: str
    if_exists: bool


def read_operator(spelled: str) -> OperatorName | None:
    """Take an operator's name apart, without regard to case; None when there is no such operator.

    WHY: AWS refuses to store what it does not know, so a stored document with another spelling of
    the case can only mean the operator of that name.
    """
    qualifier, colon, rest = spelled.partition(":")
    quantifier = _QUANTIFIERS.get(qualifier.lower()) if colon else Quantifier.NONE
    name = (rest if colon else spelled).lower()
    if_exists = name.endswith(_IF_EXISTS)
    base = _BY_LOWER.get(name.removesuffix(_IF_EXISTS))
    if quantifier is None or base is None or (base == "Null" and if_exists):
        return None
    return OperatorName(quantifier, base, if_exists)
