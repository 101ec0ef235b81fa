"""Spans of time as people type them: `90m`, `4h`, `2d`. Pure."""

import re
from datetime import timedelta

from rootsteward.domain.errors import InputError

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """A whole number and a unit: minutes, hours or days.

    Raises:
        InputError: it is none, or nothing at all.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text)
    if found is None:
        raise InputError(f"`{text}` is no span of time", help="for example 90m, 4h or 2d")
    return timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})


def in_words(span: timedelta) -> str:
    """Such as `3 h 20 min`; nothing smaller than a minute."""
    minutes = max(0, round(span.total_seconds() / 60))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"
