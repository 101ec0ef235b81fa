"""The commands that there are, by the words with which they are called."""

from collections.abc import Iterator
from typing import Any

import typer

from rootsteward.cli.main import app


# WHY Any: Typer's own command classes are not public.
def commands_below(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (see above)
    """Every command that does something, with its words, in the order of the help text."""
    if not hasattr(command, "list_commands"):
        yield " ".join(words), command
        return
    for name in command.list_commands(None):
        yield from commands_below(command.get_command(None, name), (*words, name))


COMMANDS: dict[str, Any] = dict(commands_below(typer.main.get_command(app)))
