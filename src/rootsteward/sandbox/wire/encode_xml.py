"""Parameters to XML text, for query and rest-xml answers."""

import re
from typing import cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rootsteward.domain.errors import BugError
from rootsteward.sandbox.wire.models import Member, element_name, members_of
from rootsteward.sandbox.wire.scalars import Value, to_text

XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

_SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_COMPOUND = frozenset({"structure", "list", "map"})
_WHOLE_NUMBERS = frozenset({"integer", "long"})
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;"}


def escape(text: str) -> str:
    """Text for an element or an attribute.

    LIMIT: characters that XML 1.0 cannot carry become U+FFFD.
    """
    if not _SPECIAL.search(text):
        return text
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found.group(), "\ufffd"), text)


class XmlWriter:
    """Writes values of botocore shapes; `timestamp_format` is the protocol's default."""

    def __init__(self, timestamp_format: str) -> None:
        self._timestamp_format = timestamp_format
        self._parts: list[str] = []

    def text(self) -> str:
        """Everything written so far."""
        return "".join(self._parts)

    def raw(self, text: str) -> None:
        """Markup that is already escaped."""
        self._parts.append(text)

    def members(self, shape: StructureShape, value: Value) -> None:
        """The members of a structure that belong into the body, without its own element."""
        unknown = value.keys() - shape.members.keys()
        if unknown:
            raise BugError(f"the shape `{shape.name}` has no member `{min(unknown)}`")
        for member in members_of(shape):
            item = value.get(member.name)
            if item is not None and not member.location and not member.xml_attribute:
                self._member(member, item)

    def element(self, name: str, shape: Shape, value: Value) -> None:
        """One value in an element called `name`."""
        if shape.type_name not in _COMPOUND:
            self._parts.append(f"<{name}>{self._scalar(shape, value)}</{name}>")
            return
        attributes = _attributes(shape, value) if isinstance(shape, StructureShape) else ""
        self._parts.append(f"<{name}{attributes}>")
        if isinstance(shape, StructureShape):
            self.members(shape, value)
        elif isinstance(shape, ListShape):
            self._items(shape, value, "member")
        else:
            self._entries("entry", cast("MapShape", shape), value)
        self._parts.append(f"</{name}>")

    def _member(self, member: Member, value: Value) -> None:
        if not member.flattened:
            self.element(member.wire_name, member.shape, value)
        elif isinstance(member.shape, ListShape):
            self._items(member.shape, value, member.wire_name)
        else:
            self._entries(member.wire_name, cast("MapShape", member.shape), value)

    def _items(self, shape: ListShape, value: Value, default_name: str) -> None:
        name = element_name(shape) or default_name
        for item in value:
            self.element(name, shape.member, item)

    def _entries(self, name: str, shape: MapShape, value: Value) -> None:
        keys, values = shape.key, shape.value
        key_name = str(keys.serialization.get("name", "key"))
        value_name = str(values.serialization.get("name", "value"))
        before, between, after = f"<{name}><{key_name}>", f"</{key_name}>", f"</{name}>"
        if values.type_name not in _COMPOUND:
            between, after = f"{between}<{value_name}>", f"</{value_name}>{after}"
            self._parts += [
                f"{before}{self._scalar(keys, key)}{between}{self._scalar(values, item)}{after}"
                for key, item in value.items()
            ]
            return
        for key, item in value.items():
            self._parts.append(before + self._scalar(keys, key) + between)
            self.element(value_name, values, item)
            self._parts.append(after)

    def _scalar(self, shape: Shape, value: Value) -> str:
        kind = shape.type_name
        if kind in _WHOLE_NUMBERS and isinstance(value, int):
            return str(int(value))
        if kind == "string" and isinstance(value, str):
            return escape(value)
        return escape(to_text(shape, value, self._timestamp_format))


def _attributes(shape: StructureShape, value: Value) -> str:
    attributes = [m for m in members_of(shape) if m.xml_attribute and value.get(m.name) is not None]
    if not attributes:
        return ""
    named = "".join(f' {m.wire_name}="{escape(str(value[m.name]))}"' for m in attributes)
    return f' xmlns:xsi="{_XSI}"{named}'
