"""Opaque tokens for paging by name: the page after the last name shown."""

from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error


def token_after(name: str) -> str:
    """The token of the page that follows a name."""
    return urlsafe_b64encode(name.encode()).decode()


def name_before(token: str) -> str | None:
    """The name a page follows, or None when the token is none of ours."""
    try:
        return b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (Base64Error, UnicodeError):
        return None
