"""How wide the columns of a table are, and where the text in them breaks.

Words stay whole where they fit. A longer one breaks behind `-`, `/`, `:`, `_`, `.` or `@`, as in
names and ARNs; only a piece that is wider than its column is left to the terminal.
"""

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

GAP = 2
# What a column keeps on a terminal that is too narrow for all of them.
_NARROWEST = 4
_WORD = re.compile(r"\s*\S+\s*")
_PIECE = re.compile(r"[^-/:_.@\s]*[-/:_.@]+\s*|[^-/:_.@\s]+\s*")


def column_widths(
    columns: Sequence[Sequence[Text]], available: int, *, whole: Sequence[bool]
) -> list[int]:
    """The width of each column in cells; the widest give way first.

    None gives more than down to its longest piece, unless the terminal is too narrow for that.

    Args:
        columns: per column the heading and every cell.
        available: cells on a line; `GAP` cells stand between two columns.
        whole: per column, whether it never gives way.
    """
    widths = [max(_longest_line(text) for text in column) for column in columns]
    least = [
        width if kept else max(_longest_piece(text) for text in column)
        for column, width, kept in zip(columns, widths, whole, strict=True)
    ]
    room = available - GAP * (len(widths) - 1)
    _shrink(widths, least, room)
    narrowest = [
        width if kept else min(width, _NARROWEST) for width, kept in zip(widths, whole, strict=True)
    ]
    _shrink(widths, narrowest, room)
    return widths


def _shrink(widths: list[int], least: Sequence[int], room: int) -> None:
    """Take from the widest until all fit, or until each is at its least."""
    for _ in range(sum(widths) - room):
        yielding = [i for i, width in enumerate(widths) if width > least[i]]
        if not yielding:
            return
        widths[max(yielding, key=widths.__getitem__)] -= 1


def broken(text: Text, width: int) -> Text:
    """The text with line breaks, so that no line is wider than `width` where that can be."""
    lines = [
        line for whole in text.split("\n", allow_blank=True) for line in _broken_line(whole, width)
    ]
    return Text("\n").join(lines)


def _broken_line(line: Text, width: int) -> list[Text]:
    cuts: list[int] = []
    used = 0
    for start, end in _parts(line.plain, width):
        needed = cell_len(line.plain[start:end].rstrip())
        if used and used + needed > width:
            cuts.append(start)
            used = 0
        used += cell_len(line.plain[start:end])
    parts = list(line.divide(cuts))
    for part in parts:
        part.rstrip()
    return parts


def _parts(plain: str, width: int) -> list[tuple[int, int]]:
    """What must stay together: words, and the pieces of a word that is too wide."""
    spans: list[tuple[int, int]] = []
    for word in _WORD.finditer(plain):
        if cell_len(word.group().rstrip()) <= width:
            spans.append(word.span())
        else:
            spans.extend(
                (word.start() + piece.start(), word.start() + piece.end())
                for piece in _PIECE.finditer(word.group())
            )
    return spans


def _longest_line(text: Text) -> int:
    return max((cell_len(line) for line in text.plain.split("\n")), default=0)


def _longest_piece(text: Text) -> int:
    pieces = (piece for word in text.plain.split() for piece in _PIECE.findall(word))
    return max((cell_len(piece) for piece in pieces), default=0)
