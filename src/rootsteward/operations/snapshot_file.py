"""Snapshot files: written whole and for their owner only, read back with clear errors."""

from pathlib import Path

from rootsteward.domain.errors import InputError
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_format import from_text, to_text
from rootsteward.operations.whole_file import write_whole


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write a file with mode 0600, whole or not at all; what was there is replaced.

    Raises:
        OperatorError: when it cannot be written; what was there is untouched.
    """
    write_whole(path, to_text(snapshot), "snapshot")


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
