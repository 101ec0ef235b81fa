"""Wildcard patterns and policy variables.

Text is compared in UTF-16 units, as the service does (rule card COND-03): `?` stands for one unit,
so a character outside the basic plane is two.
"""

import re
from collections.abc import Callable
from enum import Enum
from functools import lru_cache

ARN_COMPONENTS = 6
_BASIC_PLANE = "\uffff"
_VARIABLE = re.compile(r"\$\{([^{}',]*)(?:,\s*'([^'}]*)'\s*)?\}")

# Gives the value of a condition key for a variable; None when the variable cannot be resolved.
Lookup = Callable[[str, str | None], str | None]


def utf16_units(text: str) -> str:
    """The text with every character outside the basic plane written as its two surrogates."""
    if text.isascii() or max(text) <= _BASIC_PLANE:
        return text
    raw = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(raw[i] << 8 | raw[i + 1]) for i in range(0, len(raw), 2))


def joined(units: str) -> str:
    """The text again, of its UTF-16 units."""
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


class Wildcard(Enum):
    """`*` and `?` with their wild meaning, apart from the same characters written literally."""

    ANY = "*"
    ONE = "?"


Token = str | Wildcard
Tokens = tuple[Token, ...]


def tokens(pattern: str, lookup: Lookup | None = None) -> Tokens | None:
    """Read a pattern: wildcards, and, when `lookup` is given, variables and escapes.

    Returns:
        One token per UTF-16 unit, or None when a variable has no value and no default. A
        variable's value is literal text: a star in it is a star (rule card COND-12).
    """
    if lookup is None or "${" not in pattern:
        return plain_tokens(pattern)
    found: list[Token] = []
    at = 0
    for variable in _VARIABLE.finditer(pattern):
        found += plain_tokens(pattern[at : variable.start()])
        value = lookup(variable[1], variable[2])
        if variable[0] in {"${*}", "${?}", "${$}"}:
            value = variable[1]
        if value is None:
            return None
        found += utf16_units(value)
        at = variable.end()
    return (*found, *plain_tokens(pattern[at:]))


@lru_cache(maxsize=8192)
def plain_tokens(pattern: str) -> Tokens:
    """The tokens of a pattern in which `${` has no meaning."""
    return tuple(Wildcard(c) if c in "*?" else c for c in utf16_units(pattern))


def fits(text: str, pattern: Tokens) -> bool:
    """Whether the whole text fits the pattern.

    On a mismatch the last star takes one unit more. Going back to it alone is exact: whatever an
    earlier star could take, the last one can take as well.
    """
    units = utf16_units(text)
    at = done = 0
    star, taken = -1, 0
    while at < len(units):
        token = pattern[done] if done < len(pattern) else None
        if token is Wildcard.ANY:
            star, taken = done, at
            done += 1
        elif token is Wildcard.ONE or token == units[at]:
            at += 1
            done += 1
        elif star >= 0:
            taken += 1
            at, done = taken, star + 1
        else:
            return False
    return all(token is Wildcard.ANY for token in pattern[done:])


def literal(pattern: Tokens) -> str:
    """The pattern as literal text, in UTF-16 units: here a star is a star."""
    return "".join(token.value if isinstance(token, Wildcard) else token for token in pattern)


def arn_parts(pattern: Tokens) -> list[Tokens] | None:
    """The six components, or None when the pattern is not shaped like an ARN.

    Five colons split; the last component keeps the rest. So `*` cannot cross a colon in the
    first five components (rule card COND-09).
    """
    components: list[list[Token]] = [[]]
    for unit in pattern:
        if unit == ":" and len(components) < ARN_COMPONENTS:
            components.append([])
        else:
            components[-1].append(unit)
    shaped = len(components) == ARN_COMPONENTS and components[0] == ["a", "r", "n"]
    return [tuple(component) for component in components] if shaped else None
