"""How a document is laid out, so that what is added looks like the rest of it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Json = str | Sequence[str] | Mapping[str, "Json"]

_INDENTED = re.compile(r"\n([ \t]+)\S")
_COLON = re.compile(r'"(\s*):([ \t]*)')
_COMMA = re.compile(r',([ ]?)["{\[]')
_OPENING = {bracket: re.compile(rf"\{bracket}([ ]?)[^\s\}}\]]") for bracket in "{["}


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """The white space of a document. `unit` is one step of indentation, `newline` its line end.

    `padding` is what stands inside the brackets of an object and of a list on one line.
    """

    multiline: bool
    unit: str
    colon: str
    comma: str
    newline: str
    padding: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> "JsonStyle":
        """Read the style off a document."""
        depth = _INDENTED.search(text)
        colon = _COLON.search(text)
        comma = _COMMA.search(text)
        return cls(
            multiline="\n" in text.strip(),
            unit=depth.group(1) if depth else "  ",
            colon=": " if colon is None else f"{colon.group(1)}:{colon.group(2)[:1]}",
            comma=", " if comma is None or comma.group(1) else ",",
            newline="\r\n" if "\r\n" in text else "\n",
            padding={
                bracket: found.group(1) if (found := opening.search(text)) else ""
                for bracket, opening in _OPENING.items()
            },
        )

    def render(self, value: Json, indent: str, *, multiline: bool) -> str:
        """A value; `indent` is that of the line it begins on. A list of one is one line."""
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        inner = indent + self.unit
        if isinstance(value, Mapping):
            brackets = "{}"
            items = [
                f"{json.dumps(name)}{self.colon}{self.render(part, inner, multiline=multiline)}"
                for name, part in value.items()
            ]
        else:
            items = [json.dumps(item, ensure_ascii=False) for item in value]
            brackets = "[]"
            multiline = multiline and len(items) > 1
        if not multiline or not items:
            pad = self.padding[brackets[0]] if items else ""
            return f"{brackets[0]}{pad}{self.comma.join(items)}{pad}{brackets[1]}"
        joined = f",{self.newline}{inner}".join(items)
        return f"{brackets[0]}{self.newline}{inner}{joined}{self.newline}{indent}{brackets[1]}"


def minify(text: str) -> str:
    """A JSON text without white space between its parts; strings stay as they are spelled."""
    return "".join(
        part if part.startswith('"') else re.sub(r"\s+", "", part)
        for part in re.findall(r'"(?:[^"\\]|\\.)*"|[^"]+', text)
    )
