"""Three-valued answers: yes, no, or not known because of keys or of something unreadable."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsure:
    """Neither yes nor no.

    `keys` are the context keys, in lower case, whose values would tell; `problems` say what could
    not be read. One of the two is never empty.
    """

    keys: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def __or__(self, other: "Unsure") -> "Unsure":
        return Unsure(
            tuple(dict.fromkeys(self.keys + other.keys)),
            tuple(dict.fromkeys(self.problems + other.problems)),
        )


Truth = bool | Unsure


def negate(truth: Truth) -> Truth:
    """Yes for no, no for yes; not known stays not known."""
    return truth if isinstance(truth, Unsure) else not truth


def any_of(truths: Iterable[Truth]) -> Truth:
    """Yes as soon as one is yes; no when all are no."""
    unsure: Unsure | None = None
    for truth in truths:
        if isinstance(truth, Unsure):
            unsure = truth if unsure is None else unsure | truth
        elif truth:
            return True
    return False if unsure is None else unsure


def all_of(truths: Iterable[Truth]) -> Truth:
    """No as soon as one is no; yes when all are yes."""
    unsure: Unsure | None = None
    for truth in truths:
        if isinstance(truth, Unsure):
            unsure = truth if unsure is None else unsure | truth
        elif not truth:
            return False
    return True if unsure is None else unsure
