"""Policies as formulas: which atoms a statement consists of, and how statements make an answer.

An atom is one question about one part of the request: is the action in this list, is the resource
in that one, does this test on a key pass, is the caller one of these. Equal questions are equal
atoms, wherever they stand, so what two chains share is shared in the formula too.

What cannot be split into cells (policy variables, unreadable parts) is an *opaque* atom: it may be
true or false as it pleases, but it is the same in both chains. That is sound for a proof, and a
witness that leans on one is believed only once the engine has replayed it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rootsteward.policy.document import (
    Document,
    Effect,
    PatternList,
    PrincipalKind,
    PrincipalList,
    Statement,
)
from rootsteward.policy.prove.action_cells import action_list, service_of
from rootsteward.policy.prove.chain import Chain, ChainLevel
from rootsteward.policy.prove.circuit import FALSE, TRUE, Circuit
from rootsteward.policy.prove.key_tests import KeyTest
from rootsteward.policy.prove.rcp_coverage import SUPPORTED, Coverage
from rootsteward.policy.prove.request_set import RequestSet, Who, known_actions, services_of


@dataclass(frozen=True, slots=True)
class ActionIn:
    """Is the action in the list? Patterns in lower case."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceIn:
    """Is the resource in the list?"""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallerIs:
    """Is the caller one of these?"""

    who: Who


