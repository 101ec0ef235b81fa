"""JSON with the place of every value, and errors that say what was expected where.

Stricter than RFC 8259 where policies are: duplicate names, lone surrogates and nesting beyond
`MAX_DEPTH` are refused. Time and memory are linear in the length of the text.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Never

from rootsteward.policy.syntax_error import PolicySyntaxError

MAX_DEPTH = 32
"""LIMIT: a policy nests six deep; anything beyond this is not a policy."""

MAX_CHARACTERS = 1_000_000
"""LIMIT: a hundred times the largest policy AWS stores."""


@dataclass(frozen=True, slots=True)
class JsonString:
    """A string; `start` and `end` are offsets into the text, quotes included."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A number as it is spelled; nothing is rounded."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JsonLiteral:
    """`true`, `false` or `null` (None)."""

    value: bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JsonMember:
    """One name and its value in an object."""

    name: JsonString
    value: "JsonValue"


@dataclass(frozen=True, slots=True)
class JsonArray:
    """A list; `end` is the offset behind the closing bracket."""

    items: tuple["JsonValue", ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object; names are distinct; `end` is the offset behind the closing brace."""

    members: tuple[JsonMember, ...]
    start: int
    end: int

    def member(self, name: str) -> JsonMember | None:
        """The member of that exact name, or None."""
        return next((m for m in self.members if m.name.value == name), None)


JsonValue = JsonString | JsonNumber | JsonLiteral | JsonArray | JsonObject

_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_HEX4 = re.compile(r"[0-9A-Fa-f]{4}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+")
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ESCAPES = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_BYTE_ORDER_MARK = "\ufeff"
_EXCERPT = 24


class TextPositions:
    """Turns offsets into lines and columns, both counted from 1, columns in characters."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(m.end() for m in re.finditer(r"\n", text))]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def read_json(text: str, *, name: str = "") -> JsonValue:
    """Read one JSON value that fills the whole text; a leading byte order mark is skipped.

    Raises:
        PolicySyntaxError: with line, column, what was expected and what was found.
    """
    reader = _Reader(text, name)
    if len(text) > MAX_CHARACTERS:
        reader.fail(0, f"at most {MAX_CHARACTERS:,} characters", f"{len(text):,} characters")
    value = reader.value(reader.skip(int(text.startswith(_BYTE_ORDER_MARK))), MAX_DEPTH)
    rest = reader.skip(value.end)
    if rest != len(text):
        reader.fail(rest, "the end of the document")
    return value


class _Reader:
    """Recursive descent; the depth is bounded by `MAX_DEPTH`, so the stack is too."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name

    def fail(self, offset: int, expected: str, found: str | None = None) -> Never:
        line, column = TextPositions(self.text).line_and_column(offset)
        raise PolicySyntaxError(self.name, line, column, expected, found or self._found(offset))

    def _found(self, offset: int) -> str:
        if offset >= len(self.text):
            return "the end of the text"
        excerpt = self.text[offset : offset + _EXCERPT].split("\n", 1)[0] or self.text[offset]
        return f"`{ascii(excerpt)[1:-1]}`"

    def skip(self, offset: int) -> int:
        match = _SPACE.match(self.text, offset)
        return match.end() if match else offset

    def value(self, offset: int, depth: int) -> JsonValue:
        first = self.text[offset : offset + 1]
        if first == '"':
            return self.string(offset)
        if first in {"{", "["} and depth == 0:
            self.fail(offset, f"at most {MAX_DEPTH} levels of nesting", "one more")
        if first == "{":
            return self.object(offset, depth - 1)
        if first == "[":
            return self.array(offset, depth - 1)
        return self.number_or_literal(offset)

    def number_or_literal(self, offset: int) -> JsonValue:
        number = _NUMBER.match(self.text, offset)
        if number:
            return JsonNumber(number.group(), offset, number.end())
        word = _WORD.match(self.text, offset)
        if word and word.group() in _LITERALS:
            return JsonLiteral(_LITERALS[word.group()], offset, word.end())
        return self.fail(offset, "a JSON value (a string, list or object)")

    def array(self, offset: int, depth: int) -> JsonArray:
        items: list[JsonValue] = []
        at = self.skip(offset + 1)
        if self.text.startswith("]", at):
            return JsonArray((), offset, at + 1)
        while True:
            item = self.value(at, depth)
            items.append(item)
            at = self.skip(item.end)
            if self.text.startswith("]", at):
                return JsonArray(tuple(items), offset, at + 1)
            if not self.text.startswith(",", at):
                self.fail(at, "`,` or `]`")
            at = self.skip(at + 1)

    def object(self, offset: int, depth: int) -> JsonObject:
        members: list[JsonMember] = []
        seen: set[str] = set()
        at = self.skip(offset + 1)
        if self.text.startswith("}", at):
            return JsonObject((), offset, at + 1)
        while True:
            member = self.member(at, depth, seen)
            members.append(member)
            at = self.skip(member.value.end)
            if self.text.startswith("}", at):
                return JsonObject(tuple(members), offset, at + 1)
            if not self.text.startswith(",", at):
                self.fail(at, "`,` or `}`")
            at = self.skip(at + 1)

    def member(self, offset: int, depth: int, seen: set[str]) -> JsonMember:
        if not self.text.startswith('"', offset):
            self.fail(offset, "a name in double quotes")
        name = self.string(offset)
        if name.value in seen:
            self.fail(
                offset, "a name that is not yet in this object", "a second " + ascii(name.value)
            )
        seen.add(name.value)
        colon = self.skip(name.end)
        if not self.text.startswith(":", colon):
            self.fail(colon, "`:`")
        return JsonMember(name, self.value(self.skip(colon + 1), depth))

    def string(self, offset: int) -> JsonString:
        text = self.text
        parts: list[str] = []
        at = offset + 1
        while True:
            plain = _PLAIN.match(text, at)
            end = plain.end() if plain else at
            parts.append(text[at:end])
            character = text[end : end + 1]
            if character == '"':
                return JsonString("".join(parts), offset, end + 1)
            if character == "":
                self.fail(offset, "a closing quote for this string", "the end of the text")
            if character != "\\":
                self.fail(end, "a printable character or an escape in the string")
            piece, at = self.escape(end)
            parts.append(piece)

    def escape(self, offset: int) -> tuple[str, int]:
        letter = self.text[offset + 1 : offset + 2]
        if letter in _ESCAPES:
            return _ESCAPES[letter], offset + 2
        if letter != "u":
            self.fail(offset, 'an escape: \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four digits')
        unit = self.utf16_unit(offset)
        if 0xD800 <= unit < 0xDC00 and self.text.startswith("\\u", offset + 6):  # noqa: PLR2004 (UTF-16)
            low = self.utf16_unit(offset + 6)
            if 0xDC00 <= low < 0xE000:  # noqa: PLR2004 (UTF-16)
                return chr(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), offset + 12
        if 0xD800 <= unit < 0xE000:  # noqa: PLR2004 (UTF-16)
            self.fail(offset, "both halves of a surrogate pair")
        return chr(unit), offset + 6

    def utf16_unit(self, offset: int) -> int:
        digits = _HEX4.match(self.text, offset + 2)
        if not digits:
            self.fail(offset, "four hexadecimal digits after \\u")
        return int(digits.group(), 16)
