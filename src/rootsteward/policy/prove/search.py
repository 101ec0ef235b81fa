"""Shannon expansion over cells, with memory: can the formula be true, and where?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

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
_NODES_A_STEP = 8
"""A step of the budget is worth so many nodes of a formula, by measurement."""


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
        found = self._settled(node, 0, ())
        frames = [] if isinstance(found, _Settled) else [found]
        chosen = found.choice if isinstance(found, _Settled) else None
        # WHY a list of frames and not recursion: a large chain has hundreds of variables.
        while frames and chosen is None:
            frame = frames[-1]
            following = self._next(frame)
            match following:
                case None:
                    frames.pop()
                    self._remember(frame)
                case _Settled(choice):
                    chosen = choice
                case _Frame():
                    frames.append(following)
        return chosen

    def _settled(self, node: int, first: int, chosen: Choice) -> "_Settled | _Frame":
        """What comes of a formula: an answer, or a variable to branch on."""
        if node == TRUE:
            return _Settled(self._judge(chosen))
        if node == FALSE:
            self.regions.append(chosen)
            return _Settled(None)
        support = self._circuit.support[node]
        number = next(
            i for i in range(first, len(self._variables)) if self._variables[i].atoms & support
        )
        if (node, number) in self._impossible:
            return _Settled(None)
        cells = iter(self._variables[number].cells)
        return _Frame(node, number, support, chosen, cells, len(self.rejected))

    def _next(self, frame: "_Frame") -> "_Settled | _Frame | None":
        """The next cell of a frame that is not yet settled; None when there is none left."""
        for cell in frame.cells:
            if len(self.rejected) >= _MOST_REJECTED:
                return None
            view = (cell.known & frame.support, cell.values & frame.support)
            if view in frame.tried:
                continue
            frame.tried.add(view)
            memo = self._memos.setdefault((cell.known, cell.values), {})
            known = len(memo)
            rest = self._circuit.restrict(frame.node, cell.known, cell.values, memo)
            self._budget.spend("the expansion over cells", 1 + (len(memo) - known) // _NODES_A_STEP)
            found = self._settled(rest, frame.number + 1, (*frame.chosen, (frame.number, cell)))
            if isinstance(found, _Frame) or found.choice is not None:
                return found
        return None

    def _remember(self, frame: "_Frame") -> None:
        """Nothing was found below a frame: the same formula need not be looked into again."""
        if len(self.rejected) == frame.rejected:
            self._impossible.add((frame.node, frame.number))

    def _judge(self, chosen: Choice) -> Choice | None:
        if self._accept(chosen):
            return chosen
        self.rejected.append(chosen)
        return None


@dataclass(frozen=True, slots=True)
class _Settled:
    """The end of a branch, with the choice that was found there, if any."""

    choice: Choice | None


@dataclass(slots=True)
class _Frame:
    """A formula that is being expanded over the cells of one variable.

    `rejected` is how many choices had been rejected before.
    """

    node: int
    number: int
    support: int
    chosen: Choice
    cells: Iterator[Cell]
    rejected: int
    tried: set[tuple[int, int]] = field(default_factory=set)
