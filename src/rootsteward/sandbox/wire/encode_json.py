"""Parameters to JSON documents."""

import json
from typing import cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rootsteward.domain.errors import BugError
from rootsteward.sandbox.wire.models import members_of
from rootsteward.sandbox.wire.scalars import Value, format_float, format_timestamp, to_base64


def json_bytes(document: Value) -> bytes:
    """The document as compact JSON in ASCII."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii")


def json_object(shape: StructureShape, value: Value) -> dict[str, Value]:
    """A structure as a JSON object; members with a place outside the body are left out."""
    unknown = value.keys() - shape.members.keys()
    if unknown:
        raise BugError(f"the shape `{shape.name}` has no member `{min(unknown)}`")
    result: dict[str, Value] = {}
    for member in members_of(shape):
        item = value.get(member.name)
        if item is not None and not member.location:
            result[member.wire_name] = json_value(member.shape, item)
    return result


def json_value(shape: Shape, value: Value) -> Value:
    """One value of `shape` in JSON's types."""
    match shape.type_name:
        case "structure" if getattr(shape, "is_document_type", False):
            return value
        case "structure":
            return json_object(cast("StructureShape", shape), value)
        case "list":
            element = cast("ListShape", shape).member
            return [json_value(element, item) for item in value]
        case "map":
            values = cast("MapShape", shape).value
            return {str(key): json_value(values, item) for key, item in value.items()}
        case _:
            return _scalar(shape, value)


def _scalar(shape: Shape, value: Value) -> Value:
    match shape.type_name:
        case "timestamp":
            wire_format = shape.serialization.get("timestampFormat", "unixtimestamp")
            return format_timestamp(value, wire_format)
        case "blob":
            return to_base64(value)
        case "float" | "double":
            return format_float(value)
        case _:
            return value
