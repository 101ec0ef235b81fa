"""The values of a world as JSON, and back.

The JSON says which class each value has, and only the classes that a world can hold are ever
made, field by field: reading it runs nothing that is in it. LIMIT: that the fields of a document
written by hand hold sensible values is not checked.
"""

import json
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from random import Random
from typing import Any, get_args, get_type_hints

from rootsteward.domain.errors import BugError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.behaviour import Behaviour
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.world.world import World

_KIND = "$"
_NUMBER = "#"
_CLOCK_FIELD = "now"

# WHY Any, in this whole module: the values of a world are of every type there is in it.
Json = Any


def encoded(world: World) -> Json:
    """A world as what `json.dumps` takes; its clock is left out.

    Raises:
        BugError: it holds something that is of no known kind.
    """
    return _Writer().encode(world)


def decoded(written: Json, clock: SandboxClock) -> Any:  # noqa: ANN401 (any value of a world)
    """What `encoded` wrote, with `clock` as its clock.

    Raises:
        LookupError, TypeError, ValueError, AttributeError, RecursionError: it is damaged.
    """
    return _Reader(clock).decode(written)


# --- the classes of a world


@cache
def _classes() -> Mapping[str, type[Any]]:
    """Every dataclass and enum of ours that a world can hold, by name."""
    found: dict[str, type[Any]] = {}
    _collect(World, found)
    return found


def _collect(annotation: Any, found: dict[str, type[Any]]) -> None:  # noqa: ANN401 (annotations)
    for part in get_args(annotation):
        _collect(part, found)
    if not isinstance(annotation, type) or annotation.__name__ in found:
        return
    if is_dataclass(annotation):
        found[annotation.__name__] = annotation
        for hint in get_type_hints(annotation).values():
            _collect(hint, found)
    elif issubclass(annotation, Enum):
        found[annotation.__name__] = annotation


def _kept_fields(kind: type[Any]) -> tuple[str, ...]:
    """The fields to save: not the clock, and not what is only remembered for speed."""
    kept = (f.name for f in fields(kind) if f.compare)
    return tuple(name for name in kept if (kind, name) != (World, _CLOCK_FIELD))


def layout() -> Mapping[str, tuple[str, ...]]:
    """The fields of every class, and the values of every enum, that a document can hold."""
    return {
        name: tuple(sorted(str(member.value) for member in kind))
        if issubclass(kind, Enum)
        else tuple(sorted(_kept_fields(kind)))
        for name, kind in sorted(_classes().items())
    }


# --- leaves: values without parts


def _random(state: Json) -> Random:
    made = Random()  # noqa: S311 (the source of made-up identifiers)
    made.setstate((state[0], tuple(state[1]), state[2]))
    return made


_WRITTEN: Mapping[type[Any], tuple[str, Callable[[Any], Json]]] = {
    AccountId: ("account", str),
    datetime: ("time", datetime.isoformat),
    bytes: ("bytes", lambda value: b64encode(value).decode()),
    Secret: ("secret", Secret.reveal),
    Random: ("random", Random.getstate),
    Behaviour: ("behaviour", lambda value: value.model_dump(mode="json")),
}
_READ: Mapping[str, Callable[[Json], Any]] = {
    "account": AccountId,
    "time": datetime.fromisoformat,
    "bytes": lambda value: b64decode(value, validate=True),
    "secret": Secret,
    "random": _random,
    "behaviour": lambda value: Behaviour.model_validate_json(json.dumps(value)),
}
_PLAIN = (str, int, float, bool, type(None))
_CONTAINERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


# --- writing


class _Writer:
    """Turns values into JSON. An object that can change is written once and then referred to."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def encode(self, value: Any) -> Json:  # noqa: ANN401 (see above)
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind in _WRITTEN:
            name, write = _WRITTEN[kind]
            return {_KIND: name, "value": write(value)}
        if isinstance(value, Enum):
            return {_KIND: kind.__name__, "value": value.value}
        if is_dataclass(value):
            return self._object(value)
        return self._container(value)

    def _container(self, value: Any) -> Json:  # noqa: ANN401 (see above)
        if isinstance(value, Mapping):
            items = [[self.encode(k), self.encode(v)] for k, v in value.items()]
            return {_KIND: "dict", "items": items}
        kind = type(value).__name__
        if not isinstance(value, list | deque) and kind not in _CONTAINERS:
            raise BugError(f"a world holds a `{kind}`, which cannot be saved")
        items = [self.encode(item) for item in value]
        if isinstance(value, list):
            return items
        if isinstance(value, deque):
            return {_KIND: "deque", "items": items, "most": value.maxlen}
        if not isinstance(value, tuple):
            # WHY: a set has no order, and the same world shall give the same text.
            items.sort(key=json.dumps)
        return {_KIND: kind, "items": items}

    def _object(self, value: Any) -> Json:  # noqa: ANN401 (see above)
        kind = type(value)
        if _classes().get(kind.__name__) is not kind:
            raise BugError(f"a world holds a `{kind.__name__}`, which cannot be saved")
        if id(value) in self._numbers:
            return {_KIND: "same", "as": self._numbers[id(value)]}
        written: dict[str, Json] = {_KIND: kind.__name__}
        if not kind.__dataclass_params__.frozen:
            self._numbers[id(value)] = written[_NUMBER] = len(self._numbers)
        written["fields"] = {name: self.encode(getattr(value, name)) for name in _kept_fields(kind)}
        return written


# --- reading


class _Reader:
    """Turns JSON back into values."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._made: dict[int, Any] = {}

    def decode(self, written: Json) -> Any:  # noqa: ANN401 (see above)
        if isinstance(written, list):
            return [self.decode(item) for item in written]
        if not isinstance(written, dict):
            return written
        kind = written[_KIND]
        if kind in _READ:
            return _READ[kind](written["value"])
        if kind == "same":
            return self._made[written["as"]]
        return self._of_parts(kind, written)

    def _of_parts(self, kind: str, written: Json) -> Any:  # noqa: ANN401 (see above)
        if kind == "dict":
            return {self.decode(k): self.decode(v) for k, v in written["items"]}
        if kind == "deque":
            return deque(self.decode(written["items"]), maxlen=written["most"])
        if kind in _CONTAINERS:
            return _CONTAINERS[kind](self.decode(written["items"]))
        made_of = _classes()[kind]
        if issubclass(made_of, Enum):
            return made_of(written["value"])
        return self._object(made_of, written)

    def _object(self, kind: type[Any], written: Json) -> Any:  # noqa: ANN401 (see above)
        made = object.__new__(kind)
        if _NUMBER in written:
            self._made[written[_NUMBER]] = made
        values = written["fields"]
        kept = _kept_fields(kind)
        if values.keys() != set(kept):
            raise KeyError(kind.__name__)
        for field in fields(kind):
            value = self.decode(values[field.name]) if field.name in kept else self._left_out(field)
            # WHY not the constructor: an object may be referred to by what is in it.
            object.__setattr__(made, field.name, value)
        return made

    def _left_out(self, field: Field[Any]) -> Any:  # noqa: ANN401 (see above)
        if field.name == _CLOCK_FIELD:
            return self._clock
        return field.default_factory() if field.default_factory is not MISSING else field.default
