"""The two halves of an operation: what it must be allowed to do, and what it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Operation:
    """`needs` names every authorization, all of which must be allowed; then `handle` runs.

    Both may raise `ServiceError`. `needs` must not change the world. `handle` changes it only
    when it succeeds.
    """

    needs: Callable[[World, Call], Sequence[Need]]
    handle: Callable[[World, Call], Output]


Operations = Mapping[str, Operation]
