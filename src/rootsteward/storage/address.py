"""Where a database is: a path or a URL, told apart and checked. Never shows a password."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from rootsteward.domain.errors import InputError

# The spellings that other tools accept for the same thing.
_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


def parse_address(where: str | Path) -> URL:
    """A path as a `sqlite` URL; `sqlite:///…` as it is; PostgreSQL with the psycopg driver.

    Raises:
        InputError: when it is none of them. The text is not shown: it may hold a password.
    """
    text = str(where)
    if isinstance(where, Path) or "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise _not_an_address() from error
    if url.drivername == "sqlite" and url.database:
        return url
    if url.drivername not in _POSTGRESQL:
        raise _not_an_address()
    if "@" in (url.host or ""):
        # WHY refused: what was taken for the host is the rest of a password, and would be shown.
        raise InputError(
            "the database address has more than one `@`",
            help="in a user name or password write `@` as %40, or set PGPASSWORD instead",
        )
    return url.set(drivername="postgresql+psycopg")


def public_name(url: URL) -> str:
    """How a database is called in messages: without password and without options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    # WHY without the query: it may hold `password=` as well.
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return bare.render_as_string()


def passwords_in(url: URL) -> tuple[str, ...]:
    """Every text in the URL that no message may repeat."""
    hidden = [url.password, *(url.query.get(name) for name in ("password", "sslpassword"))]
    return tuple(str(text) for text in hidden if text)


def _not_an_address() -> InputError:
    return InputError(
        "the database address is neither a path, nor sqlite:///…, nor postgresql://…",
        help="for example --database postgresql://user@host/rootsteward",
    )
