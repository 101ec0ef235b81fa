"""The text of files that people name."""

from pathlib import Path

from rootsteward.domain.errors import InputError


def read_text(path: Path, what: str) -> str:
    """The text of a file, line ends as they are; `what` is what errors call it.

    Raises:
        InputError: when it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(
            f"{what} `{path}` cannot be read: {reason}", help="name a file that is there"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{what} `{path}` is not UTF-8 text: byte {error.start + 1} does not fit",
            help="save it as UTF-8",
        ) from error
