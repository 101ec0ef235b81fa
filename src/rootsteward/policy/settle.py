"""What an answer that depends on unknown keys really depends on, and values that decide it.

`evaluate` judges each test by itself, so it says *depends* of a Deny here and a Deny of the
opposite there, and names every key in sight. Here the unknown keys are filled in with values such
that every value behaves as one of them; what no value changes is settled, and a key that changes
nothing is not named. Where there is no such list of values, the answer stays as it was.

Only values that a request can have are tried: a Region is never absent (rule card COND-30), a
source address is an address.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    Decision,
    PolicySet,
)
from rootsteward.policy.candidates import Candidates, KeyValues
from rootsteward.policy.evaluate import CompiledPolicies, compile_policies

MOST_TRIED = 2048
"""LIMIT: completions tried for one request; the search then stops with what it has."""

_UNCERTAIN = frozenset({Decision.DEPENDS, Decision.UNDETERMINED})
Values = tuple[ContextValue | None, ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """Values for the unknown keys (None: absent), and the answer they lead to."""

    values: tuple[tuple[str, ContextValue | None], ...]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer, and one completion for each decision that the unknown keys can lead to.

    `deciding` is empty when nothing is open. Two denials, explicit and not, are one outcome.
    """

    answer: Answer
    deciding: tuple[Completion, ...] = ()


@lru_cache(maxsize=64)
def _key_values(policies: PolicySet) -> KeyValues:
    return KeyValues(policies)


def settle(request: AccessRequest, policies: PolicySet | CompiledPolicies) -> Settled:
    """Decide one request and look behind *depends*.

    For requests with unknown keys slower than `evaluate`, for all others the same. For many
    requests under the same policies, compile them first.
    """
    engine = compile_policies(policies) if isinstance(policies, PolicySet) else policies
    answer = engine.decide(request)
    if not answer.depends_on:
        return Settled(answer)
    keys = answer.depends_on
    choices = [_key_values(engine.policies).of(key) for key in keys]
    tried = _tried(request, keys, choices, engine)
    if answer.decision is Decision.DEPENDS and _covers_everything(choices, tried):
        return _settled(request, keys, tried, engine)
    return Settled(answer, _one_of_each(tried, keys))


def _tried(
    request: AccessRequest,
    keys: Sequence[str],
    choices: Sequence[Candidates],
    engine: CompiledPolicies,
) -> dict[Values, Answer]:
    """The answers for all combinations of values, as far as there is time."""
    combinations = itertools.product(*(choice.values for choice in choices))
    return {
        values: engine.decide(_filled(request, dict(zip(keys, values, strict=True))))
        for values in itertools.islice(combinations, MOST_TRIED)
    }


def _filled(request: AccessRequest, values: dict[str, ContextValue | None]) -> AccessRequest:
    """The request with these keys known; other unknown keys stay unknown."""
    known = {key.lower() for key in values}
    # WHY: an empty list is how a context says "absent" of a key that follows from the principal.
    filled = {key: () if value is None else value for key, value in values.items()}
    return replace(
        request,
        context={**request.context, **filled},
        unknown_keys=frozenset(k for k in request.unknown_keys if k.lower() not in known),
    )


def _covers_everything(choices: Sequence[Candidates], tried: dict[Values, Answer]) -> bool:
    whole = len(tried) == math.prod(len(choice.values) for choice in choices)
    certain = all(answer.decision not in _UNCERTAIN for answer in tried.values())
    return whole and certain and all(choice.complete for choice in choices)


def _settled(
    request: AccessRequest,
    keys: tuple[str, ...],
    tried: dict[Values, Answer],
    engine: CompiledPolicies,
) -> Settled:
    deciding_keys = [key for i, key in enumerate(keys) if _changes_something(i, tried)]
    if not deciding_keys:
        return Settled(_the_one_answer(keys, tried))
    # WHY: with the other keys filled in, only the statements that matter are left in doubt.
    some_values = next(iter(tried))
    others = {k: v for k, v in zip(keys, some_values, strict=True) if k not in deciding_keys}
    answer = engine.decide(_filled(request, others))
    return Settled(answer, _one_of_each(tried, keys, set(deciding_keys)))


def _changes_something(index: int, tried: dict[Values, Answer]) -> bool:
    """Whether two requests that differ in this key alone have different outcomes."""
    outcomes: dict[Values, set[bool]] = {}
    for values, answer in tried.items():
        others = (*values[:index], *values[index + 1 :])
        outcomes.setdefault(others, set()).add(answer.decision is Decision.ALLOWED)
    return any(len(found) > 1 for found in outcomes.values())


def _the_one_answer(keys: tuple[str, ...], tried: dict[Values, Answer]) -> Answer:
    """The outcome that no value changes; of two kinds of denial, the implicit one."""
    answers = sorted(tried.values(), key=lambda a: a.decision is not Decision.IMPLICIT_DENY)
    why = f"whatever the value of {', '.join(keys)}; for one of them: {answers[0].why}"
    return replace(answers[0], why=why)


def _one_of_each(
    tried: dict[Values, Answer], keys: Sequence[str], shown: set[str] | None = None
) -> tuple[Completion, ...]:
    """The first completion for each decision, with the values of the keys that are shown."""
    found: dict[Decision, Completion] = {}
    for values, answer in tried.items():
        if answer.decision not in _UNCERTAIN:
            pairs = zip(keys, values, strict=True)
            named = tuple(pair for pair in pairs if shown is None or pair[0] in shown)
            found.setdefault(answer.decision, Completion(named, answer))
    return tuple(found.values())
