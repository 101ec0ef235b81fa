"""Says what is wrong with a database in the operator's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from rootsteward.domain.errors import OperatorError

# What SQLite says, in lower case; what that means; what to do.
_SAYINGS = (
    (
        "file is not a database",
        "`{name}` is not a database",
        "name another file; this one was left as it is",
    ),
    (
        "database is locked",
        "the database `{name}` is in use and stayed locked",
        "wait for the other rootsteward to end, or look for one that hangs",
    ),
    (
        "readonly database",
        "the database `{name}` cannot be written",
        "give yourself write permission on the file and its folder",
    ),
    (
        "unable to open database file",
        "the database `{name}` cannot be opened",
        "check that the folder exists and that you may write it",
    ),
    (
        "malformed",
        "the database `{name}` is damaged",
        "restore it from a backup; `rootsteward ledger verify` tells how much can be trusted",
    ),
    (
        "disk is full",
        "the disk that holds the database `{name}` is full",
        "make room and repeat the command; nothing was written",
    ),
)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn the driver's errors into ours.

    Args:
        name: of the database, without a password.
    """
    try:
        yield
    except DBAPIError as error:
        raise _operator_error(error, name) from error


def _operator_error(error: DBAPIError, name: str) -> OperatorError:
    text = " ".join(str(error.orig).split())
    for saying, message, advice in _SAYINGS:
        if saying in text.lower():
            return OperatorError(message.format(name=name), help=advice)
    return OperatorError(
        f"the database `{name}` failed: {text}", help="check that it is reachable and whole"
    )
