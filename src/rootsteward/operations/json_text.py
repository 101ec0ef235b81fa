"""The text of our JSON files: broken into lines where people look, read with errors that help."""

import json
from collections.abc import Collection, Iterator

from rootsteward.domain.errors import InputError
from rootsteward.ports.journal import JsonValue


def to_lines(value: JsonValue, *, broken: Collection[str]) -> str:
    """JSON whose outermost value, and every value under a name in `broken`, has a line a member.

    A search then finds a whole item, and a diff shows what has changed.
    """
    return "\n".join(_lines(value, broken)) + "\n"


def parse_json(document: bytes, what: str, name: str, writer: str) -> object:
    """The value of a file that `what` and `name` name in errors; `writer` says where it is from.

    Raises:
        InputError: naming the line and column, or the byte, that is wrong.
    """
    try:
        return json.loads(document)
    except json.JSONDecodeError as error:
        problem = f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}"
        problem += error.msg[1:]
    except UnicodeDecodeError as error:
        problem = f"it is not UTF-8 text at byte {error.start + 1}"
    except (RecursionError, ValueError):
        problem = "it is nested too deeply or holds a number that is too long"
    raise InputError(f"{what} `{name}` is not JSON: {problem}", help=writer)


def _lines(value: JsonValue, broken: Collection[str]) -> Iterator[str]:
    """JSON on as many lines as it has things that people look for."""
    if isinstance(value, dict) and value:
        open_, close = "{", "}"
        members = [(json.dumps(key, ensure_ascii=False) + ": ", key, v) for key, v in value.items()]
    elif isinstance(value, list) and value:
        open_, close = "[", "]"
        members = [("", "", item) for item in value]
    else:
        yield json.dumps(value, ensure_ascii=False)
        return
    yield open_
    for number, (label, key, member) in enumerate(members, start=1):
        comma = "," if number < len(members) else ""
        if key in broken:
            first, *rest = _lines(member, broken)
            inner = [label + first, *rest]
        else:
            inner = [label + json.dumps(member, ensure_ascii=False)]
        inner[-1] += comma
        yield from inner
    yield close
