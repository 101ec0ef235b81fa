"""Policies that are merged along the tree into one: tag, backup and the other management policies.

A document is a tree of settings; a setting gets its value through operators (rule card ORG-12).
SOURCE: Organizations user guide, "Management policy syntax and inheritance".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ASSIGN, APPEND, REMOVE = "@@assign", "@@append", "@@remove"
OPERATORS = frozenset({ASSIGN, APPEND, REMOVE})
CHILD_OPERATORS = "@@operators_allowed_for_child_policies"
_ALL, _NONE = "@@all", "@@none"

# WHY Any: documents hold whatever JSON holds, and are checked before they come here.
Json = Any


@dataclass(slots=True)
class _Setting:
    """One place of the merged tree. `allowed`: what policies further down may do here."""

    allowed: frozenset[str] = OPERATORS
    value: Json = None
    below: dict[str, "_Setting"] = field(default_factory=dict)

    def child(self, name: str) -> "_Setting":
        """The setting of a name, whatever its case; a new one may do what its parent may."""
        known = next((key for key in self.below if key.casefold() == name.casefold()), name)
        return self.below.setdefault(known, _Setting(self.allowed))


def merged(levels: Iterable[Sequence[Mapping[str, Json]]]) -> dict[str, Json]:
    """The effective document of policies level by level, from the org root to the account.

    Policies of one level are merged oldest attachment first; what a level forbids its children
    holds from the next level on.
    """
    top = _Setting()
    for documents in levels:
        for document in documents:
            _apply(top, document)
        for document in documents:
            _restrict(top, document)
    shown = _shown(top)
    return shown if isinstance(shown, dict) else {}


def _apply(setting: _Setting, change: Mapping[str, Json]) -> None:
    for name, item in change.items():
        if name in OPERATORS:
            if name in setting.allowed:
                setting.value = _operate(name, setting.value, item)
        elif name != CHILD_OPERATORS:
            _apply(setting.child(name), item)


def _operate(operator: str, value: Json, operand: Json) -> Json:
    if operator == ASSIGN:
        return operand
    current = value if isinstance(value, list) else []
    if operator == APPEND:
        return [*current, *(item for item in _listed(operand) if item not in current)]
    return [item for item in current if item not in _listed(operand)]


def _restrict(setting: _Setting, document: Mapping[str, Json]) -> None:
    """Take from children what the document does not allow them, here and below."""
    if CHILD_OPERATORS in document:
        for each in _all_of(setting):
            each.allowed &= _named_operators(document[CHILD_OPERATORS])
    for name, item in document.items():
        if not name.startswith("@@"):
            _restrict(setting.child(name), item)


def _all_of(setting: _Setting) -> Iterator[_Setting]:
    yield setting
    for below in setting.below.values():
        yield from _all_of(below)


def _named_operators(names: Json) -> frozenset[str]:
    listed = _listed(names)
    if _ALL in listed:
        return OPERATORS
    return frozenset() if _NONE in listed else OPERATORS & frozenset(listed)


def _shown(setting: _Setting) -> Json:
    """The value, or what is below it without what is empty; None when there is nothing."""
    if setting.value is not None:
        return setting.value
    shown = {name: _shown(below) for name, below in setting.below.items()}
    return {name: item for name, item in shown.items() if item is not None} or None


def with_tag_keys(document: Mapping[str, Json]) -> dict[str, Json]:
    """An effective tag policy: its keys in lower case, each with a `tag_key` (recorded)."""
    tags = {
        name.lower(): {"tag_key": name, **setting}
        for name, setting in document.get("tags", {}).items()
    }
    return {**document, "tags": tags} if tags else {}


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
