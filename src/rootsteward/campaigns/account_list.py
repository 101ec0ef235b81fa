"""Lists of account ids that people and programs keep in files. Pure: it is given the text.

Two forms: one id a line, with `#` for remarks; or CSV with a column `account`, such as the output
of `audit --format csv`.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId

_COLUMN = "account"
_TWO_FORMS = f"write one account id a line, or CSV with a column `{_COLUMN}`"
_REMARK = re.compile(r"(?:^|\s)#.*")


@dataclass(frozen=True, slots=True)
class Listed:
    """An account and where it stands: `accounts.csv:3`, for errors that come later."""

    account: AccountId
    where: str


def parse_account_list(text: str, name: str) -> tuple[Listed, ...]:
    """Read a list. The same account twice is fine.

    Args:
        text: the whole file.
        name: what the file is called, for errors.

    Raises:
        InputError: naming the file and the line: something is no account id, a row lacks it, or
            the CSV is broken; or naming the file: there is no account in it.
    """
    text = text.removeprefix("\ufeff")
    rows = _of_csv(text, name) if _has_header(text) else _of_lines(text)
    listed = tuple(
        Listed(_account_id(cell, f"{name}:{line}"), f"{name}:{line}") for line, cell in rows
    )
    if not listed:
        raise InputError(f"{name}: there is no account in it", help=_TWO_FORMS)
    return listed


def _has_header(text: str) -> bool:
    first = next((line for line in text.splitlines() if line.strip()), "")
    try:
        return _COLUMN in (cell.strip() for cell in next(csv.reader([first]), []))
    except csv.Error:
        return False


def _of_lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        cell = _REMARK.sub("", line).strip()
        if cell:
            yield number, cell


def _of_csv(text: str, name: str) -> Iterator[tuple[int, str]]:
    """Line and account of each row; a cell may hold line ends, so a row may be many lines."""
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, strict=True)
    column = -1
    begins = 1
    try:
        for row in reader:
            if column >= 0 and row:
                yield begins, row[column].strip() if column < len(row) else ""
            elif _COLUMN in (header := [cell.strip() for cell in row]):
                column = header.index(_COLUMN)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{name}:{begins}: this is no CSV: {error}", help=_TWO_FORMS) from error


def _account_id(cell: str, where: str) -> AccountId:
    try:
        return AccountId(cell)
    except InputError as error:
        help_text = f"{_TWO_FORMS}; twelve digits, leading zeros included"
        raise InputError(f"{where}: {error.message}", help=help_text) from error
