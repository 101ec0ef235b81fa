"""Edits of a policy's own text: what is not touched stays as it is, to the last space.

An edit is a piece of the text and what stands there instead. Edits are gathered for a whole
document and applied at once, so that positions stay true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rootsteward.policy.document import Document
from rootsteward.policy.json_reader import JsonArray, JsonMember, JsonObject, JsonValue
from rootsteward.policy.repair.json_style import Json, JsonStyle


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` to before `end`."""

    start: int
    end: int
    text: str


def apply_edits(source: str, edits: Iterable[Edit]) -> str:
    """The text after all edits; they must not overlap. Edits at one place keep their order."""
    result = source
    numbered = sorted(enumerate(edits), key=lambda pair: (pair[1].start, pair[0]), reverse=True)
    for _, edit in numbered:
        result = result[: edit.start] + edit.text + result[edit.end :]
    return result


@dataclass(slots=True)
class Editor:
    """Gathers edits of one document."""

    document: Document
    edits: list[Edit] = field(default_factory=list)
    style: JsonStyle = field(init=False)

    def __post_init__(self) -> None:
        self.style = JsonStyle.of(self.document.source)

    @property
    def source(self) -> str:
        """The text as it was."""
        return self.document.source

    def result(self) -> str:
        """The text with all edits."""
        return apply_edits(self.source, self.edits)

    def add_member(self, node: JsonObject, name: str, value: Json) -> None:
        """Add a member behind the last one of an object."""
        indent = self._inner_indent(node, [m.name.start for m in node.members])
        if not node.members:
            text = self.style.render({name: value}, "", multiline=False)
            self.edits.append(Edit(node.start, node.end, text))
            return
        many = indent is not None
        rendered = self.style.render(value, indent or "", multiline=many)
        gap = f",{self.style.newline}{indent}" if many else self.style.comma
        end = node.members[-1].value.end
        self.edits.append(Edit(end, end, f'{gap}"{name}"{self.style.colon}{rendered}'))

    def add_items(self, node: JsonValue, items: Sequence[str]) -> None:
        """Add texts to a list; a lone text becomes a list."""
        if not isinstance(node, JsonArray):
            self.edits.append(Edit(node.start, node.start, "["))
            texts = "".join(f"{self.style.comma}{self._text(item)}" for item in items)
            self.edits.append(Edit(node.end, node.end, f"{texts}]"))
            return
        indent = self._inner_indent(node, [item.start for item in node.items])
        gap = self.style.comma if indent is None else f",{self.style.newline}{indent}"
        texts = gap.join(self._text(item) for item in items)
        if node.items:
            end = node.items[-1].end
            self.edits.append(Edit(end, end, gap + texts))
        else:
            self.edits.append(Edit(node.start, node.end, f"[{texts}]"))

    def keep_items(self, node: JsonArray, kept: Sequence[int]) -> None:
        """Take out all items but those at the given places, of which there is at least one."""
        items = node.items
        for place, item in enumerate(items):
            if place in kept:
                continue
            if any(before in kept for before in range(place)):
                self.edits.append(Edit(items[place - 1].end, item.end, ""))
            else:
                self.edits.append(Edit(item.start, items[place + 1].start, ""))

    def replace_member(self, node: JsonObject, member: JsonMember, name: str, value: Json) -> None:
        """Give a member another name and value."""
        indent = self._inner_indent(node, [m.name.start for m in node.members])
        rendered = self.style.render(value, indent or "", multiline=indent is not None)
        self.edits.append(Edit(member.name.start, member.name.end, f'"{name}"'))
        self.edits.append(Edit(member.value.start, member.value.end, rendered))

    def add_statement(self, text: str, after: int) -> None:
        """Add a statement, already rendered, behind the one of that index."""
        node = self.document.statements[after].node
        container = self._statements()
        indent = self._line_indent(node.start)
        if isinstance(container, JsonArray):
            gap = self.style.comma if indent is None else f",{self.style.newline}{indent}"
            self.edits.append(Edit(node.end, node.end, gap + text))
            return
        self.edits.append(Edit(node.start, node.start, "["))
        self.edits.append(Edit(node.end, node.end, f"{self.style.comma}{text}]"))

    def statement_text(self, value: Json) -> str:
        """A new statement in the layout of the first one."""
        first = self.document.statements[0].node
        many = self._inner_indent(first, [m.name.start for m in first.members]) is not None
        indent = self._line_indent(first.end - 1) or ""
        return self.style.render(value, indent, multiline=many)

    def _statements(self) -> JsonValue:
        member = self.document.tree.member("Statement")
        return self.document.tree if member is None else member.value

    def _text(self, item: str) -> str:
        return self.style.render(item, "", multiline=False)

    def _inner_indent(self, node: JsonValue, starts: Sequence[int]) -> str | None:
        """The indentation of parts that stand on lines of their own; None when they do not."""
        if not starts or "\n" not in self.source[node.start : starts[0]]:
            return None
        return self._line_indent(starts[0])

    def _line_indent(self, offset: int) -> str | None:
        """The white space before a place; None when something else is before it on its line."""
        line_start = self.source.rfind("\n", 0, offset) + 1
        before = self.source[line_start:offset]
        if line_start == 0 or before.strip():
            return None
        return before
