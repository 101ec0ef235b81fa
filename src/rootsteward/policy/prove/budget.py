"""A limit on the work of one question, in steps and not in seconds, so that answers repeat."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, update_wrapper
from typing import TypeVar, TypeVarTuple, Unpack

DEFAULT_STEPS = 400_000
"""About two seconds of one core; every question on a published SCP needs far less."""


class OutOfBudgetError(Exception):
    """The question needs more steps than it was given; never leaves the prover."""

    def __init__(self, part: str, steps: int) -> None:
        super().__init__(f"{part} needs more than {steps:,} steps")
        self.part = part
        self.steps = steps


@dataclass(slots=True)
class Budget:
    """Counts steps: an automaton state, a cell or a node of the expansion; a large one is more."""

    steps: int = DEFAULT_STEPS
    spent: int = field(default=0)

    def spend(self, part: str, steps: int = 1) -> None:
        """Count some steps.

        Raises:
            OutOfBudgetError: when the limit is passed; `part` says where.
        """
        self.spent += steps
        if self.spent > self.steps:
            raise OutOfBudgetError(part, self.steps)


_Arguments = TypeVarTuple("_Arguments")
_Answer = TypeVar("_Answer")


def remembered(
    function: Callable[[Budget, Unpack[_Arguments]], _Answer],
) -> Callable[[Budget, Unpack[_Arguments]], _Answer]:
    """Keep answers of a pure function whose first argument is the budget.

    An answer that is remembered is charged what it cost at first, so that whether a question is
    answered does not turn on what was asked before. Arguments must be hashable.
    """

    @lru_cache(maxsize=512)
    def priced(steps: int, arguments: tuple[*_Arguments]) -> tuple[_Answer, int]:
        budget = Budget(steps)
        answer = function(budget, *arguments)
        return answer, budget.spent

    def run(budget: Budget, *arguments: *_Arguments) -> _Answer:
        answer, spent = priced(budget.steps, arguments)
        budget.spend("the partition into cells", spent)
        return answer

    _CLEAR.append(priced.cache_clear)
    return update_wrapper(run, function)


_CLEAR: list[Callable[[], None]] = []


def forget() -> None:
    """Drop everything remembered, so that a benchmark can start cold."""
    for clear in _CLEAR:
        clear()
