"""Snapshot files: written whole and for their owner only, read back with clear errors."""

import os
import tempfile
from pathlib import Path

from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_format import from_text, to_text


def check_target(path: Path, *, overwrite: bool = False) -> None:
    """Look whether a snapshot can be written there, before minutes are spent on reading one.

    Raises:
        InputError: when it cannot, or when something is there that may not be replaced.
    """
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f"folder `{folder}` is not there", help="make it first")
    if path.is_dir():
        raise InputError(f"`{path}` is a folder", help="name a file")
    if path.exists() and not overwrite:
        raise InputError(
            f"`{path}` is there already", help="name another file, or replace it with --overwrite"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            f"nothing may be written in folder `{folder}`", help="name a file somewhere else"
        )


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write a file with mode 0600, whole or not at all; what was there is replaced.

    Raises:
        OperatorError: when it cannot be written; what was there is untouched.
    """
    text = to_text(snapshot)
    try:
        _replace(path, text)
    except OSError as error:
        raise OperatorError(
            f"snapshot `{path}` cannot be written: {error.strerror}",
            help="what was there before is untouched",
        ) from error


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot.

    Raises:
        InputError: when it cannot be read; it names the file, and the line or field that is wrong.
    """
    try:
        document = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"snapshot `{path}` cannot be read: {error.strerror}",
            help="`rootsteward snapshot FILE` writes one",
        ) from error
    return from_text(document, str(path))


def _replace(path: Path, text: str) -> None:
    # WHY mkstemp: the file is its owner's alone before the first address of a person is in it.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
