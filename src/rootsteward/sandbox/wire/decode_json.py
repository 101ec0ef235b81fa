"""JSON documents to parameters. Types are strict, as AWS's are."""

import json
import re
from typing import cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rootsteward.sandbox.wire.models import members_of
from rootsteward.sandbox.wire.scalars import (
    MalformedError,
    Value,
    integer_in_range,
    parse_blob,
    parse_float,
    parse_timestamp,
)

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(body: bytes) -> Value:
    """The JSON value of a body. Raises: MalformedError."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedError("Unexpected token received from parser") from None
    if "\\ud" in text.lower() and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise MalformedError("Invalid surrogate pair in a string")
    return value


def decode_json_body(body: bytes, shape: StructureShape) -> dict[str, Value]:
    """The parameters of a JSON body; an empty body is an empty object. Raises: MalformedError."""
    value = parse_json(body) if body.strip() else {}
    return decode_json_object(shape, value)


def decode_json_object(shape: StructureShape, value: Value) -> dict[str, Value]:
    """A JSON object as the structure `shape`; unknown and null members are left out."""
    if not isinstance(value, dict):
        raise MalformedError("Unexpected value where a structure was expected")
    result: dict[str, Value] = {}
    for member in members_of(shape):
        item = value.get(member.wire_name)
        if item is not None and not member.location:
            result[member.name] = decode_json_value(member.shape, item)
    return result


def decode_json_value(shape: Shape, value: Value) -> Value:
    """One JSON value as `shape`. Raises: MalformedError."""
    match shape.type_name:
        case "structure" if getattr(shape, "is_document_type", False):
            return value
        case "structure":
            return decode_json_object(cast("StructureShape", shape), value)
        case "list":
            return _list(cast("ListShape", shape), value)
        case "map":
            return _map(cast("MapShape", shape), value)
        case _:
            return _scalar(shape, value)


def _list(shape: ListShape, value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise MalformedError("Unrecognized collection type")
    return [decode_json_value(shape.member, item) for item in value]


def _map(shape: MapShape, value: Value) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise MalformedError("Unrecognized collection type")
    return {key: decode_json_value(shape.value, item) for key, item in value.items()}


def _scalar(shape: Shape, value: Value) -> Value:
    if value is None:
        raise MalformedError("Null value where not expected")
    if isinstance(value, dict | list):
        raise MalformedError("Start of structure or map found where not expected.")
    match shape.type_name:
        case "string" | "character" if isinstance(value, str):
            return value
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" | "long" as name if _is_whole(value):
            return integer_in_range(name, int(value))
        case "float" | "double" if isinstance(value, str | int | float):
            return value if isinstance(value, float) else parse_float(str(value))
        case "timestamp" if not isinstance(value, bool):
            return parse_timestamp(value)
        case "blob" if isinstance(value, str):
            return parse_blob(value)
    raise MalformedError(f"{_token(value)} can not be converted to {_article(shape.type_name)}")


def _is_whole(value: Value) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _token(value: Value) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


def _article(type_name: str) -> str:
    return ("an " if type_name[0] in "aeiou" else "a ") + type_name.title()
