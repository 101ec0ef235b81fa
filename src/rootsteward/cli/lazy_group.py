"""A command group that imports a command when it is asked for.

WHY: the SDK, the database and the sandbox take a second to import, and no command needs them all.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from rootsteward.cli.commands import COMMANDS


class LazyGroup(TyperGroup):
    """The commands of the table `COMMANDS`, in its order."""

    # WHY Any: Typer's context and command classes are not public.
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 (see above)
        """The names of all commands; imports none of them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002 (see above)
        """One command, or None when there is none of that name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        found = getattr(import_module(f"rootsteward.cli.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command
