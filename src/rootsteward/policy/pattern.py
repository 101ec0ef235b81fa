"""Glob patterns: `*` is any run of characters, `?` is one.

SOURCE: the recordings of real calls: the service counts in UTF-16 units, so that a character
beyond the basic plane is two `?` (rule card COND-03). Matching is quadratic at worst, never
exponential: every inner piece is found at its leftmost place and never moved again.
"""

import re
from collections.abc import Callable
from enum import Enum
from functools import lru_cache

Matcher = Callable[[str], bool]


class Wildcard(Enum):
    """The two wildcards."""

    ANY = "*"
    ONE = "?"


Token = str | Wildcard

_LAST_BASIC = "\uffff"


def utf16_units(text: str) -> str:
    """The text with each character beyond U+FFFF split into its two surrogates."""
    if text.isascii() or max(text) <= _LAST_BASIC:
        return text
    data = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(data[i] << 8 | data[i + 1]) for i in range(0, len(data), 2))


def glob_tokens(text: str) -> tuple[Token, ...]:
    """The pieces of a pattern; wildcards become `Wildcard`, everything else stands for itself."""
    pieces = re.split(r"([*?])", text)
    return tuple(Wildcard(p) if p in {"*", "?"} else p for p in pieces if p)


@lru_cache(maxsize=16384)
def compile_tokens(tokens: tuple[Token, ...]) -> Matcher:
    """A function that says whether a whole text matches the pattern."""
    if all(isinstance(t, str) for t in tokens):
        return "".join(t for t in tokens if isinstance(t, str)).__eq__
    if all(t is Wildcard.ANY for t in tokens):
        return _anything
    if tokens[-1] is Wildcard.ANY and all(isinstance(t, str) for t in tokens[:-1]):
        return _starts_with("".join(t for t in tokens[:-1] if isinstance(t, str)))
    match = re.compile(expression(tokens), re.DOTALL).fullmatch
    return lambda text: match(utf16_units(text)) is not None


def compile_glob(text: str) -> Matcher:
    """A matcher for a pattern in which nothing but `*` and `?` is special."""
    return compile_tokens(glob_tokens(text))


def compile_action(pattern: str) -> Matcher:
    """A matcher for actions in lower case: actions are compared without case."""
    return compile_glob(pattern.lower())


def _anything(text: str) -> bool:
    return isinstance(text, str)


def _starts_with(prefix: str) -> Matcher:
    return lambda text: text.startswith(prefix)


def expression(tokens: tuple[Token, ...], *, any_character: str = ".") -> str:
    """A regular expression on UTF-16 units whose inner pieces are atomic: no far backtracking.

    `any_character` is what the wildcards stand for; with `.`, compile it with DOTALL.
    """
    pieces: list[str] = [""]
    for token in tokens:
        if token is Wildcard.ANY:
            pieces.append("")
        else:
            piece = any_character if isinstance(token, Wildcard) else re.escape(utf16_units(token))
            pieces[-1] += piece
    if len(pieces) == 1:
        return pieces[0]
    first, *inner, last = pieces
    middle = "".join(f"(?>{any_character}*?{piece})" for piece in inner if piece)
    return f"{first}{middle}{any_character}*{last}"
