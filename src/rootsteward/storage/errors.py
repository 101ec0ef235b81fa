"""Says what is wrong with a database in the operator's words, for both drivers."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from rootsteward.domain.errors import OperatorError

_LOCKED = (
    "the database `{name}` is in use and stayed locked",
    "wait for the other rootsteward to end, or look for one that hangs",
)
_FULL = (
    "the disk that holds the database `{name}` is full",
    "make room and repeat the command; nothing was written",
)
_UNREACHABLE = (
    "the database `{name}` cannot be reached",
    "check host, port and network, and that the server runs",
)
_REFUSED = (
    "the database `{name}` refused user and password",
    "set PGPASSWORD or ~/.pgpass, and check the user in the address",
)
_MISSING = (
    "the database `{name}` or its user does not exist",
    "make it with `createdb`, and the user with `createuser`; rootsteward makes the tables",
)
_BUSY = (
    "the database `{name}` takes no more connections",
    "end what holds them, or raise `max_connections` on the server",
)
_LOST = (
    "the connection to the database `{name}` was lost",
    "repeat the command; what was just being written may be there or not",
)
_GOING = (
    "the server of the database `{name}` is starting or stopping",
    "repeat the command when it is up",
)

# What a driver says, in lower case; what that means, and what to do.
_SAYINGS = (
    # SQLite
    (
        "file is not a database",
        ("`{name}` is not a database", "name another file; this one was left as it is"),
    ),
    ("database is locked", _LOCKED),
    (
        "readonly database",
        (
            "the database `{name}` cannot be written",
            "give yourself write permission on the file and its folder",
        ),
    ),
    (
        "unable to open database file",
        (
            "the database `{name}` cannot be opened",
            "check that the folder exists and that you may write it",
        ),
    ),
    (
        "malformed",
        (
            "the database `{name}` is damaged",
            "restore it from a backup; `rootsteward ledger verify` tells how much can be trusted",
        ),
    ),
    ("disk is full", _FULL),
    # PostgreSQL, while connecting: the driver then gives no code
    ("password authentication failed", _REFUSED),
    ("no password supplied", _REFUSED),
    ("no pg_hba.conf entry", _REFUSED),
    ("too many clients", _BUSY),
    ("remaining connection slots", _BUSY),
    ("system is starting up", _GOING),
    ("system is shutting down", _GOING),
    ("server closed the connection", _LOST),
    ("connection is lost", _LOST),
    ("connection refused", _UNREACHABLE),
    ("no such file or directory", _UNREACHABLE),
    ("failed to resolve host", _UNREACHABLE),
    ("could not translate host name", _UNREACHABLE),
    ("timeout expired", _UNREACHABLE),
)
# PostgreSQL's codes, or the class that is the first two characters of one.
_STATES = {
    "08": _UNREACHABLE,
    "25006": (
        "the database `{name}` is read-only",
        "give the address of the primary server, not of a standby",
    ),
    "28": _REFUSED,
    "3D000": _MISSING,
    "42501": (
        "the user of the database `{name}` may not do what is needed there",
        "grant CREATE and USAGE on its schema, and all rights on rootsteward's tables",
    ),
    "53100": _FULL,
    "53300": _BUSY,
    "55P03": _LOCKED,
    "57P": _GOING,
}


@contextmanager
def translated(name: str, hidden: tuple[str, ...] = ()) -> Iterator[None]:
    """Turn the driver's errors into ours.

    Args:
        name: of the database, without a password.
        hidden: texts that are taken out of what the driver says.
    """
    try:
        yield
    except DBAPIError as error:
        raise _operator_error(error, name, hidden) from error
    except PoolTimeoutError as error:
        raise stayed_locked(name) from error


def stayed_locked(name: str) -> OperatorError:
    """Others held the database for too long."""
    return _said(_LOCKED, name)


def _operator_error(error: DBAPIError, name: str, hidden: tuple[str, ...]) -> OperatorError:
    text = " ".join(str(error.orig).split())
    state = str(getattr(error.orig, "sqlstate", None) or "")
    for prefix, said in _STATES.items():
        if state.startswith(prefix):
            return _said(said, name)
    for saying, said in _SAYINGS:
        if saying in text.lower():
            return _said(said, name)
    if "does not exist" in text and not state:
        return _said(_MISSING, name)
    for secret in hidden:
        text = text.replace(secret, "***")
    return OperatorError(
        f"the database `{name}` failed: {text}", help="check that it is reachable and whole"
    )


def _said(said: tuple[str, str], name: str) -> OperatorError:
    message, advice = said
    return OperatorError(message.format(name=name), help=advice)
