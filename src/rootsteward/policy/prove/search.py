"""Shannon expansion over cells, with memory: can the formula be true, and where?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rootsteward.policy.prove.budget import Budget
from rootsteward.policy.prove.circuit import FALSE, TRUE, Circuit


@dataclass(frozen=True, slots=True)
class Cell:
    """One choice for a variable: the atoms it settles, which of them are true, and its name.

    `label` is whatever the caller needs to make a request of it.
    """

    known: int
    values: int
    label: object


@dataclass(frozen=True, slots=True)
class Variable:
    """A part of the request with all its cells; `atoms` are the atoms that any cell may settle."""

    name: str
    atoms: int
    cells: tuple[Cell, ...]


Choice = tuple[tuple[int, Cell], ...]
"""Variable numbers with the cells chosen for them."""

_MOST_REJECTED = 60


def _any_choice(_: Choice) -> bool:
    return True


class Search:
    """One question over one set of variables; variables are tried in their order."""

    def __init__(self, circuit: Circuit, variables: Sequence[Variable], budget: Budget) -> None:
        self._circuit = circuit
        self._variables = tuple(variables)
        self._budget = budget
        self._impossible: set[tuple[int, int]] = set()
        self._memos: dict[tuple[int, int], dict[int, int]] = {}
        self._accept: Callable[[Choice], bool] = _any_choice
        self.regions: list[Choice] = []
        self.rejected: list[Choice] = []

    def find(self, node: int, accept: Callable[[Choice], bool] | None = None) -> Choice | None:
        """Choices that make the formula true and are accepted, or None when there are none.

        After None without any `rejected`, `regions` holds one choice for every region in which
        the formula came out false: together they cover all requests. When many choices were
        rejected, the search gives up.

        Raises:
            OutOfBudgetError: when the expansion is too large.
        """
        self._accept = accept or _any_choice
        return self._expand(node, 0, ())

    def _expand(self, node: int, first: int, chosen: Choice) -> Choice | None:
        if node == TRUE:
            return self._judge(chosen)
        if node == FALSE:
            self.regions.append(chosen)
            return None
        support = self._circuit.support[node]
        number = next(
            i for i in range(first, len(self._variables)) if self._variables[i].atoms & support
        )
        if (node, number) in self._impossible:
            return None
        rejected = len(self.rejected)
        found = self._branch(node, number, support, chosen)
        if found is None and len(self.rejected) == rejected:
            self._impossible.add((node, number))
        return found

    def _judge(self, chosen: Choice) -> Choice | None:
        if self._accept(chosen):
            return chosen
        self.rejected.append(chosen)
        return None

    def _branch(self, node: int, number: int, support: int, chosen: Choice) -> Choice | None:
        tried: set[tuple[int, int]] = set()
        for cell in self._variables[number].cells:
            if len(self.rejected) >= _MOST_REJECTED:
                return None
            view = (cell.known & support, cell.values & support)
            if view in tried:
                continue
            tried.add(view)
            self._budget.spend("the expansion over cells")
            memo = self._memos.setdefault((cell.known, cell.values), {})
            rest = self._circuit.restrict(node, cell.known, cell.values, memo)
            found = self._expand(rest, number + 1, (*chosen, (number, cell)))
            if found is not None:
                return found
        return None
