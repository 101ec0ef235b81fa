"""Reading a JSON document field by field, with errors that say where and what was expected."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.ports.journal import JsonValue

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# Makes a value of what JSON held, or raises `FieldError`.
Convert = Callable[[object], T]
_SHOWN_CHARACTERS = 40


class FieldError(Exception):
    """A field is wrong. The place is put together on the way out, so reading costs nothing."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem, place)
        self.problem = problem
        self.place = place

    def inside(self, step: str) -> "FieldError":
        """The same one level further out: a field's name, or `[3]` in a list."""
        dot = "." if self.place and not self.place.startswith("[") else ""
        return FieldError(self.problem, f"{step}{dot}{self.place}")


class Fields:
    """One JSON object. Fields that nobody asks for are ignored."""

    __slots__ = ("_values",)

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise _expected("an object with fields", value)
        self._values: Mapping[str, object] = value

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def read(self, name: str, convert: Convert[T]) -> T:
        """The value of a field.

        Raises:
            FieldError: when it is missing or wrong.
        """
        if name not in self._values:
            raise FieldError("is missing", name)
        try:
            return convert(self._values[name])
        except FieldError as error:
            raise error.inside(name) from None


def field(name: str, convert: Convert[T]) -> Convert[T]:
    """One field of an object."""
    return lambda value: Fields(value).read(name, convert)


def text(value: object) -> str:
    """Any text that can be written."""
    if not isinstance(value, str):
        raise _expected("text", value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise FieldError("holds half of a surrogate pair, which is no character") from None
    return value


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise _expected("true or false", value)
    return value


def count(value: object) -> int:
    """A whole number from 0 on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _expected("a whole number from 0 on", value)
    return value


def account_id(value: object) -> AccountId:
    """Twelve digits, as text."""
    try:
        return AccountId(text(value))
    except InputError:
        raise _expected("an account id, which is twelve digits", value) from None


def moment(value: object) -> datetime:
    """A time with its offset, made UTC."""
    try:
        at = datetime.fromisoformat(text(value))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _expected("a time like 2026-11-23T09:00:00+00:00", value)


def one_of(choices: type[E]) -> Convert[E]:
    """A word of a closed list."""
    known = {choice.value: choice for choice in choices}

    def convert(value: object) -> E:
        found = known.get(value) if isinstance(value, str) else None
        if found is None:
            raise _expected("one of " + ", ".join(known), value)
        return found

    return convert


def optional(convert: Convert[T]) -> Convert[T | None]:
    """The value, or null."""
    return lambda value: None if value is None else convert(value)


def number(value: object) -> float:
    """Any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _expected("a number", value)
    return float(value)


def json_object(value: object) -> dict[str, JsonValue]:
    """An object whose fields are somebody else's business; unlike `Fields`, all are kept."""
    if not isinstance(value, dict):
        raise _expected("an object with fields", value)
    return value


def list_of(convert: Convert[T]) -> Convert[tuple[T, ...]]:
    """Every item of a list."""

    def convert_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _expected("a list", value)
        converted: list[T] = []
        for index, item in enumerate(value):
            try:
                converted.append(convert(item))
            except FieldError as error:
                raise error.inside(f"[{index}]") from None
        return tuple(converted)

    return convert_all


def mapping_of(convert: Convert[T]) -> Convert[dict[str, T]]:
    """Every value of an object whose keys are free."""

    def convert_all(value: object) -> dict[str, T]:
        if not isinstance(value, dict):
            raise _expected("an object with fields", value)
        converted: dict[str, T] = {}
        for key, item in value.items():
            try:
                converted[text(key)] = convert(item)
            except FieldError as error:
                raise error.inside(f"[{key!a}]") from None
        return converted

    return convert_all


def check_format(
    fields: Fields, what: str, name: str, written: tuple[str, int], newer: str
) -> None:
    """That a file is of the format, and of a version, that this program writes.

    Args:
        fields: the whole file; it says both in `format` and `version`.
        what: what such a file is called.
        name: which file it is.
        written: the format and the newest version that this program knows.
        newer: what to do about a version that it does not know.

    Raises:
        FieldError: when it is nothing of the kind.
        InputError: when a newer program wrote it.
    """
    format_name, newest = written
    if "format" not in fields or fields.read("format", text) != format_name:
        raise FieldError(f"is not `{format_name}`: this is no {what}", "format")
    version = fields.read("version", count)
    if version == 0:
        raise FieldError("is 0, expected 1 or more", "version")
    if version > newest:
        raise InputError(
            f"{what} `{name}` has version {version}, and this program reads up to {newest}",
            help=newer,
        )


def _expected(what: str, value: object) -> FieldError:
    return FieldError(f"is {_shown(value)}, expected {what}")


def _shown(value: object) -> str:
    match value:
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            cut = value if len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…"
            return f"`{cut.encode(errors='backslashreplace').decode()}`"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
