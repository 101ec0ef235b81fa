"""What a command shows: tables for people, JSON and CSV for machines.

With JSON and CSV nothing but data goes to stdout; remarks and progress go to stderr.
"""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from rootsteward.cli.table_layout import GAP, broken, column_widths

# What a row may hold: JSON, with read-only collections so that rows are easy to build.
# A datetime, in UTC: people see it to the second, programs get ISO 8601.
Value = None | bool | int | float | str | datetime | Sequence["Value"] | Mapping[str, "Value"]
Row = Mapping[str, Value]


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


# The words of the product have the same colour everywhere.
_STYLES = {
    "present": "bold red",
    "none": "green",
    "clean": "green",
    "deleted": "green",
    "allowed": "green",
    "unlocked": "green",
    "locked": "bold red",
    "not locked": "green",
    "unclear": "bold magenta",
    "could not look": "magenta",
    "on": "green",
    "safe": "green",
    "proved": "green",
    "yes": "green",
    "ours": "green",
    "off": "yellow",
    "recovery open": "yellow",
    "depends": "yellow",
    "in use": "bold yellow",
    "skipped": "dim",
    "running": "cyan",
    "paused": "bold yellow",
    "stopped": "yellow",
    "finished": "green",
    "planned": "cyan",
    "denied": "magenta",
    "explicit_deny": "magenta",
    "implicit_deny": "magenta",
    "undetermined": "magenta",
    "unknown": "bold magenta",
    "changed meanwhile": "bold yellow",
    "not ours": "bold red",
    "unsafe": "bold red",
    "refuted": "bold red",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the row's key, the heading people see, and whether it may be folded."""

    key: str
    heading: str
    fold: bool = True


def cell(value: Value) -> Text:
    """A value as a table shows it: known words coloured, lists one item a line."""
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, bool):
        return cell("yes" if value else "no")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Text("\n").join(cell(item) for item in value) if value else Text("-", style="dim")
    if isinstance(value, datetime):
        return Text(f"{value:%Y-%m-%d %H:%M:%S}")
    text = str(value)
    first_words = text.partition(":")[0].partition(" [")[0].lower()
    return Text(text, style=_STYLES.get(text.lower(), _STYLES.get(first_words, "")))


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # WHY: a spreadsheet runs a cell that starts with one of these; names come from outside.
        harmless = f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
        # WHY: Python's writer does not quote a lone carriage return, and its reader refuses it.
        return harmless.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, Sequence):
        return "; ".join(_plain(item) for item in value)
    if isinstance(value, datetime):
        return _iso(value)
    return json.dumps(value, ensure_ascii=False)


