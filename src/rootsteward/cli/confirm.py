"""Asking before something is changed."""

import sys

from rich.text import Text

from rootsteward.cli.render import Screen
from rootsteward.domain.errors import InputError, OperatorError


def confirm(screen: Screen, phrase: str, *, yes: bool) -> None:
    """Go on only when the operator types `phrase`, or said `--yes`.

    Raises:
        InputError: when nobody is there to type (stdin is no terminal) and `--yes` is missing.
        OperatorError: when something else was typed; nothing was done.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(
            "this changes things and nobody is there to confirm it",
            help="add --yes when a script runs it, or --dry-run to see what would happen",
        )
    if _answer(screen, phrase).strip() != phrase:
        raise OperatorError("not confirmed; nothing was done", help=f"type exactly `{phrase}`")


def _answer(screen: Screen, phrase: str) -> str:
    """The line that was typed; whoever stops at the question has not confirmed."""
    try:
        screen.err.print(Text.assemble("\nType ", (phrase, "bold"), " to go on: "), end="")
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line.endswith("\n"):
        screen.err.print()
    return line
