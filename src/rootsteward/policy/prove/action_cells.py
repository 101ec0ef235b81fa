"""The cells of the action: split by service prefix first, which keeps every automaton small.

Actions are compared without regard to case (rule card EVAL-02), so everything here is lower case;
witnesses get their spelling back at the end.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rootsteward.policy.pattern import Matcher, compile_glob
from rootsteward.policy.prove.budget import Budget, remembered
from rootsteward.policy.prove.glob_cells import Group, TextVariable, text_cells
from rootsteward.policy.prove.glob_tokens import Wild, shape
from rootsteward.policy.prove.readable import ACTION_NAMES, ANY_NAMES

_LEGAL = "abcdefghijklmnopqrstuvwxyz0123456789:-"
_PART = "the partition of actions"
_WILD = frozenset("*?")
_NAME = ((Wild.ALPHANUMERIC, 1), Wild.ALPHANUMERIC)


@dataclass(frozen=True)
class ActionList:
    """A list of action patterns in lower case, sorted by literal service prefix.

    Patterns whose service has a wildcard, or that have no colon, stand under "".
    """

    by_service: Mapping[str, tuple[str, ...]]

    def patterns_for(self, service: str) -> tuple[str, ...]:
        """The patterns that can match an action of a service."""
        return (*self.by_service.get(service, ()), *self.by_service.get("", ()))

    def matches(self, action: str) -> bool:
        """Whether an action in lower case is in the list."""
        literals, wild = self._matchers(action.partition(":")[0])
        return action in literals or any(match(action) for match in wild)

    def _matchers(self, service: str) -> tuple[frozenset[str], tuple[Matcher, ...]]:
        return _matchers(self.patterns_for(service))


@lru_cache(maxsize=4096)
def _matchers(patterns: tuple[str, ...]) -> tuple[frozenset[str], tuple[Matcher, ...]]:
    literals = frozenset(p for p in patterns if _WILD.isdisjoint(p))
    return literals, tuple(compile_glob(p) for p in patterns if not _WILD.isdisjoint(p))


@lru_cache(maxsize=1024)
def action_list(patterns: tuple[str, ...]) -> ActionList:
    """Sort patterns by service."""
    found: dict[str, list[str]] = defaultdict(list)
    for pattern in patterns:
        found[service_of(pattern)].append(pattern.lower())
    return ActionList({service: tuple(listed) for service, listed in found.items()})


def service_of(pattern: str) -> str:
    """The literal service prefix of a pattern, in lower case; empty when it has none."""
    service, colon, _ = pattern.partition(":")
    return service.lower() if colon and _WILD.isdisjoint(service) else ""


@remembered
def action_cells(
    budget: Budget, lists: tuple[tuple[str, ...], ...], only: frozenset[str] | None
) -> tuple[str, ...]:
    """Lower-case actions such that every action matches the same lists as one of them.

    `only` are the services that the question is about; None for all.

    Raises:
        OutOfBudgetError: when the patterns of one service have too many combinations.
    """
    sorted_lists = [action_list(patterns) for patterns in lists]
    named = {service for entry in sorted_lists for service in entry.by_service} - {""}
    services = sorted(named if only is None else only)
    found: list[str] = []
    for service in services:
        found += _service_cells(service, [e.patterns_for(service) for e in sorted_lists], budget)
    if only is None:
        open_ended = [entry.by_service.get("", ()) for entry in sorted_lists]
        found += _other_cells(services, open_ended, budget)
    return tuple(dict.fromkeys(found))


def _pruned(patterns: Sequence[str]) -> Group:
    """Without those that a plain `prefix*` of the same list covers."""
    heads: list[str] = []
    for head in sorted(p[:-1] for p in patterns if p[-1:] == "*" and _WILD.isdisjoint(p[:-1])):
        if not heads or not head.startswith(heads[-1]):
            heads.append(head)
    kept = (p for p in patterns if not _is_covered(p, heads))
    return Group.globs((*(f"{head}*" for head in heads), *dict.fromkeys(kept)))


def _is_covered(pattern: str, heads: Sequence[str]) -> bool:
    """INVARIANT: no head is the beginning of another, so only the nearest one can fit."""
    place = bisect_right(heads, pattern)
    return place > 0 and pattern.startswith(heads[place - 1])


def _service_cells(
    service: str, lists: Sequence[tuple[str, ...]], budget: Budget
) -> tuple[str, ...]:
    whole = {f"{service}:*", "*", "*:*"}
    # WHY: a list with the whole service, or nothing of it, tells none of its actions apart.
    telling = [patterns for patterns in lists if patterns and whole.isdisjoint(patterns)]
    readable = _readable(service, telling)
    if not telling:
        return (next(readable),)
    variable = TextVariable(
        _PART,
        shapes=(shape(f"{service}:", *_NAME),),
        legal=_LEGAL,
        prefix=f"{service}:",
        readable=tuple(readable),
    )
    return text_cells(variable, [_pruned(patterns) for patterns in telling], budget)


def _readable(service: str, lists: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for name in ACTION_NAMES.get(service, ()):
        yield f"{service}:{name}".lower()
    for pattern in dict.fromkeys(p for patterns in lists for p in patterns):
        if "*" in pattern and "?" not in pattern:
            yield pattern.replace("*", "")
            yield pattern.replace("*", "example")
    for name in ANY_NAMES:
        yield f"{service}:{name}example".lower()


def _other_cells(
    services: Sequence[str], lists: Sequence[tuple[str, ...]], budget: Budget
) -> tuple[str, ...]:
    """Actions of services that no pattern names."""
    unnamed = [s for s in ACTION_NAMES if s not in services]
    readable = [f"{s}:{n}".lower() for s in unnamed for n in ACTION_NAMES[s]]
    groups = [_pruned(patterns) for patterns in lists]
    if all(p in {"*", "*:*"} for patterns in lists for p in patterns):
        return ((readable or ["exampleservice:getexample"])[0],)
    # WHY: a service that is named has had its turn; as a group it keeps its actions apart.
    named = Group.globs(f"{service}:*" for service in services)
    variable = TextVariable(
        _PART, shapes=(shape(*_NAME, ":", *_NAME),), legal=_LEGAL, readable=tuple(readable)
    )
    cells = text_cells(variable, [*groups, named], budget)
    return tuple(c for c in cells if c.partition(":")[0] not in services)
