"""Finding a scenario by name or path, and making its world."""

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.scenarios.build import build_world
from rootsteward.sandbox.scenarios.meaning import check_meaning
from rootsteward.sandbox.scenarios.refusal import ScenarioError
from rootsteward.sandbox.scenarios.schema import GeneratedSpec, Scenario
from rootsteward.sandbox.scenarios.shape import scenario_from
from rootsteward.sandbox.scenarios.source import Source, parse
from rootsteward.sandbox.world.world import World

_SUFFIX = ".yaml"
_GENERATED = "generated"
_GENERATED_PARTS = 3
_MOST_BYTES = 50_000_000


def scenario_names() -> tuple[str, ...]:
    """The scenarios that come with the package, by name."""
    shipped = files("rootsteward.sandbox.scenarios").iterdir()
    names = (entry.name.removesuffix(_SUFFIX) for entry in shipped if entry.name.endswith(_SUFFIX))
    return tuple(sorted(names))


def scenario_description(name: str) -> str:
    """What a scenario that comes with the package is, in a sentence."""
    return str(_shipped(name).data["description"])


def load_scenario(
    name_or_path: str | Path, *, now: Callable[[], datetime], seed: int | None = None
) -> World:
    """Make the world of a scenario.

    `name_or_path` is a name of `scenario_names()`, `generated:ACCOUNTS` or
    `generated:ACCOUNTS:SEED`, or the path of a YAML file. `seed` replaces the scenario's own;
    `now` is the clock of the world, and dates in the scenario count back from it.

    Raises:
        ScenarioError: when the scenario is wrong; names file, line and field.
        OperatorError: when there is no such scenario, or it cannot be read.
    """
    source, generated = _source(str(name_or_path))
    scenario = scenario_from(source)
    check_meaning(source, scenario)
    if generated is not None:
        scenario = scenario.model_copy(update={"generated": generated, "seed": generated.seed})
    if seed is not None:
        scenario = _reseeded(scenario, seed)
    try:
        return build_world(scenario, now=now, seed=scenario.seed)
    except OperatorError as error:
        problem = source.problem((), error.message, "a world in which this is possible")
        raise ScenarioError(source.name, [problem]) from error


def _reseeded(scenario: Scenario, seed: int) -> Scenario:
    generated = scenario.generated
    if generated is not None:
        generated = generated.model_copy(update={"seed": seed})
    return scenario.model_copy(update={"generated": generated, "seed": seed})


def _source(name: str) -> tuple[Source, GeneratedSpec | None]:
    """The scenario's file, and the part of it that the name itself says."""
    if name == _GENERATED or name.startswith(f"{_GENERATED}:"):
        return _shipped(_GENERATED), _generated_spec(name)
    if name in scenario_names():
        return _shipped(name), None
    return parse(name, _read(name)), None


def _shipped(name: str) -> Source:
    text = files("rootsteward.sandbox.scenarios").joinpath(name + _SUFFIX).read_text("utf-8")
    return parse(name + _SUFFIX, text)


def _generated_spec(name: str) -> GeneratedSpec | None:
    """`generated:ACCOUNTS[:SEED]`.

    Raises:
        OperatorError: when the parts are not whole numbers in range.
    """
    if name == _GENERATED:
        return None
    numbers = name.split(":")[1:]
    if len(numbers) >= _GENERATED_PARTS or not all(n.isascii() and n.isdecimal() for n in numbers):
        raise _no_generated(name)
    accounts, seed = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 1
    try:
        return GeneratedSpec(accounts=accounts, seed=seed)
    except ValueError:
        raise _no_generated(name) from None


def _no_generated(name: str) -> OperatorError:
    return OperatorError(
        f"`{name}` is no generated scenario",
        help="write `generated:ACCOUNTS` or `generated:ACCOUNTS:SEED`, 1 to 50000 accounts",
    )


def _read(name: str) -> str:
    path = Path(name)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise OperatorError(f"scenario `{name}` is larger than {_MOST_BYTES} bytes")
        return path.read_text("utf-8")
    except FileNotFoundError:
        known = ", ".join(f"`{known}`" for known in scenario_names())
        raise OperatorError(
            f"there is no scenario `{name}`", help=f"name a YAML file, or one of {known}"
        ) from None
    except UnicodeDecodeError:
        raise OperatorError(
            f"scenario `{name}` is not text", help="scenarios are YAML files in UTF-8"
        ) from None
    except OSError as error:
        reason = error.strerror or "input and output error"
        raise OperatorError(f"scenario `{name}` cannot be read: {reason.lower()}") from None
