"""Files that are written whole or not at all, and that only their owner can read."""

import os
import tempfile
from pathlib import Path

from rootsteward.domain.errors import InputError, OperatorError


def check_target(path: Path, *, overwrite: bool = False) -> None:
    """Look whether a file can be written there, before minutes are spent on what goes into it.

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


def write_whole(path: Path, text: str, what: str) -> None:
    """Write a file with mode 0600, whole or not at all; what was there is replaced.

    `what` is what errors call it, such as `snapshot`.

    Raises:
        OperatorError: when it cannot be written; what was there is untouched.
    """
    try:
        _replace(path, text)
    except OSError as error:
        raise OperatorError(
            f"{what} `{path}` cannot be written: {error.strerror}",
            help="what was there before is untouched",
        ) from error


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