@dataclass(frozen=True, slots=True)
class Covered:
    """Do RCPs speak about the action at all (rule card RCP-20)?"""

    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that is true or false, nobody knows when.

    `what` tells it from others; `shown` names it for the reader.
    """

    what: str
    shown: str = field(default="", compare=False)


Atom = ActionIn | ResourceIn | CallerIs | KeyTest | Covered | Opaque
Keep = Callable[[Document, Statement], bool]


def signature(document: Document, statement: Statement) -> str:
    """What makes two statements the same statement: text, and what it takes to read it."""
    text = document.source[statement.position.offset : statement.end]
    beside = "; ".join(problem.message for problem in document.problems)
    return f"{document.policy_type} {document.version} {beside}{text}"


def _everyone(principals: PrincipalList) -> bool:
    """Whether it is `"*"` or `{"AWS": "*"}`, the two that Organizations takes (RCP-02)."""
    kinds = {entry.kind for entry in principals.entries if entry.value == "*"}
    return not principals.negated and not kinds.isdisjoint(_ALL_CALLERS)


_ALL_CALLERS = frozenset({PrincipalKind.EVERYONE, PrincipalKind.AWS})


def is_unconditional(document: Document, statement: Statement) -> bool:
    """Whether the statement applies to every request, as FullAWSAccess does."""
    lists = (statement.actions, statement.resources)
    return (
        not statement.problems
        and not document.problems
        and not statement.conditions
        and all(p is not None and not p.negated and "*" in p.patterns for p in lists)
    )


@dataclass(slots=True)
class Model:
    """All atoms of one question and the formulas over them.

    `within` are the only requests the question is about. Patterns that can match none of their
    actions are left out, and lists that take all or none of them are no question any more.
    `outsiders`: callers whom SCPs do not bind are among those who ask. `coverage` knows which
    actions RCPs speak about.
    """

    within: RequestSet = field(default_factory=RequestSet)
    outsiders: bool = False
    coverage: Coverage = field(default_factory=lambda: Coverage(SUPPORTED))
    circuit: Circuit = field(default_factory=Circuit)
    atoms: list[Atom] = field(default_factory=list)
    _numbers: dict[Atom, int] = field(default_factory=dict)

    def atom(self, atom: Atom) -> int:
        """The formula that is one atom."""
        number = self._numbers.get(atom)
        if number is None:
            number = self._numbers[atom] = len(self.atoms)
            self.atoms.append(atom)
        return self.circuit.atom(number)

    def allowed(self, chain: Chain, keep: Keep | None = None) -> int:
        """Every SCP level allows, and nothing denies (EVAL-05, SCP-02 to SCP-04, RCP-01).

        `keep` picks the statements to look into; the others become one opaque atom each.
        """
        by_scps = self._by_scps(chain, keep) if chain.levels is not None else TRUE
        if self.outsiders and by_scps != TRUE:
            by_scps = self.circuit.disjunction([by_scps, self.atom(CallerIs(Who.OUTSIDER))])
        return self.circuit.conjunction([by_scps, self._by_rcps(chain, keep)])

    def _by_scps(self, chain: Chain, keep: Keep | None) -> int:
        denies: list[int] = []
        gates: list[int] = []
        for level in chain.parsed:
            allows, denied = self._level(level, keep)
            gates.append(self.circuit.disjunction(allows))
            denies += denied
        none_denies = (self.circuit.negation(node) for node in denies)
        return self.circuit.conjunction([*gates, *none_denies])

    def _by_rcps(self, chain: Chain, keep: Keep | None) -> int:
        """No RCP denies an action that RCPs speak about; their Allows say nothing (RCP-01)."""
        denies = [node for level in chain.parsed_rcps for node in self._level(level, keep)[1]]
        denied = self.circuit.disjunction(denies)
        if denied == FALSE:
            return TRUE
        return self.circuit.negation(self.circuit.conjunction([denied, self.covered()]))

    def covered(self) -> int:
        """RCPs speak about the action."""
        return self.atom(Covered(self.coverage))

    def bound(self) -> int:
        """The request is one that SCPs or RCPs bind: an outsider's only if RCPs speak about it."""
        if not self.outsiders:
            return TRUE
        outsider = self.atom(CallerIs(Who.OUTSIDER))
        unbound = self.circuit.conjunction([outsider, self.circuit.negation(self.covered())])
        return self.circuit.negation(unbound)

    def _level(self, level: ChainLevel, keep: Keep | None) -> tuple[list[int], list[int]]:
        """When one of the statements of a level allows, and when one denies."""
        allows: list[int] = []
        denies: list[int] = []
        for document in level.documents:
            for statement in document.statements:
                node = self._either(document, statement, keep)
                self._place(document, statement, node, allows, denies)
        return allows, denies

    def _either(self, document: Document, statement: Statement, keep: Keep | None) -> int:
        if keep is None or keep(document, statement):
            return self.applies(document, statement)
        return self._opaque(document, statement)

    def _opaque(self, document: Document, statement: Statement) -> int:
        """A statement that is not looked into."""
        text = document.source[statement.position.offset : statement.end]
        return self.atom(Opaque(signature(document, statement), text))

    def _place(
        self,
        document: Document,
        statement: Statement,
        node: int,
        allows: list[int],
        denies: list[int],
    ) -> None:
        match statement.effect:
            case Effect.ALLOW:
                allows.append(node)
            case Effect.DENY:
                denies.append(node)
            case None:
                # An effect nobody can read could be either.
                which = self.atom(Opaque(f"the effect of {signature(document, statement)}"))
                allows.append(self.circuit.conjunction([node, which]))
                denies.append(self.circuit.conjunction([node, self.circuit.negation(which)]))

    def applies(self, document: Document, statement: Statement) -> int:
        """The statement applies to the request.

        A statement that cannot be read in part is opaque as a whole, as it is to the engine.
        """
        if document.problems or statement.problems:
            return self._opaque(document, statement)
        actions = self._list(statement.actions, self._action_list)
        if actions == FALSE:
            return FALSE
        parts = [
            actions,
            self._list(statement.resources, self._resources(document)),
            self._principals(statement),
            *self._tests(document, statement),
        ]
        return self.circuit.conjunction(parts)

    def _list(self, patterns: PatternList | None, make: Callable[[tuple[str, ...]], int]) -> int:
        if patterns is None:
            # The statement has a problem, or the element may be left out: any value could do.
            return TRUE
        node = make(patterns.patterns)
        return self.circuit.negation(node) if patterns.negated else node

    def _action_list(self, patterns: tuple[str, ...]) -> int:
        if "*" in patterns:
            return TRUE
        lowered = tuple(sorted({p.lower() for p in patterns}))
        services = services_of(self.within)
        if services is not None:
            lowered = tuple(p for p in lowered if service_of(p) in services | {""})
        actions = known_actions(self.within)
        if actions is not None:
            matches = action_list(lowered).matches
            hits = {matches(action) for action in actions}
            if len(hits) == 1:
                return TRUE if hits.pop() else FALSE
        return self.atom(ActionIn(lowered)) if lowered else FALSE

    def _resources(self, document: Document) -> Callable[[tuple[str, ...]], int]:
        def make(patterns: tuple[str, ...]) -> int:
            if "*" in patterns:
                return TRUE
            fixed = [p for p in patterns if not (document.variables_on and "${" in p)]
            nodes = [self.atom(ResourceIn(tuple(sorted(set(fixed)))))] if fixed else []
            nodes += [self.atom(Opaque(f"resource {p}")) for p in patterns if p not in fixed]
            return self.circuit.disjunction(nodes)

        return make

    def _principals(self, statement: Statement) -> int:
        if statement.principals is None or _everyone(statement.principals):
            return TRUE
        entries = tuple(f"{e.kind} {e.value}" for e in statement.principals.entries)
        return self.atom(Opaque(f"principal {statement.principals.negated} {entries}"))

    def _tests(self, document: Document, statement: Statement) -> Iterable[int]:
        deny = statement.effect is Effect.DENY
        for test in statement.conditions:
            if test.problem is not None:
                yield self.atom(Opaque(f"{test.spelled} {test.key} {test.values}"))
            else:
                yield self._test(KeyTest.of(test, deny=deny, variables=document.variables_on))

    def _test(self, test: KeyTest) -> int:
        """A test; of one that names policy variables, only those values are opaque.

        A plain text operator asks every value by itself. Only a pattern that is no ARN outweighs
        all others (rule card COND-10), and a variable may stand for one.
        """
        fixed, variable = test.split()
        if not variable:
            return self.atom(test)
        nodes = [self.atom(one) for one in (*fixed, *variable)]
        negated = "Not" in test.operator
        asked = self.circuit.conjunction(nodes) if negated else self.circuit.disjunction(nodes)
        doubtful = (one for one in variable if one.may_be_no_arn)
        values = sorted(value for one in doubtful for value in one.values)
        if not values:
            return asked
        fault = self.atom(Opaque(f"no ARN among {values} for {test.key}"))
        if test.deny:
            return self.circuit.disjunction([asked, fault])
        return self.circuit.conjunction([asked, self.circuit.negation(fault)])

    def member(self, requests: RequestSet) -> int:
        """The request belongs to a set."""
        parts = []
        if requests.who is not Who.ANYONE:
            parts.append(self.atom(CallerIs(requests.who)))
        if requests.actions is not None:
            parts.append(self._action_list(requests.actions))
        if requests.resources is not None and "*" not in requests.resources:
            parts.append(self.atom(ResourceIn(tuple(sorted(set(requests.resources))))))
        parts += [self.atom(KeyTest.equals(key, value)) for key, value in requests.context]
        return self.circuit.conjunction(parts)
