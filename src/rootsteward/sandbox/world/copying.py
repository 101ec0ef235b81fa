"""A copy of a world that later changes do not reach."""

from collections import deque
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from rootsteward.sandbox.world.world import World

_Value = TypeVar("_Value")


def frozen_copy(world: World) -> World:
    """The world as it stands, for reading.

    The clock, the random source, the trail and GuardDuty's findings are shared with the original.
    LIMIT: CloudTrail and GuardDuty are never stale by this; they have delays of their own.
    """
    seen: dict[int, Any] = {}
    return replace(
        world,
        organization=copied(world.organization, seen),
        identities=copied(world.identities, seen),
        managed_policies=copied(world.managed_policies, seen),
        root_users=copied(world.root_users, seen),
        virtual_devices=copied(world.virtual_devices, seen),
        buckets=copied(world.buckets, seen),
        queues=copied(world.queues, seen),
        credential_reports=dict(world.credential_reports),
    )


def copied(value: _Value, seen: dict[int, Any] | None = None) -> _Value:
    """A copy down to what cannot change. Things that are one stay one.

    WHY not `copy.deepcopy`: secrets refuse to be copied, and frozen values need not be.
    """
    return cast("_Value", _copied(value, {} if seen is None else seen))


def _copied(value: Any, seen: dict[int, Any]) -> Any:  # noqa: ANN401 (anything in a world)
    if id(value) in seen:
        return seen[id(value)]
    kind = type(value)
    if kind is dict:
        made: Any = {}
        seen[id(value)] = made
        made.update((key, _copied(item, seen)) for key, item in value.items())
    elif kind in {list, deque}:
        made = kind()
        seen[id(value)] = made
        made.extend(_copied(item, seen) for item in value)
    elif kind is set:
        made = seen[id(value)] = set(value)
    elif is_dataclass(value) and not kind.__dataclass_params__.frozen:
        made = seen[id(value)] = object.__new__(kind)
        for field in fields(value):
            setattr(made, field.name, _copied(getattr(value, field.name), seen))
    else:
        made = value
    return made
