"""Where in a policy document its statements stand, and which condition keys it asks for."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_VARIABLE = re.compile(r"\$\{([^},]+)")
_STATEMENT = re.compile(r'"Statement"\s*:\s*(\[?)')
_BETWEEN = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A position; lines and columns count from 1."""

    line: int
    column: int


def statement_places(text: str) -> list[tuple[Place, Place]]:
    """Beginning and end of every statement, in order; empty when there are none to be seen.

    As recorded (rule card IAM-15), a statement begins where what comes before it ends: the list's
    bracket, or the statement before. One that stands alone begins after its own brace.

    WHY by decoding piece by piece: nothing but JSON's own grammar tells where an object ends.
    """
    found = _STATEMENT.search(text)
    if found is None:
        return []
    in_list = bool(found.group(1))
    decoder, before, places = json.JSONDecoder(), found.end(), []
    while text[(at := _skip(text, before)) : at + 1] == "{":
        _, end = decoder.raw_decode(text, at)
        places.append((_place(text, before if in_list else at + 1), _place(text, end)))
        before = end
        if not in_list:
            break
    return places


def _skip(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _place(text: str, offset: int) -> Place:
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - before.rfind("\n"))


def condition_keys(text: str) -> Iterator[str]:
    """The condition keys that a document names, variables included, in order of appearance."""
    document: Mapping[str, Any] = json.loads(text)
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        for block in statement.get("Condition", {}).values():
            yield from block
    yield from _VARIABLE.findall(text)
