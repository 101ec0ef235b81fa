"""A world as a JSON document, and back: all of it, secrets included, for they are its own.

LIMIT: changes that a realistic sandbox still holds back are complete in what is saved.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.private_file import write_private_file
from rootsteward.sandbox.world.world import World
from rootsteward.sandbox.world_codec import decoded, encoded

FORMAT = "rootsteward sandbox world"
# To be raised whenever `world_codec.layout` changes.
VERSION = 2


def saved(world: World) -> str:
    """A world as text, with the state of its clock."""
    clock = world.now if isinstance(world.now, SandboxClock) else SandboxClock(world.now)
    frozen_at = clock.frozen_at
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "written_by": f"rootsteward {version('rootsteward')}",
            "saved_at": clock().isoformat(),
            "clock": {
                "ahead_seconds": clock.ahead_seconds,
                "frozen_at": frozen_at.isoformat() if frozen_at else None,
            },
            "world": encoded(world),
        },
        separators=(",", ":"),
    )


def restored(text: str | bytes, clock: SandboxClock, *, name: str = "the document") -> World:
    """A world from what `saved` gave. It runs on `clock`, which is set as it stood.

    Raises:
        InputError: the text is no saved world, or one of another version; `name` is what the
            message calls it. The clock is untouched then.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable(name, "it is not JSON") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _unreadable(name, "it is something else")
    if document.get("version") != VERSION:
        raise InputError(
            f"{name} is a saved world of version {document.get('version')!r:.20}; this rootsteward "
            f"reads version {VERSION}",
            help="load it with the rootsteward that saved it, or start from its scenario again",
        )
    try:
        ahead_seconds, frozen_at = _clock_state(document["clock"])
        world = decoded(document["world"], clock)
    except (
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as error:
        raise _unreadable(name, f"it is damaged ({type(error).__name__})") from None
    except (InputError, ValidationError):
        raise _unreadable(name, "it is damaged (a value that is not allowed)") from None
    if not isinstance(world, World):
        raise _unreadable(name, "it holds no world")
    clock.set_state(ahead_seconds=ahead_seconds, frozen_at=frozen_at)
    return world


def _clock_state(stands: Mapping[str, Any]) -> tuple[float, datetime | None]:
    """How far a clock was ahead, and where it stood still.

    Raises:
        ValueError, OverflowError: it is no time that a clock can show.
    """
    frozen_at = datetime.fromisoformat(stands["frozen_at"]) if stands["frozen_at"] else None
    if frozen_at is not None and frozen_at.tzinfo is None:
        raise ValueError("a time without its zone")
    ahead_seconds = float(stands["ahead_seconds"])
    tried = SandboxClock()
    tried.set_state(ahead_seconds=ahead_seconds, frozen_at=None)
    tried()
    return ahead_seconds, frozen_at


def _unreadable(name: str, why: str) -> InputError:
    return InputError(
        f"{name} is no saved world: {why}",
        help="give a file that `sandbox serve --save-on-exit` or the admin API wrote",
    )


def save_world(world: World, path: Path) -> None:
    """Write a world to a file that only its owner can read.

    Raises:
        OperatorError: when the file cannot be written.
    """
    try:
        write_private_file(path, saved(world))
    except OSError as error:
        raise OperatorError(
            f"the world cannot be saved to `{path}`: {_reason(error)}",
            help="name a file in a folder that exists and that you may write to",
        ) from None


def load_world(path: Path, clock: SandboxClock) -> World:
    """Read a world from a file.

    Raises:
        InputError: the file is no saved world.
        OperatorError: when it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OperatorError(f"saved world `{path}` cannot be read: {_reason(error)}") from None
    return restored(content, clock, name=f"`{path}`")


def _reason(error: OSError) -> str:
    return (error.strerror or "input and output error").lower()
