"""A sandbox ready to be served: its clock, its faults, and the way back to where it began."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from rootsteward.domain.errors import InputError
from rootsteward.sandbox.behaviour import Behaviour, FaultRule, FaultRules
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.model_problems import problems_of
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.saved_worlds import load_world, restored, saved
from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.scenarios.twin import Furnishing, Original, build_twin
from rootsteward.sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever opens a stage wants beyond what the scenario says."""

    realistic: bool = False
    throttle: bool = False

    def added_to(self, behaviour: Behaviour) -> Behaviour:
        """A behaviour with what is wished switched on."""
        return behaviour.but(
            realistic=behaviour.realistic or self.realistic,
            throttle=behaviour.throttle or self.throttle,
        )


class Stage:
    """One sandbox, its clock and its beginning. Not safe for threads.

    WHY a class of its own: tests, the command line and the admin API all need the same handles,
    and a `Sandbox` alone knows neither where its world came from nor how to move time.
    """

    def __init__(self, clock: SandboxClock, begin: Callable[[], World]) -> None:
        self.clock = clock
        self._begin = begin
        self.sandbox = Sandbox(begin())

    @classmethod
    def of_scenario(
        cls, name_or_path: str | Path, *, seed: int | None = None, wishes: Wishes | None = None
    ) -> Self:
        """A stage that begins with a scenario.

        Raises:
            OperatorError: there is no such scenario, or it is wrong.
        """
        clock = SandboxClock()

        def begin() -> World:
            clock.reset()
            return _wished(load_scenario(name_or_path, now=clock, seed=seed), wishes)

        return cls(clock, begin)

    @classmethod
    def of_twin(
        cls, original: Original, furnishing: Furnishing, *, wishes: Wishes | None = None
    ) -> Self:
        """A stage that begins with the twin of an organization that somebody looked at.

        Raises:
            InputError: such an organization cannot be.
        """
        clock = SandboxClock()

        def begin() -> World:
            clock.reset()
            return _wished(build_twin(original, furnishing, now=clock), wishes)

        return cls(clock, begin)

    @classmethod
    def of_saved_world(cls, path: Path, *, wishes: Wishes | None = None) -> Self:
        """A stage that begins with a world from a file, its clock as it stood against real time.

        Raises:
            OperatorError: the file is no saved world, or cannot be read.
        """
        clock = SandboxClock()
        return cls(clock, lambda: _wished(load_world(path, clock), wishes))

    @property
    def world(self) -> World:
        """The world as it is now. A `reset` replaces it."""
        return self.sandbox.world

    def reset(self) -> None:
        """Go back to the beginning: world, clock, faults. Sessions issued since are gone.

        Raises:
            OperatorError: the scenario or file is not there any more.
        """
        self.sandbox.start(self._begin())

    def saved(self) -> str:
        """The world as a JSON document, secrets included."""
        return saved(self.world)

    def restore(self, text: str | bytes) -> None:
        """Go on with a world that was saved; nothing happens when it cannot be read.

        Raises:
            InputError: the text is no saved world.
        """
        self.sandbox.start(restored(text, self.clock))

    def set_faults(self, *rules: FaultRule | Mapping[str, Any], seed: int = 1) -> None:
        """Put fault rules in force instead of those there are; none at all clears them.

        Raises:
            InputError: a rule is wrong; the message names its field.
        """
        self.sandbox.behave(self.world.behaviour.but(faults=fault_rules(rules, seed=seed)))


def _wished(world: World, wishes: Wishes | None) -> World:
    world.behaviour = (wishes or Wishes()).added_to(world.behaviour)
    return world


def fault_rules(rules: tuple[FaultRule | Mapping[str, Any], ...], *, seed: int = 1) -> FaultRules:
    """Fault rules from models or plain mappings.

    Raises:
        InputError: one of them is wrong.
    """
    try:
        return FaultRules.model_validate({"seed": seed, "rules": list(rules)})
    except ValidationError as error:
        first = problems_of(error, FaultRules)[0]
        raise InputError(
            f"fault rule `{first.field}` {first.what}", help=f"expected {first.expected}"
        ) from None
