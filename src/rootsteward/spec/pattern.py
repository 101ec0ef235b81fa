"""Wildcard patterns and policy variables.

Text is compared in UTF-16 units, as the service does (rule card COND-03): `?` stands for one unit,
so a character outside the basic plane is two.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern cut at its stars; each piece is a regular expression without any star.

    WHY pieces: matching each piece at the first place it fits is exact for globs and needs no
    backtracking, so no pattern can make it slow.
    """

    pieces: tuple[re.Pattern[str], ...]
    sizes: tuple[int, ...]

    def matches(self, text: str) -> bool:
        """Whether the whole text (in UTF-16 units) fits the pattern."""
        if len(self.pieces) == 1:
            return self.pieces[0].fullmatch(text) is not None
        end = len(text) - self.sizes[-1]
        if self.pieces[0].match(text) is None or end < self.sizes[0]:
            return False
        at = self.sizes[0]
        for piece in self.pieces[1:-1]:
            found = piece.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return self.pieces[-1].match(text, end) is not None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` or `?` with its wild meaning, apart from the same character written literally."""

    char: str


Token = str | Wildcard


def tokens(pattern: str, lookup: Lookup | None = None) -> tuple[Token, ...] | None:
    """Read a pattern: wildcards, and, when `lookup` is given, variables and escapes.

    Returns:
        One token per UTF-16 unit, or None when a variable has no value and no default. A
        variable's value is literal text: a star in it is a star (rule card COND-12).
    """
    found: list[Token] = []
    at = 0
    for variable in _VARIABLE.finditer(pattern) if lookup else ():
        found += _plain(pattern[at : variable.start()])
        value = lookup(variable[1], variable[2]) if lookup else None
        if variable[0] in {"${*}", "${?}", "${$}"}:
            value = variable[1]
        if value is None:
            return None
        found += utf16_units(value)
        at = variable.end()
    return (*found, *_plain(pattern[at:]))


def _plain(text: str) -> list[Token]:
    return [Wildcard(c) if c in "*?" else c for c in utf16_units(text)]


def glob_of(parts: tuple[Token, ...]) -> Glob:
    """The glob for a list of tokens."""
    pieces: list[list[str]] = [[]]
    for part in parts:
        if isinstance(part, str):
            pieces[-1].append(re.escape(part))
        elif part.char == "?":
            pieces[-1].append(".")
        else:
            pieces.append([])
    compiled = tuple(re.compile("".join(piece), re.DOTALL) for piece in pieces)
    return Glob(compiled, tuple(len(piece) for piece in pieces))


def arn_globs(parts: tuple[Token, ...]) -> tuple[Glob, ...] | None:
    """One glob per ARN component, or None when the pattern is not shaped like an ARN.

    Five colons split; the last component keeps the rest. So `*` cannot cross a colon in the
    first five components (rule card COND-09).
    """
    components: list[list[Token]] = [[]]
    for part in parts:
        if part == ":" and len(components) < ARN_COMPONENTS:
            components.append([])
        else:
            components[-1].append(part)
    if len(components) != ARN_COMPONENTS or components[0] != ["a", "r", "n"]:
        return None
    return tuple(glob_of(tuple(component)) for component in components)


@lru_cache(maxsize=8192)
def fixed_glob(pattern: str) -> Glob:
    """The glob of a pattern in which `${` has no meaning."""
    return glob_of(tokens(pattern) or ())


@lru_cache(maxsize=8192)
def fixed_arn_globs(pattern: str) -> tuple[Glob, ...] | None:
    """The ARN globs of a pattern in which `${` has no meaning."""
    return arn_globs(tokens(pattern) or ())
