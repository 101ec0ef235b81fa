"""The entry point: the command tree, and how errors leave the process."""

import os
import sys
import threading
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.lazy_group import LazyGroup
from rootsteward.domain.errors import BugError, InputError, RootstewardError

app = typer.Typer(
    cls=LazyGroup,
    name="rootsteward",
    help="Centralized root access for AWS Organizations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

# What Typer makes of Ctrl-C.
_INTERRUPTED = 130
_DEFECT = "this is a defect of rootsteward; please report it with the lines above"


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"rootsteward {version('rootsteward')}")
        raise typer.Exit


@app.callback()
def _root_command(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Centralized root access for AWS Organizations."""


def run(arguments: Sequence[str] | None = None) -> ExitCode:
    """Run one command line and return its exit code. Prints errors on stderr, never raises."""
    try:
        words = None if arguments is None else list(arguments)
        result = app(args=words, prog_name="rootsteward", standalone_mode=False)
        # WHY: what is small enough waits here until now; later nobody could handle a broken pipe.
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (the last line of defence)
        return _end_with(error)
    if result == _INTERRUPTED:
        return _end_with(KeyboardInterrupt())
    return ExitCode(result) if isinstance(result, int) else ExitCode.DONE


def _end_with(error: BaseException) -> ExitCode:
    """Say what went wrong on stderr; the exit code follows from whose move it is."""
    code = ExitCode.COULD_NOT_FINISH
    match error:
        case typer.TyperException():
            # The message is empty when Typer has printed the help text already.
            if error.format_message():
                _say(_sentence(error.format_message()), "add --help to see what the command takes")
            code = ExitCode.BAD_USAGE
        case InputError():
            _say(error.message, error.help)
            code = ExitCode.BAD_USAGE
        case typer.Abort() | KeyboardInterrupt():
            _say("stopped by Ctrl-C", "what was done is in the ledger: `rootsteward ledger show`")
        case BrokenPipeError():
            # WHY: the pipe's reader has gone; without this Python complains again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        case RootstewardError() if not isinstance(error, BugError):
            _say(error.message, error.help)
        case _:
            sys.stderr.write("".join(traceback.format_exception(error)))
            _say(f"{type(error).__name__}: {error}", _DEFECT)
    return code


def _sentence(text: str) -> str:
    """Typer's messages in the form of ours: lower case, no full stop."""
    text = text.removeprefix("Value error, ").rstrip(".")
    return text[:1].lower() + text[1:]


def _say(message: str, help_text: str) -> None:
    console = Console(stderr=True, highlight=False)
    console.print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)
    if help_text:
        console.print(Text.assemble(("help: ", "bold cyan"), help_text), soft_wrap=True)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    code = run()
    if any(not thread.daemon for thread in threading.enumerate()[1:]):
        # WHY: somebody pressed Ctrl-C twice, or left work to other processes and cannot call back
        # the thread that waits for them. Python would wait for such threads for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
