"""Single values: text of the wire to Python and back.

Timestamps are aware UTC datetimes on our side. On the wire they are one of `iso8601`, `rfc822`
and `unixtimestamp`; which one is the model's or the protocol's choice.
"""

import base64
import binascii
import math
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from botocore.model import Shape

# WHY Any: values have the shapes of botocore's models, which exist only as data.
Value = Any

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_INTEGER_BITS = {"integer": 31, "long": 63}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_FLOAT_NAMES = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class MalformedError(Exception):
    """The request cannot be read as its operation's input. Says why; `decode` gives it a code."""


def integer_in_range(type_name: str, value: int) -> int:
    """`value`, if it fits the 32 bits of `integer` or the 64 bits of `long`.

    Raises:
        MalformedError: it does not fit.
    """
    bits = _INTEGER_BITS[type_name]
    if not -(1 << bits) <= value < 1 << bits:
        raise MalformedError(f"{type_name} value out of range")
    return value


def parse_integer(type_name: str, text: str) -> int:
    """Decimal digits to an int. Raises: MalformedError."""
    if not _INTEGER.fullmatch(text):
        raise MalformedError(f"STRING_VALUE can not be converted to an {type_name.title()}")
    return integer_in_range(type_name, int(text))


def parse_float(text: str) -> float:
    """A decimal number, or NaN, Infinity, -Infinity. Raises: MalformedError."""
    try:
        return _FLOAT_NAMES[text] if text in _FLOAT_NAMES else float(text)
    except ValueError:
        raise MalformedError("STRING_VALUE can not be converted to a Double") from None


def parse_boolean(text: str) -> bool:
    """`true` or `false` in any case, or 1 or 0. Raises: MalformedError."""
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise MalformedError("STRING_VALUE can not be converted to a Boolean")
    return value


def parse_blob(text: str) -> bytes:
    """Base64 to bytes. Raises: MalformedError."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("Invalid Base64 content") from None


def parse_timestamp(value: str | float) -> datetime:
    """Any of the three wire formats to an aware UTC datetime. Raises: MalformedError."""
    try:
        if not isinstance(value, str):
            return datetime.fromtimestamp(value, UTC)
        return _timestamp_from_text(value.strip())
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        raise MalformedError("Unable to parse the timestamp") from None


def _timestamp_from_text(text: str) -> datetime:
    if text[:1].isalpha():
        parsed = parsedate_to_datetime(text)
    elif "-" in text[1:] or "T" in text:
        parsed = datetime.fromisoformat(text)
    else:
        return datetime.fromtimestamp(float(text), UTC)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def from_text(shape: Shape, text: str) -> Value:
    """The text of one scalar to its Python value. Raises: MalformedError."""
    match shape.type_name:
        case "string" | "character":
            return text
        case "integer" | "long" as name:
            return parse_integer(name, text.strip())
        case "boolean":
            return parse_boolean(text.strip())
        case "timestamp":
            return parse_timestamp(text)
        case "blob":
            return parse_blob(text)
        case "float" | "double":
            return parse_float(text.strip())
        case _:
            raise MalformedError("Start of structure or map found where not expected.")


def format_timestamp(value: datetime, wire_format: str) -> str | int | float:
    """An aware datetime in `wire_format`, which may be `iso8601_ms` for S3's milliseconds.

    Unix timestamps keep milliseconds and no more, as AWS does.
    """
    moment = value.astimezone(UTC)
    match wire_format:
        case "rfc822":
            return format_datetime(moment.replace(microsecond=0), usegmt=True)
        case "unixtimestamp":
            whole = int(moment.replace(microsecond=0).timestamp())
            milliseconds = moment.microsecond // 1000
            return whole + milliseconds / 1000 if milliseconds else whole
        case "iso8601_ms":
            return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
        case _:
            return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def format_float(value: float) -> str | float:
    """A number that JSON can carry: the three that it cannot become their names."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def to_base64(value: bytes | str) -> str:
    """Bytes, or text as UTF-8, in base64."""
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode("ascii")


def to_text(shape: Shape, value: Value, default_timestamp_format: str) -> str:
    """One scalar as text for XML, a header or a query string."""
    match shape.type_name:
        case "string" | "integer" | "long":
            return str(value)
        case "boolean":
            return "true" if value else "false"
        case "timestamp":
            wire_format = shape.serialization.get("timestampFormat", default_timestamp_format)
            return str(format_timestamp(value, wire_format))
        case "blob":
            return to_base64(value)
        case "float" | "double":
            return str(format_float(value))
        case _:
            return str(value)
