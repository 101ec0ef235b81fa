"""Query forms (`Foo.member.1.Bar=…`) to parameters (rule cards IAM-62 and IAM-63)."""

import re
from collections.abc import Iterable
from typing import cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rootsteward.sandbox.wire.models import Member, element_name, members_of
from rootsteward.sandbox.wire.scalars import MalformedError, Value, from_text

_MAX_DEPTH = 64
_POSITION = re.compile(r"\d{1,8}", re.ASCII)
# How many elements of a list may be left out in one place.
_MOST_SKIPPED = 10
_BOOLEANS = frozenset({"true", "false", "1", "0"})


class _Node:
    """One dotted name of the form: its own text, if any, and the names below it."""

    __slots__ = ("children", "text")

    def __init__(self) -> None:
        self.text: str | None = None
        self.children: dict[str, _Node] = {}

    def items(self) -> list["_Node | None"]:
        """The children by list position, None where a position was left out."""
        numbered = sorted(
            ((_position(name), child) for name, child in self.children.items()),
            key=lambda pair: pair[0],
        )
        found: list[_Node | None] = []
        for position, child in numbered:
            # WHY not less than 1: one more may be left out before the first than in between.
            skipped = position - max(len(found), 1)
            if skipped > _MOST_SKIPPED:
                raise MalformedError(f"Excessively sparse input would skip {skipped} list elements")
            found += [None] * (position - len(found) - 1)
            found.append(child)
        return found


def _position(name: str) -> int:
    if name.startswith("-"):
        raise MalformedError(f"Key {name} may not have a leading '-'")
    if not _POSITION.fullmatch(name):
        raise MalformedError("Start of list found where not expected")
    if int(name) == 0:
        raise MalformedError(f"{name} is not a valid index")
    return int(name)


def decode_query(fields: Iterable[tuple[str, str]], shape: StructureShape) -> dict[str, Value]:
    """The parameters of a query form. Names the model does not know are ignored, as AWS does.

    An element that a list leaves out is None; `validate` refuses it.

    Raises:
        MalformedError: a value does not have its member's type.
    """
    top = _Node()
    for name, text in fields:
        parts = name.split(".", _MAX_DEPTH)
        if len(parts) > _MAX_DEPTH:
            raise MalformedError("Start of structure or map found where not expected.")
        node = top
        for part in parts:
            node = node.children.setdefault(part, _Node())
        node.text = text
    return _structure(shape, top)


def _structure(shape: StructureShape, node: _Node) -> dict[str, Value]:
    if node.text:
        raise MalformedError("Unexpected complex element termination")
    result: dict[str, Value] = {}
    for member in members_of(shape):
        child = _child(member, node)
        if child is not None:
            result[member.name] = _value(member.shape, child)
    return result


def _child(member: Member, node: _Node) -> _Node | None:
    # WHY: a flattened list goes by the name of its elements, except when it is empty.
    if member.flattened and isinstance(member.shape, ListShape):
        named = node.children.get(element_name(member.shape))
        if named is not None:
            return named
    return node.children.get(member.wire_name)


def _value(shape: Shape, node: _Node) -> Value:
    match shape.type_name:
        case "structure":
            return _structure(cast("StructureShape", shape), node)
        case "list":
            return _list(cast("ListShape", shape), node)
        case "map":
            return _map(cast("MapShape", shape), node)
        case _:
            if node.text is None:
                raise MalformedError("Start of structure or map found where not expected.")
            _check_spelling(shape, node.text)
            return from_text(shape, node.text)


def _check_spelling(shape: Shape, text: str) -> None:
    """Refuse white space around numbers, and any other spelling of truth values.

    WHY not in `from_text`: it reads headers and XML, too.
    """
    name = shape.type_name
    if (name in {"integer", "long"} and text != text.strip()) or (
        name == "boolean" and text not in _BOOLEANS
    ):
        raise MalformedError(f"STRING_VALUE can not be converted to a {name.title()}")


def _elements(node: _Node, wrapper: str, *, flattened: bool) -> list[_Node | None]:
    holder = node if flattened else node.children.get(wrapper)
    elements = holder.items() if holder is not None else []
    if not elements and node.text != "":
        raise MalformedError("Unexpected list element termination")
    return elements


def _list(shape: ListShape, node: _Node) -> list[Value]:
    flattened = bool(shape.serialization.get("flattened"))
    elements = _elements(node, element_name(shape) or "member", flattened=flattened)
    return [None if element is None else _value(shape.member, element) for element in elements]


def _map(shape: MapShape, node: _Node) -> dict[str, Value]:
    flattened = bool(shape.serialization.get("flattened"))
    key_name = str(shape.key.serialization.get("name", "key"))
    value_name = str(shape.value.serialization.get("name", "value"))
    result: dict[str, Value] = {}
    for entry in _elements(node, "entry", flattened=flattened):
        parts = entry.children if entry is not None else {}
        key, value = parts.get(key_name), parts.get(value_name)
        if key is None or value is None:
            raise MalformedError("Map entries need a key and a value")
        result[_value(shape.key, key)] = _value(shape.value, value)
    return result
