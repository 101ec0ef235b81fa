"""Patterns as tokens of an automaton: a loop and a step at every place.

The place `i` of a pattern may stay (`loops[i]`) and may move on (`steps[i]`); the last place only
stays. A pattern `a*b` reads: step `a`; stay on anything, step `b`; end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

COLON = ":"
ARN_COLONS = 5


class Wild(Enum):
    """What a wildcard may stand for."""

    ANY = "any character"
    NOT_COLON = "any character but a colon"
    DIGIT = "a digit"
    ALPHANUMERIC = "a letter or a digit"
    NAME = "a character of an IAM name"

    def takes(self, char: str) -> bool:
        """Whether the wildcard may stand for a character."""
        match self:
            case Wild.ANY:
                return True
            case Wild.NOT_COLON:
                return char != COLON
            case Wild.DIGIT:
                return char in "0123456789"
            case Wild.ALPHANUMERIC:
                return char.isascii() and char.isalnum()
            case Wild.NAME:
                return char.isascii() and (char.isalnum() or char in "_+=,.@-")


Step = str | Wild
"""One place: any one of the characters of a text, or a wildcard."""


@dataclass(frozen=True, slots=True)
class GlobTokens:
    """One pattern. `loops` has one entry more than `steps`."""

    steps: tuple[Step, ...]
    loops: tuple[Wild | None, ...]

    @property
    def literal(self) -> str | None:
        """The only text it accepts, or None when there is more than one."""
        if any(self.loops) or any(isinstance(s, Wild) or len(s) != 1 for s in self.steps):
            return None
        return "".join(str(step) for step in self.steps)

    @property
    def absorbing(self) -> bool:
        """Whether every longer text is accepted too, once one is."""
        return self.loops[-1] is Wild.ANY


def _assemble(parts: Iterable[tuple[bool, Step]]) -> GlobTokens:
    """From (is a star, step) pairs; stars in a row become one, the widest."""
    steps: list[Step] = []
    loops: list[Wild | None] = [None]
    for star, step in parts:
        if not star:
            steps.append(step)
            loops.append(None)
        elif loops[-1] is not Wild.ANY and isinstance(step, Wild):
            loops[-1] = step
    return GlobTokens(tuple(steps), tuple(loops))


def plain_glob(pattern: str) -> GlobTokens:
    """`*` and `?` stand for anything, colons included: actions, StringLike."""
    return _assemble((char == "*", Wild.ANY if char in "*?" else char) for char in pattern)


def literal_text(text: str) -> GlobTokens:
    """A text without wildcards: StringEquals."""
    return _assemble((False, char) for char in text)


def any_case_text(text: str) -> GlobTokens:
    """A text without regard to case: StringEqualsIgnoreCase."""
    return _assemble((False, "".join(sorted({c, *_cases(c)}))) for c in text)


_KELVIN = "\u212a"
"""The one character beyond ASCII whose lower case is an ASCII letter."""


def _cases(char: str) -> set[str]:
    cases = {other for other in (char.lower(), char.upper()) if len(other) == 1}
    return cases | {_KELVIN} if char in "kK" else cases


def arn_glob(pattern: str) -> GlobTokens:
    """`*` and `?` stay within one of the first five components of an ARN (rule card COND-09)."""
    parts: list[tuple[bool, Step]] = []
    colons = 0
    for char in pattern:
        wild = Wild.ANY if colons >= ARN_COLONS else Wild.NOT_COLON
        parts.append((char == "*", wild if char in "*?" else char))
        colons += char == COLON
    return _assemble(parts)


def shape(*parts: str | tuple[Wild, int] | Wild) -> GlobTokens:
    """A shape of legal values: texts, (wildcard, how many), or a wildcard as often as one likes."""
    found: list[tuple[bool, Step]] = []
    for part in parts:
        match part:
            case str():
                found += [(False, char) for char in part]
            case Wild():
                found.append((True, part))
            case (wild, count):
                found += [(False, wild)] * count
    return _assemble(found)


def name_after_path(name: GlobTokens) -> GlobTokens:
    """ARNs that end in a slash and a name that fits the pattern; a name has no slash."""
    steps = (Wild.NAME if isinstance(step, Wild) else step for step in name.steps)
    loops = (None if loop is None else Wild.NAME for loop in name.loops)
    return GlobTokens(("/", *steps), (Wild.ANY, *loops))
