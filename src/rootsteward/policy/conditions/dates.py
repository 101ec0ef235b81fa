"""The six date operators.

SOURCE: the recordings: ISO 8601 or seconds since 1970 with an optional sign, UTC when no zone is
given, compared by the millisecond; anything else is no date, which fails every comparison and so
passes DateNotEquals (rule card COND-06).
"""

import re
from collections.abc import Callable
from datetime import date

from rootsteward.policy.conditions.verdict import ValueTest

_SECONDS = re.compile(r"[+-]?[0-9]{1,15}")
_ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
    r"(?:[Tt](?:([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?)?)?"
    r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_DAY_ONE = date(1970, 1, 1).toordinal()
_LAST_HOUR = 23
_LAST_MINUTE = 59


def read_date(text: str) -> int | None:
    """Milliseconds since 1970 in UTC, or None. LIMIT: 15 digits of seconds."""
    if _SECONDS.fullmatch(text):
        return int(text) * 1000
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        days = date(int(year), int(month or 1), int(day or 1)).toordinal() - _DAY_ONE
    except ValueError:
        return None
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    if clock[0] > _LAST_HOUR or max(clock[1:]) > _LAST_MINUTE:
        return None
    offset = _offset_minutes(zone)
    if offset is None:
        return None
    part = int((fraction or "")[:3].ljust(3, "0"))
    milliseconds = ((days * 24 + clock[0]) * 60 + clock[1]) * 60_000 + clock[2] * 1000 + part
    return milliseconds - offset * 60_000


def _offset_minutes(zone: str | None) -> int | None:
    """Minutes east of UTC; None when there is no such offset."""
    if zone is None or zone.upper() == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > _LAST_HOUR or minutes > _LAST_MINUTE:
        return None
    east = hours * 60 + minutes
    return -east if zone[0] == "-" else east


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "Equals": lambda value, bound: value == bound,
    "LessThan": lambda value, bound: value < bound,
    "LessThanEquals": lambda value, bound: value <= bound,
    "GreaterThan": lambda value, bound: value > bound,
    "GreaterThanEquals": lambda value, bound: value >= bound,
}


def date_test(values: tuple[str, ...], *, comparison: str, negated: bool) -> ValueTest:
    """One of the date operators; `comparison` is the operator without `Date` and `Not`."""
    compare = _COMPARISONS[comparison]
    bounds = tuple(n for v in values if (n := read_date(v)) is not None)

    def matches(text: str) -> bool:
        moment = read_date(text)
        return moment is not None and any(compare(moment, bound) for bound in bounds)

    return lambda value, _: matches(value) is not negated
