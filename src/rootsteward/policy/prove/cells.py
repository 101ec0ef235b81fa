"""From atoms to variables: every part of the request with all its cells.

Truth is never worked out here: an atom's truth in a cell is what the engine's own functions say
about the cell's representative. The automata only see to it that no cell is missing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rootsteward.domain.authorization import AccessRequest, ContextValue
from rootsteward.policy.context import context_of
from rootsteward.policy.pattern import Matcher, compile_glob
from rootsteward.policy.prove.action_cells import action_cells, action_list
from rootsteward.policy.prove.budget import Budget, remembered
from rootsteward.policy.prove.glob_cells import Group, TextVariable, text_cells
from rootsteward.policy.prove.glob_tokens import Wild, literal_text, shape
from rootsteward.policy.prove.key_cells import key_values, readable_tests
from rootsteward.policy.prove.key_tests import KeyTest
from rootsteward.policy.prove.model import (
    ActionIn,
    Atom,
    CallerIs,
    Covered,
    Opaque,
    ResourceIn,
)
from rootsteward.policy.prove.principals import (
    ACCOUNT_KEYS,
    DERIVED_KEYS,
    SETTLED_KEYS,
    Principal,
    principals,
)
from rootsteward.policy.prove.rcp_coverage import Coverage
from rootsteward.policy.prove.readable import RESOURCES
from rootsteward.policy.prove.request_set import RequestSet, Who, services_of
from rootsteward.policy.prove.search import Cell, Variable


@dataclass(frozen=True, slots=True)
class Action:
    """A cell of the action, in lower case."""

    text: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A cell of the resource."""

    text: str


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A cell of a condition key; None for absent."""

    key: str
    value: ContextValue | None


@dataclass(frozen=True, slots=True)
class Guess:
    """An opaque atom taken as true or false."""

    what: str
    value: bool


def variables(
    atoms: Sequence[Atom],
    within: RequestSet,
    partition: str,
    budget: Budget,
    *,
    account: str = "",
    outsiders: bool = False,
) -> tuple[Variable, ...]:
    """All variables of the atoms, callers and actions first, guesses last.

    `within` keeps the cells to one set of requests: to its callers and, where its actions or
    resources are texts without wildcards, to those. `account`: only its principals ask.
    `outsiders`: callers whom SCPs do not bind are among those who ask.

    Raises:
        OutOfBudgetError: when a partition has too many cells.
    """
    numbered = list(enumerate(atoms))
    tests = [(n, a) for n, a in numbered if isinstance(a, KeyTest)]
    by_key: dict[str, list[tuple[int, KeyTest]]] = defaultdict(list)
    for number, test in tests:
        by_key[test.key].append((number, test))
    clear = {key: set(readable_tests(key, [t for _, t in rows])) for key, rows in by_key.items()}
    guesses = [(n, a.shown or a.what) for n, a in numbered if isinstance(a, Opaque)]
    guesses += [(n, f"{t.operator} {t.key}") for n, t in tests if t not in clear[t.key]]
    keys = {k: [(n, t) for n, t in rows if t in clear[k]] for k, rows in by_key.items()}
    covered = [(n, a.coverage) for n, a in numbered if isinstance(a, Covered)]
    guesses += [(n, COVERAGE) for n, _ in covered]
    asking = _Asking(within.who, partition, account, outsiders)
    found = [
        _caller_variable(
            [(n, a) for n, a in numbered if isinstance(a, CallerIs)], keys, asking, budget
        ),
        _action_variable(
            [(n, a) for n, a in numbered if isinstance(a, ActionIn)], covered, within, budget
        ),
        _resource_variable(
            [(n, a) for n, a in numbered if isinstance(a, ResourceIn)], within, budget
        ),
        *(
            _key_variable(key, rows, budget)
            for key, rows in keys.items()
            if rows and key not in SETTLED_KEYS
        ),
        *(_guess(number, what) for number, what in guesses),
    ]
    return tuple(found)


COVERAGE = "whether RCPs speak about the action"


@dataclass(frozen=True, slots=True)
class _Asking:
    """Whose requests a question is about, in which partition and account (empty: any)."""

    who: Who
    partition: str
    account: str
    outsiders: bool


def _variable(name: str, cells: Iterable[Cell]) -> Variable:
    """Cells that settle and say the same are one cell; the first is kept."""
    distinct: dict[tuple[int, int], Cell] = {}
    settled = 0
    for cell in cells:
        distinct.setdefault((cell.known, cell.values), cell)
        settled |= cell.known
    return Variable(name, settled, tuple(distinct.values()))


def _guess(number: int, what: str) -> Variable:
    bit = 1 << number
    cells = (Cell(bit, 0, Guess(what, value=False)), Cell(bit, bit, Guess(what, value=True)))
    # WHY: the engine takes an RCP at its word, so that guess is the one a replay may confirm.
    return Variable(what, bit, cells[::-1] if what == COVERAGE else cells)


def _caller_variable(
    callers: Sequence[tuple[int, CallerIs]],
    keys: Mapping[str, Sequence[tuple[int, KeyTest]]],
    asking: _Asking,
    budget: Budget,
) -> Variable:
    arn_tests = keys.get("aws:principalarn", ())
    account_tests = [t for key in ACCOUNT_KEYS for _, t in keys.get(key, ())]
    values = (v for t in account_tests if t.family == "text" for v in t.values)
    accounts = tuple(dict.fromkeys(value for value in values if ":" not in value))
    derived = [row for key in sorted(DERIVED_KEYS) for row in keys.get(key, ())]
    found = principals(
        budget,
        tuple(t for _, t in arn_tests),
        accounts,
        tuple(t for _, t in keys.get("aws:username", ()) if t.family != "Null"),
        asking.who,
        asking.partition,
        asking.account,
        asking.outsiders,
    )
    cells = (_caller_cell(principal, callers, derived) for principal in found)
    return _variable("the caller", cells)


def _caller_cell(
    principal: Principal,
    callers: Sequence[tuple[int, CallerIs]],
    derived: Sequence[tuple[int, KeyTest]],
) -> Cell:
    known = values = 0
    for number, caller in callers:
        known |= 1 << number
        values |= principal.is_in(caller.who) << number
    given = {k: v for k, v in principal.facts.items() if v is not None}
    given |= dict.fromkeys(principal.present, "present")
    context = context_of(AccessRequest("", "", "", given), root_session=False)
    for number, test in derived:
        settled = test.key in principal.facts
        if settled or (test.key in principal.present and test.operator == "Null"):
            known |= 1 << number
            values |= (test.compiled()(context) is True) << number
    return Cell(known, values, principal)


def _action_variable(
    lists: Sequence[tuple[int, ActionIn]],
    covered: Sequence[tuple[int, Coverage]],
    within: RequestSet,
    budget: Budget,
) -> Variable:
    only = within.actions
    if only is None or any(set(action) & set("*?") for action in only):
        told_apart = [a.patterns for _, a in lists]
        for _, coverage in covered:
            told_apart += coverage.told_apart(services_of(within))
        texts = action_cells(budget, tuple(told_apart), services_of(within))
    else:
        texts = tuple(action.lower() for action in only)
    matchers = [(n, [action_list(a.patterns).matches]) for n, a in lists]
    budget.spend("the partition of actions", len(texts))
    for _, coverage in covered:
        # WHY: a witness for which it is certain that RCPs speak about it is worth more.
        texts = tuple(sorted(texts, key=lambda text: coverage.of(text) is not True))
    cells = (_action_cell(text, matchers, covered) for text in texts)
    return _variable("the action", cells)


def _action_cell(
    text: str,
    matchers: Sequence[tuple[int, Sequence[Matcher]]],
    covered: Sequence[tuple[int, Coverage]],
) -> Cell:
    known, values = _marks(text, matchers)
    for number, coverage in covered:
        certain = coverage.of(text)
        if certain is not None:
            known |= 1 << number
            values |= certain << number
    return Cell(known, values, Action(text))


def _marks(text: str, matchers: Sequence[tuple[int, Sequence[Matcher]]]) -> tuple[int, int]:
    known = values = 0
    for number, tests in matchers:
        known |= 1 << number
        values |= any(test(text) for test in tests) << number
    return known, values


_WORD = ((Wild.NOT_COLON, 1), Wild.NOT_COLON)
_MAYBE = (Wild.NOT_COLON,)
_RESOURCE_SHAPES = (
    literal_text("*"),
    shape("arn:", *_WORD, ":", *_WORD, ":", *_MAYBE, ":", *_MAYBE, ":", (Wild.ANY, 1), Wild.ANY),
)
"""A request names `*` (no resource) or an ARN of six parts."""


def _resource_variable(
    lists: Sequence[tuple[int, ResourceIn]], within: RequestSet, budget: Budget
) -> Variable:
    only = within.resources
    if only is None or any(set(resource) & set("*?") for resource in only if resource != "*"):
        texts = _resource_cells(budget, tuple(a.patterns for _, a in lists))
    else:
        texts = only
    matchers = [(n, [compile_glob(p) for p in a.patterns]) for n, a in lists]
    cells = (Cell(*_marks(text, matchers), Resource(text)) for text in texts)
    return _variable("the resource", cells)


@remembered
def _resource_cells(budget: Budget, lists: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    variable = TextVariable(
        "the partition of resources",
        _RESOURCE_SHAPES,
        readable=(*RESOURCES, *(_filled(p) for patterns in lists for p in patterns)),
    )
    return text_cells(variable, [Group.globs(patterns) for patterns in lists], budget)


def _filled(pattern: str) -> str:
    """A plausible ARN for a pattern: an account, a region and a name where stars stand."""
    parts = pattern.split(":", 5)
    examples = ("arn", "aws", "s3", "us-east-1", "111122223333", "example")
    filled = [p.replace("*", e) for p, e in zip(parts, examples, strict=False)]
    return ":".join(filled)


def _key_variable(key: str, rows: Sequence[tuple[int, KeyTest]], budget: Budget) -> Variable:
    runs = [(number, test.compiled()) for number, test in rows]
    cells: list[Cell] = []
    for value in key_values(budget, key, tuple(test for _, test in rows)):
        given = {} if value is None else {key: value}
        context = context_of(AccessRequest("", "", "", given), root_session=False)
        known = values = 0
        for number, run in runs:
            known |= 1 << number
            values |= (run(context) is True) << number
        cells.append(Cell(known, values, KeyValue(key, value)))
    return _variable(f"`{key}`", cells)
