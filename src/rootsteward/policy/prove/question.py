"""One question to the prover: is there a legal request for which a formula is true?

First only the statements that differ between the chains are looked into; all others are opaque.
That is sound (*no* means *no*), and it is what keeps proofs of small edits fast. A *yes* of this
first look is replayed; where no replay confirms one, everything is looked into.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rootsteward.domain.authorization import AccessRequest
from rootsteward.policy.document import Document, Statement
from rootsteward.policy.prove.budget import Budget, OutOfBudgetError
from rootsteward.policy.prove.cells import variables
from rootsteward.policy.prove.chain import Chain
from rootsteward.policy.prove.model import Keep, Model, is_unconditional, signature
from rootsteward.policy.prove.rcp_coverage import Coverage
from rootsteward.policy.prove.request_set import RequestSet
from rootsteward.policy.prove.search import Choice, Search
from rootsteward.policy.prove.witness import Witnesses, decision_of_both

_MOST_NAMED = 3

Formula = Callable[[Model, Keep | None], int]
Confirm = Callable[[AccessRequest], bool]


@dataclass(frozen=True, slots=True)
class Nowhere:
    """No request makes the formula true; `regions` has one of every region looked at."""

    regions: tuple[AccessRequest, ...]


@dataclass(frozen=True, slots=True)
class Somewhere:
    """This request does, and the engine agrees."""

    witness: AccessRequest


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Not known, because of `reason`."""

    reason: str


Finding = Nowhere | Somewhere | NoAnswer


@dataclass(slots=True)
class Question:
    """Asks about two chains (or one, given twice) within a set of requests."""

    before: Chain
    after: Chain
    within: RequestSet
    budget: Budget
    _untouched: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        self._untouched = _signatures(self.before) & _signatures(self.after)

    def ask(self, formula: Formula, confirm: Confirm) -> Finding:
        """Look for a request; `confirm` replays it through the engine."""
        whole = self._levels(self.before) == self._levels(self.after)
        try:
            if not whole:
                first = self._look(formula, self._is_touched, confirm)
                if not isinstance(first, NoAnswer):
                    return first
            return self._look(formula, None, confirm)
        except OutOfBudgetError as error:
            return NoAnswer(str(error))

    @staticmethod
    def _levels(chain: Chain) -> object:
        return chain.levels, chain.rcp_levels

    @property
    def _outsiders(self) -> bool:
        """RCPs bind AWS services and anonymous callers too (rule card RCP-04)."""
        return self.before.rcp_levels is not None or self.after.rcp_levels is not None

    def _rcp_patterns(self) -> Iterable[str]:
        for chain in (self.before, self.after):
            for level in chain.parsed_rcps:
                for document in level.documents:
                    for statement in document.statements:
                        yield from statement.actions.patterns if statement.actions else ()

    def _is_touched(self, document: Document, statement: Statement) -> bool:
        return is_unconditional(document, statement) or (
            signature(document, statement) not in self._untouched
        )

    def _look(self, formula: Formula, keep: Keep | None, confirm: Confirm) -> Finding:
        model = Model(self.within, self._outsiders, Coverage.beside(self._rcp_patterns()))
        inside = model.circuit.conjunction([model.member(self.within), model.bound()])
        node = model.circuit.absorbed(model.circuit.conjunction([inside, formula(model, keep)]))
        parts = variables(
            model.atoms,
            self.within,
            self.after.partition,
            self.budget,
            account=self.after.account,
            outsiders=self._outsiders,
        )
        search = Search(model.circuit, parts, self.budget)
        witnesses = Witnesses(parts, (self.before, self.after), self.within.actions or ())
        try:
            choice = search.find(node, lambda found: confirm(witnesses.request(found)))
        except OutOfBudgetError:
            if not search.rejected:
                raise
            choice = None
        if choice is not None:
            return Somewhere(witnesses.request(choice))
        if search.rejected:
            return NoAnswer(self._why_not(witnesses, search.rejected[0]))
        return Nowhere(tuple(_distinct(witnesses.request(r) for r in search.regions)))

    def _why_not(self, witnesses: Witnesses, rejected: Choice) -> str:
        """Why a request that should show something did not, when it was replayed."""
        request = witnesses.request(rejected)
        if any(decision_of_both(request, c) is None for c in (self.before, self.after)):
            return (
                f"the engine and the specification disagree about {request.action} by "
                f"{request.principal}, which is a fault of rootsteward"
            )
        guesses = witnesses.guesses(rejected)
        more = f" and {len(guesses) - _MOST_NAMED} more" if len(guesses) > _MOST_NAMED else ""
        cause = " and ".join(guesses[:_MOST_NAMED]) + more or "a part of the policies"
        return f"it turns on {cause}, which cannot be worked out for all requests"


def _signatures(chain: Chain) -> frozenset[str]:
    return frozenset(signature(document, s) for _, document, s in chain.statements())


def _distinct(requests: Iterable[AccessRequest]) -> list[AccessRequest]:
    seen: set[object] = set()
    found: list[AccessRequest] = []
    for request in requests:
        key = (
            request.principal,
            request.action,
            request.resource,
            tuple(request.context.items()),
        )
        if key not in seen:
            seen.add(key)
            found.append(request)
    return found
