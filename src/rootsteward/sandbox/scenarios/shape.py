"""From YAML values to a `Scenario`: wrong shapes become errors that name line and field."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from rootsteward.sandbox.scenarios.refusal import Path, Problem, ScenarioError
from rootsteward.sandbox.scenarios.schema import Scenario
from rootsteward.sandbox.scenarios.source import Source

_SHOWN_LENGTH = 40
# SOURCE: the steps pydantic puts into a location for the branches of a union.
_BRANCHES = frozenset({"str", "float", "constrained-str", "constrained-float"})


def scenario_from(source: Source) -> Scenario:
    """Check a file's shape.

    Raises:
        ScenarioError: with every field that is missing, unknown or of the wrong kind.
    """
    if not isinstance(source.data, dict):
        problem = source.problem(
            (), "is no scenario", "a mapping with `regions` and `organization`"
        )
        raise ScenarioError(source.name, [problem])
    try:
        return Scenario.model_validate(source.data)
    except ValidationError as error:
        problems: dict[tuple[int, str], Problem] = {}
        for detail in error.errors(include_url=False):
            problem = _problem(source, detail)
            problems.setdefault((problem.line, problem.field), problem)
        raise ScenarioError(source.name, sorted(problems.values(), key=_by_line)) from None


def _by_line(problem: Problem) -> int:
    return problem.line


def _problem(source: Source, detail: ErrorDetails) -> Problem:
    path = _path_in_file(source.data, detail["loc"])
    kind = detail["type"]
    # WHY not the kind alone: a default that a validator refused is not written either.
    if kind == "missing" or (detail["input"] is None and path not in source.lines):
        return source.problem(path, "is missing", _described(path))
    if kind == "extra_forbidden":
        return source.problem(path, "is not a field here", _fields_near(path))
    return source.problem(path, f"is {_shown(detail['input'])}", _described(path))


def _path_in_file(data: Any, location: Path) -> Path:  # noqa: ANN401 (any YAML value)
    """The location without the steps that only pydantic knows."""
    path: list[str | int] = []
    for step in location:
        held = _held(data, step)
        if held is None and (step in _BRANCHES or str(step).startswith(("dict[", "function-"))):
            continue
        path.append(step)
        data = held
    return tuple(path)


def _held(data: Any, step: str | int) -> Any:  # noqa: ANN401 (any YAML value)
    if isinstance(data, dict):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return None


def _shown(value: Any) -> str:  # noqa: ANN401 (any YAML value)
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"the number `{value}`"
    if isinstance(value, str):
        cut = value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "…"
        return f"`{cut}`"
    return "a mapping" if isinstance(value, Mapping) else f"a list of {len(value)}"


def _described(path: Path) -> str:
    field = _field_at(path)
    if field is None:
        return "another value; docs/scenarios.md describes the fields"
    of_the_type = next(_descriptions_of_parts(field), None)
    if isinstance(path[-1], int) and of_the_type:
        return of_the_type
    if field.description or of_the_type:
        return str(field.description or of_the_type)
    model = _model_in(field.annotation)
    if model is None:
        return "another value; docs/scenarios.md describes the fields"
    return "a mapping with " + ", ".join(f"`{name}`" for name in model.model_fields)


def _descriptions_of_parts(field: FieldInfo) -> Iterator[str]:
    """What the types inside a field's type say of themselves: of a list's items, for example."""
    for part in get_args(field.annotation):
        for inner in getattr(part, "__metadata__", ()):
            if isinstance(inner, FieldInfo) and inner.description:
                yield inner.description


def _fields_near(path: Path) -> str:
    model = _model_at(path[:-1])
    if model is None:
        return "one of the fields in docs/scenarios.md"
    names = list(model.model_fields)
    close = get_close_matches(str(path[-1]), names, n=1)
    if close:
        return f"`{close[0]}`"
    return "one of " + ", ".join(f"`{name}`" for name in names)


def _model_at(path: Path) -> type[BaseModel] | None:
    if not path:
        return Scenario
    field = _field_at(path)
    return None if field is None else _model_in(field.annotation)


def _field_at(path: Path) -> FieldInfo | None:
    """The field a path leads to; an item of a list or mapping is its field."""
    model: type[BaseModel] | None = Scenario
    field: FieldInfo | None = None
    for step in path:
        if isinstance(step, int):
            continue
        if model is None or step not in model.model_fields:
            return field if model is None else None
        field = model.model_fields[step]
        model = _model_in(field.annotation)
    return field


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 (an annotation)
    """The model in an annotation: itself, or the one in a list, mapping or union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
