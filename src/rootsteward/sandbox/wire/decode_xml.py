"""XML bodies to parameters."""

import re
from typing import cast
from xml.etree import ElementTree as ET

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rootsteward.sandbox.wire.models import Member, element_name, members_of
from rootsteward.sandbox.wire.scalars import MalformedError, Value, from_text

# WHY: entity expansion is the one way in which a small document becomes a large one. The parser
# is told that the bytes are UTF-8, so this search sees every declaration there can be.
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_xml(body: bytes) -> ET.Element:
    """The root element of a body. Document type declarations are refused.

    Raises:
        MalformedError: not well-formed UTF-8 XML.
    """
    if _DECLARATION.search(body):
        raise MalformedError("A document type declaration is not accepted")
    try:
        body.decode("utf-8")
        return ET.fromstring(body, parser=ET.XMLParser(encoding="utf-8"))  # noqa: S314 (no DTD)
    except (ET.ParseError, ValueError, LookupError):
        raise MalformedError("The XML is not well-formed") from None


def decode_xml_body(body: bytes, shape: Shape, expected_name: str) -> Value:
    """The value of an XML body whose root element must be called `expected_name`.

    Raises:
        MalformedError: not well-formed, another root element, or a value of another type.
    """
    element = parse_xml(body)
    if expected_name and _local(element.tag) != expected_name:
        raise MalformedError(f"The root element must be {expected_name}")
    return _value(shape, element)


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _value(shape: Shape, element: ET.Element) -> Value:
    match shape.type_name:
        case "structure":
            return _structure(cast("StructureShape", shape), element)
        case "list":
            return _list(cast("ListShape", shape), list(element))
        case "map":
            return _map(cast("MapShape", shape), list(element))
        case _:
            if len(element):
                raise MalformedError("An element holds elements where text was expected")
            return from_text(shape, element.text or "")


def _structure(shape: StructureShape, element: ET.Element) -> dict[str, Value]:
    children: dict[str, list[ET.Element]] = {}
    for child in element:
        children.setdefault(_local(child.tag), []).append(child)
    result: dict[str, Value] = {}
    for member in members_of(shape):
        if member.location:
            continue
        if member.xml_attribute:
            _attribute(member, element, result)
            continue
        found = children.get(member.wire_name)
        if found:
            result[member.name] = _member_value(member, found)
    return result


def _attribute(member: Member, element: ET.Element, result: dict[str, Value]) -> None:
    wanted = member.wire_name.rsplit(":", 1)[-1]
    for name, text in element.attrib.items():
        if _local(name) == wanted:
            result[member.name] = text


def _member_value(member: Member, found: list[ET.Element]) -> Value:
    if member.flattened and member.shape.type_name == "list":
        return _list(cast("ListShape", member.shape), found)
    if member.flattened and member.shape.type_name == "map":
        return _map(cast("MapShape", member.shape), found)
    if len(found) > 1:
        raise MalformedError(f"The element {member.wire_name} is given twice")
    return _value(member.shape, found[0])


def _list(shape: ListShape, elements: list[ET.Element]) -> list[Value]:
    expected = element_name(shape) or "member"
    flattened = bool(shape.serialization.get("flattened"))
    if not flattened and any(_local(e.tag) != expected for e in elements):
        raise MalformedError(f"A list may only hold {expected} elements")
    return [_value(shape.member, element) for element in elements]


def _map(shape: MapShape, entries: list[ET.Element]) -> dict[str, Value]:
    key_name = str(shape.key.serialization.get("name", "key"))
    value_name = str(shape.value.serialization.get("name", "value"))
    result: dict[str, Value] = {}
    for entry in entries:
        parts = {_local(child.tag): child for child in entry}
        if key_name not in parts or value_name not in parts:
            raise MalformedError("A map entry needs a key and a value")
        result[_value(shape.key, parts[key_name])] = _value(shape.value, parts[value_name])
    return result
