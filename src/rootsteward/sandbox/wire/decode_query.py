"""Query forms (`Foo.member.1.Bar=…`) to parameters."""

import re
from collections.abc import Iterable
from typing import cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rootsteward.sandbox.wire.models import Member, element_name, members_of
from rootsteward.sandbox.wire.scalars import MalformedError, Value, from_text

_MAX_DEPTH = 64
_POSITION = re.compile(r"\d{1,8}", re.ASCII)


class _Node:
    """One dotted name of the form: its own text, if any, and the names below it."""

    __slots__ = ("children", "text")

    def __init__(self) -> None:
        self.text: str | None = None
        self.children: dict[str, _Node] = {}

    def items(self) -> list["_Node"]:
        """The children that are list positions, in numeric order."""
        positions = [(int(k), c) for k, c in self.children.items() if _POSITION.fullmatch(k)]
        return [child for _, child in sorted(positions, key=lambda pair: pair[0])]


def decode_query(fields: Iterable[tuple[str, str]], shape: StructureShape) -> dict[str, Value]:
    """The parameters of a query form. Names the model does not know are ignored, as AWS does.

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
            return from_text(shape, node.text)


def _elements(node: _Node, wrapper: str, *, flattened: bool) -> list[_Node]:
    holder = node if flattened else node.children.get(wrapper)
    elements = holder.items() if holder is not None else []
    if not elements and node.text != "":
        raise MalformedError("Unexpected list element termination")
    return elements


def _list(shape: ListShape, node: _Node) -> list[Value]:
    flattened = bool(shape.serialization.get("flattened"))
    elements = _elements(node, element_name(shape) or "member", flattened=flattened)
    return [_value(shape.member, element) for element in elements]


def _map(shape: MapShape, node: _Node) -> dict[str, Value]:
    flattened = bool(shape.serialization.get("flattened"))
    key_name = str(shape.key.serialization.get("name", "key"))
    value_name = str(shape.value.serialization.get("name", "value"))
    result: dict[str, Value] = {}
    for entry in _elements(node, "entry", flattened=flattened):
        key, value = entry.children.get(key_name), entry.children.get(value_name)
        if key is None or value is None:
            raise MalformedError("Map entries need a key and a value")
        result[_value(shape.key, key)] = _value(shape.value, value)
    return result
