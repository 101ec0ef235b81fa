"""What is wrong with a value that a pydantic model refused, by the fields' own descriptions."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from rootsteward.sandbox.scenarios.refusal import spelled

_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One mistake: the field as people write it, what is wrong, and what was expected."""

    field: str
    what: str
    expected: str


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[FieldProblem]:
    """Every mistake that pydantic found, each with the name of its field."""
    return [_problem(detail, model) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, model: type[BaseModel]) -> FieldProblem:
    path = detail["loc"]
    name = spelled(path) or "the document"
    match detail["type"]:
        case "missing":
            return FieldProblem(name, "is missing", _description(path, model))
        case "extra_forbidden":
            return FieldProblem(name, "is not a field here", _siblings(path, model))
        case "json_invalid":
            return FieldProblem("the document", "is not JSON", "a JSON document")
        case _ if detail["input"] is None:
            return FieldProblem(name, "is missing", _description(path, model))
        case _:
            what = f"cannot be `{str(detail['input'])[:_SHOWN_LENGTH]}`"
            return FieldProblem(name, what, _description(path, model))


def _description(path: tuple[int | str, ...], model: type[BaseModel]) -> str:
    field = _field(path, model)
    if field is None:
        return _fields_of(model)
    described = field.description or next(iter(_inner_descriptions(field)), "")
    inner = _model_in(field.annotation)
    return described or (_fields_of(inner) if inner else "another value")


def _siblings(path: tuple[int | str, ...], model: type[BaseModel]) -> str:
    for step in path[:-1]:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return _fields_of(model)


def _fields_of(model: type[BaseModel]) -> str:
    return "one of " + ", ".join(f"`{name}`" for name in model.model_fields)


def _field(path: tuple[int | str, ...], model: type[BaseModel]) -> FieldInfo | None:
    field: FieldInfo | None = None
    for step in path:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        if field is None:
            return None
        model = _model_in(field.annotation) or model
    return field


def _inner_descriptions(field: FieldInfo) -> list[str]:
    return [
        inner.description
        for part in get_args(field.annotation)
        for inner in getattr(part, "__metadata__", ())
        if isinstance(inner, FieldInfo) and inner.description
    ]


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 (an annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
