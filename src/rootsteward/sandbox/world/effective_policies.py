"""Policies that are merged along the tree into one: tag, backup and the other management policies.

A document is a tree of settings; a setting gets its value through operators (rule card ORG-12).
SOURCE: Organizations user guide, "Management policy syntax and inheritance".
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ASSIGN, APPEND, REMOVE = "@@assign", "@@append", "@@remove"
OPERATORS = frozenset({ASSIGN, APPEND, REMOVE})
CHILD_OPERATORS = "@@operators_allowed_for_child_policies"
_ALL, _NONE = "@@all", "@@none"
# Tags are below `tags`, which is below the top.
_TAG_DEPTH = 2

# WHY Any: documents hold whatever JSON holds, and are checked before they come here.
Json = Any


@dataclass(slots=True)
class _Setting:
    """One place of the merged tree. `allowed`: what policies further down may do here."""

    allowed: frozenset[str] = OPERATORS
    value: Json = None
    below: dict[str, "_Setting"] = field(default_factory=dict)

    def find(self, name: str) -> "_Setting | None":
        """The setting of a name, whatever its case."""
        known = (key for key in self.below if key.casefold() == name.casefold())
        return self.below.get(next(known, name))

    def grow(self, document: Mapping[str, Json]) -> None:
        """Make what the document names; a new one may do what its parent may.

        Where nothing is allowed, nothing new is made.
        """
        for name, item in document.items():
            below = self.find(name)
            if name.startswith("@@") or (below is None and not self.allowed):
                continue
            if below is None:
                below = self.below[name] = _Setting(self.allowed)
            below.grow(item)


def merged(
    levels: Iterable[Sequence[Mapping[str, Json]]], *, kept_depth: int = -1
) -> dict[str, Json]:
    """The effective document of policies level by level, from the org root to the account.

    What is empty is left out, except at `kept_depth` below the top. Within one level, values are
    assigned first, where the oldest attachment wins, then appended to, then removed from; what a
    level forbids its children holds from the next level on (rule card ORG-12).
    """
    top = _Setting()
    for documents in levels:
        for document in documents:
            top.grow(document)
        for document in reversed(documents):
            _apply(top, document, ASSIGN)
        for operator in (APPEND, REMOVE):
            for document in documents:
                _apply(top, document, operator)
        for document in documents:
            _restrict(top, document)
    # WHY: what stands at the very top is accepted and belongs to no setting.
    top.value = None
    shown = _shown(top, kept_depth)
    return shown if isinstance(shown, dict) else {}


def _apply(setting: _Setting, change: Mapping[str, Json], operator: str) -> None:
    if operator in change and operator in setting.allowed:
        setting.value = _operate(operator, setting.value, change[operator])
    for below, item in _below(setting, change):
        _apply(below, item, operator)


def _below(
    setting: _Setting, document: Mapping[str, Json]
) -> Iterator[tuple[_Setting, Mapping[str, Json]]]:
    for name, item in document.items():
        below = None if name.startswith("@@") else setting.find(name)
        if below is not None:
            yield below, item


def _operate(operator: str, value: Json, operand: Json) -> Json:
    if operator == ASSIGN:
        return operand
    if operator == REMOVE and value is None:
        return None
    current = value if isinstance(value, list) else []
    if operator == APPEND:
        return [*current, *(item for item in _listed(operand) if item not in current)]
    return [item for item in current if item not in _listed(operand)]


def _restrict(setting: _Setting, document: Mapping[str, Json]) -> None:
    """Take from children what the document does not allow them; what is there below is free."""
    if CHILD_OPERATORS in document:
        setting.allowed &= _named_operators(document[CHILD_OPERATORS])
    for below, item in _below(setting, document):
        _restrict(below, item)


def _named_operators(names: Json) -> frozenset[str]:
    listed = [str(name).lower() for name in _listed(names)]
    if _ALL in listed:
        return OPERATORS
    return frozenset() if _NONE in listed else OPERATORS & frozenset(listed)


def _shown(setting: _Setting, kept_depth: int) -> Json:
    """The value, or what is below it without what is empty; None when there is nothing."""
    if setting.value is not None:
        return setting.value
    shown = {name: _shown(below, kept_depth - 1) for name, below in setting.below.items()}
    found = {name: item for name, item in shown.items() if item is not None}
    return found if found or kept_depth == 0 else None


def merged_tags(levels: Iterable[Sequence[Mapping[str, Json]]]) -> dict[str, Json]:
    """An effective tag policy: every key in lower case, with values and a `tag_key` (recorded)."""
    documents = ([_as_texts(in_lower_case(document)) for document in level] for level in levels)
    document = merged(documents, kept_depth=_TAG_DEPTH)
    tags = {
        name.lower(): {"tag_value": ["*"], **_without_key(setting), "tag_key": _key(name, setting)}
        for name, setting in document.get("tags", {}).items()
    }
    return {**document, "tags": tags} if tags else {}


def in_lower_case(document: Json, depth: int = 0) -> Json:
    """A tag policy with its names in lower case, but for the keys of tags (recorded)."""
    if not isinstance(document, Mapping):
        return document
    return {
        name if depth == _TAG_DEPTH - 1 and not name.startswith("@@") else name.lower(): (
            in_lower_case(item, depth + 1)
        )
        for name, item in document.items()
    }


def _key(name: str, setting: Mapping[str, Json]) -> str:
    key: str = setting.get("tag_key", name.lower())
    return key


def _without_key(setting: Mapping[str, Json]) -> dict[str, Json]:
    return {name: item for name, item in setting.items() if name != "tag_key"}


def _as_texts(document: Json) -> Json:
    """The document with everything in its lists as text: `12`, `true` and `null` among them."""
    if isinstance(document, Mapping):
        return {name: _as_texts(item) for name, item in document.items()}
    if isinstance(document, list):
        return [item if isinstance(item, str) else json.dumps(item) for item in document]
    return document


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
