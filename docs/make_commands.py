"""Writes docs/commands.md from the command tree: `python docs/make_commands.py`."""  # noqa: INP001 (a script, not a package)

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from rootsteward.cli.exit_codes import endings
from rootsteward.cli.main import app
from rootsteward.cli.options import Session, connected
from rootsteward.cli.selection import Chosen

PAGE = Path(__file__).with_name("commands.md")
_INTRODUCTION = """\
# Commands

Made from the command tree by `docs/make_commands.py`; a test holds the two together. What the
[exit codes](exit-codes.md) mean is told once for all commands, and so are the options that many
commands share. `rootsteward COMMAND --help` says the same on the terminal.
"""
# The groups of options that several commands share, by their place in the help text.
_TITLES = {"Accounts": "Account options", "Connection": "Connection options"}


def _shared(session: Session, accounts: Chosen) -> Any:  # noqa: ANN401 (never called)
    raise NotImplementedError(session, accounts)


def page() -> str:
    """The whole page."""
    probe = typer.Typer()
    probe.command()(connected(_shared))
    shared = [p for p in typer.main.get_command(probe).params if _panel(p)]
    parts = [_INTRODUCTION]
    for panel, title in _TITLES.items():
        options = [parameter for parameter in shared if _panel(parameter) == panel]
        parts += [f"## {title}\n", _table(options)]
    names = {parameter.name: _panel(parameter) for parameter in shared}
    for words, command in _commands(typer.main.get_command(app)):
        parts.append(_section(words, command, names))
    return "\n".join(parts)


# WHY Any: the classes of Typer's commands and parameters are not public.
def _commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (see above)
    if not hasattr(command, "list_commands"):
        yield " ".join(words), command
        return
    for name in command.list_commands(None):
        yield from _commands(command.get_command(None, name), (*words, name))


def _section(words: str, command: Any, shared: dict[str, str]) -> str:  # noqa: ANN401 (see above)
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    own = [p for p in options if not (_panel(p) and shared.get(p.name) == _panel(p))]
    panels = dict.fromkeys(_panel(p) for p in options if p not in own)
    usage = " ".join(["rootsteward", words, *(str(p.metavar) for p in arguments)])
    lines = [f"## {words}\n", f"`{usage}`\n", f"{' '.join(command.help.split())}\n"]
    if arguments or own:
        lines.append(_table([*arguments, *own]))
    if panels:
        titles = [_TITLES[panel].lower() for panel in panels]
        links = " and ".join(f"[{title}](#{title.replace(' ', '-')})" for title in titles)
        lines.append(f"Takes the {links}.\n")
    codes = ", ".join(str(code.value) for code in endings(words))
    lines.append(f"Exit codes: {codes}.\n")
    return "\n".join(lines)


def _table(parameters: list[Any]) -> str:
    rows = [f"| `{_name(p)}` | {_meaning(p)} |" for p in parameters]
    return "\n".join(["| option | meaning |", "|---|---|", *rows, ""])


def _name(parameter: Any) -> str:  # noqa: ANN401 (see above)
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    return "`, `".join(parameter.opts)


def _meaning(parameter: Any) -> str:  # noqa: ANN401 (see above)
    parts = [" ".join((parameter.help or "").split()).replace("|", "\\|")]
    if parameter.required and parameter.param_type_name == "option":
        parts.append("Required.")
    if parameter.envvar:
        parts.append(f"Environment: `{parameter.envvar}`.")
    default = parameter.default
    if isinstance(default, str | int) and not isinstance(default, bool):
        parts.append(f"Default: `{default}`.")
    return " ".join(parts)


def _panel(parameter: Any) -> str:  # noqa: ANN401 (see above)
    return str(getattr(parameter, "rich_help_panel", None) or "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