def _iso(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


class Screen:
    """Where a command prints. One per run."""

    def __init__(self, output: Format, *, out: Console | None = None) -> None:
        self.format = output
        self.out = out or Console(highlight=False, soft_wrap=False)
        self.err = Console(stderr=True, highlight=False)

    @property
    def for_people(self) -> bool:
        """Whether stdout is read by a person."""
        return self.format is Format.TABLE

    def beside(self) -> "Screen":
        """For what a person must see before they answer: this screen, or stderr beside data."""
        return self if self.for_people else Screen(Format.TABLE, out=self.err)

    def say(self, text: str = "", *, style: str = "", indent: int = 0) -> None:
        """A remark: on stdout among tables, on stderr beside data. `text` is not markup."""
        line = Text(text, style=style)
        if not self.for_people:
            self.err.print(line, soft_wrap=True)
            return
        shown = broken(line, max(self.out.width - indent, 1))
        self.out.print(Padding(shown, (0, 0, 0, indent), expand=False) if indent else shown)

    def command(self, text: str) -> None:
        """A command to copy; never broken into lines, whatever the width."""
        console = self.out if self.for_people else self.err
        console.print(Text(text, style="cyan"), soft_wrap=True)

    def heading(self, text: str) -> None:
        """A title above what follows; people only."""
        if self.for_people:
            self.out.print()
            self.out.print(Text(text, style="bold"))

    def diff(self, text: str) -> None:
        """A unified diff, coloured on a terminal; people only.

        WHY as it is where nobody looks: a diff with wrapped lines is none for `patch`.
        """
        if self.for_people and not self.out.is_terminal:
            self.out.file.write(text if text.endswith("\n") else text + "\n")
        elif self.for_people:
            self.out.print(
                Syntax(text, "diff", theme="ansi_dark", background_color="default", word_wrap=True)
            )

    def rows(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Row],
        *,
        empty: str = "nothing to show",
    ) -> None:
        """One list of rows. JSON carries every key of a row, CSV and tables the columns."""
        match self.format:
            case Format.TABLE:
                self._table(title, columns, rows, empty)
            case Format.JSON:
                self.json(list(map(dict, rows)))
            case Format.CSV:
                self._csv(columns, rows)

    def record(self, title: str, row: Row, headings: Mapping[str, str]) -> None:
        """One thing with named fields, shown downwards."""
        match self.format:
            case Format.TABLE:
                self._record(title, row, headings)
            case Format.JSON:
                self.json(dict(row))
            case Format.CSV:
                self._csv([Column(key, heading) for key, heading in headings.items()], [row])

    def json(self, value: Value) -> None:
        """One JSON document on stdout."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_iso) + "\n")

    def _record(self, title: str, row: Row, headings: Mapping[str, str]) -> None:
        label_width = max(map(len, headings.values()))
        value_width = max(self.out.width - label_width - GAP, 1)
        table = Table.grid(padding=(0, GAP, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for key, heading in headings.items():
            table.add_row(heading, broken(cell(row.get(key)), value_width))
        self.out.print(Text(title, style="bold"))
        self.out.print(table)

    def _table(
        self, title: str, columns: Sequence[Column], rows: Sequence[Row], empty: str
    ) -> None:
        if not rows:
            self.out.print(Text(f"{title}: {empty}", style="dim"))
            return
        cells = [[cell(row.get(column.key)) for row in rows] for column in columns]
        widths = column_widths(
            [[Text(column.heading), *texts] for column, texts in zip(columns, cells, strict=True)],
            self.out.width,
            whole=[not column.fold for column in columns],
        )
        table = Table(
            box=box.SIMPLE_HEAD, show_edge=False, padding=(0, GAP - 1, 0, 0), pad_edge=False
        )
        for column, width in zip(columns, widths, strict=True):
            heading = broken(Text(column.heading), width)
            table.add_column(heading, overflow="fold", width=width)
        for row in zip(*cells, strict=True):
            table.add_row(*(broken(text, width) for text, width in zip(row, widths, strict=True)))
        self.out.print(Text(title, style="bold"))
        self.out.print(table)
        self.out.print()

    def _csv(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([column.key for column in columns])
        writer.writerows([_plain(row.get(column.key)) for column in columns] for row in rows)


class Footnotes:
    """Long reasons behind short cells: each different text gets one number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, word: str, reasons: Sequence[str]) -> str:
        """The word with the numbers of its reasons, such as `denied [1]`."""
        numbers = [self._numbers.setdefault(r, len(self._numbers) + 1) for r in reasons]
        return f"{word} [{','.join(map(str, sorted(set(numbers))))}]" if numbers else word

    def show(self, screen: Screen) -> None:
        """The texts by number, below the table."""
        for text, number in self._numbers.items():
            screen.say(f"[{number}] {text}")


class ProgressNotifier:
    """A progress bar on stderr, shown only on a terminal; implements `ports.Notifier`."""

    def __init__(self, screen: Screen) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=screen.err,
            transient=True,
            disable=not screen.err.is_terminal,
        )

    def started(self, what: str, total: int | None) -> None:
        """Show a bar for `total` steps."""
        self._progress.add_task(what, total=total)
        self._progress.start()

    def advanced(self, steps: int = 1) -> None:
        """Move the newest bar."""
        if self._progress.task_ids:
            self._progress.advance(self._progress.task_ids[-1], steps)

    def finished(self) -> None:
        """Take the bar away."""
        self._progress.stop()
        for task_id in list(self._progress.task_ids):
            self._progress.remove_task(task_id)
