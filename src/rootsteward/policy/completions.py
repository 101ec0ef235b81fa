"""For an answer that depends on unknown keys: values of those keys that decide it.

The values are taken from the tests that ask for the key, beside *absent* and one value that none
of them names. They are examples and no proof: the prover answers for all values.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    Decision,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.policy.conditions.addresses import read_range
from rootsteward.policy.document import ConditionTest, Quantifier
from rootsteward.policy.evaluate import CompiledPolicies, compile_policies
from rootsteward.policy.parse import parse_document
from rootsteward.policy.syntax_error import PolicySyntaxError

MOST_TRIED = 2048
"""LIMIT: completions tried for one request; the search then stops with what it has."""

_OTHER = "another-value"
_OTHERS = (
    ("IpAddress", ("203.0.113.99",)),
    ("NotIpAddress", ("203.0.113.99",)),
    ("Arn", ("arn:aws:iam::999999999999:role/another",)),
    ("Bool", ("true", "false")),
    ("Date", ("1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z")),
    ("Numeric", ("-1", "999999999")),
)
"""Values of a family that a policy hardly names, by the start of the operator's name."""
_UNCERTAIN = frozenset({Decision.DEPENDS, Decision.UNDETERMINED})


@dataclass(frozen=True, slots=True)
class Completion:
    """Values for the unknown keys (None: absent), and the answer they lead to."""

    values: tuple[tuple[str, ContextValue | None], ...]
    answer: Answer


def deciding_values(request: AccessRequest, policies: PolicySet) -> tuple[Completion, ...]:
    """One completion for each decision that the unknown keys can lead to, as far as one is found.

    Empty when the answer does not depend on anything.
    """
    compiled = compile_policies(policies)
    keys = compiled.decide(request).depends_on
    if not keys:
        return ()
    tests = tuple(_tests(policies))
    choices = [tuple(_candidates(key, tests)) for key in keys]
    found: dict[Decision, Completion] = {}
    for values in itertools.islice(itertools.product(*choices), MOST_TRIED):
        completion = _complete(request, dict(zip(keys, values, strict=True)), compiled)
        if completion.answer.decision not in _UNCERTAIN:
            found.setdefault(completion.answer.decision, completion)
    return tuple(found.values())


def _complete(
    request: AccessRequest, values: dict[str, ContextValue | None], compiled: CompiledPolicies
) -> Completion:
    """The answer once the values are filled in; other unknown keys stay unknown."""
    settled = {key.lower() for key in values}
    # WHY: an empty list is how a context says "absent" of a key that follows from the principal.
    filled = {key: () if value is None else value for key, value in values.items()}
    completed = replace(
        request,
        context={**request.context, **filled},
        unknown_keys=frozenset(k for k in request.unknown_keys if k.lower() not in settled),
    )
    return Completion(tuple(values.items()), compiled.decide(completed))


def _tests(policies: PolicySet) -> Iterator[ConditionTest]:
    for policy_type, document in _documents(policies):
        try:
            parsed = parse_document(document.text, policy_type=policy_type)
        except PolicySyntaxError:
            continue
        for statement in parsed.statements:
            yield from statement.conditions


def _documents(policies: PolicySet) -> Iterator[tuple[PolicyType, NamedDocument]]:
    for policy_type, levels in (
        (PolicyType.SCP, policies.scp_levels),
        (PolicyType.RCP, policies.rcp_levels),
    ):
        for level in levels or ():
            yield from ((policy_type, document) for document in level.documents)
    single: tuple[tuple[PolicyType, tuple[NamedDocument | None, ...]], ...] = (
        (PolicyType.TASK, (policies.task_policy,)),
        (PolicyType.SESSION, policies.session_policies or ()),
        (PolicyType.IDENTITY, policies.identity_policies),
        (PolicyType.BOUNDARY, (policies.permissions_boundary,)),
        (PolicyType.RESOURCE, (policies.resource_policy,)),
    )
    for policy_type, documents in single:
        yield from ((policy_type, d) for d in documents if d is not None)


def _candidates(key: str, tests: Iterable[ConditionTest]) -> Iterator[ContextValue | None]:
    """Values worth trying, without repetition: named ones, one that is not named, absent."""
    asking = [test for test in tests if test.key.lower() == key.lower()]
    texts = dict.fromkeys(text for test in asking for text in _examples(test))
    several = any(test.quantifier is not Quantifier.NONE for test in asking)
    yield from ((text,) if several else text for text in texts)
    yield (_OTHER,) if several else _OTHER
    yield None


def _examples(test: ConditionTest) -> Iterator[str]:
    """A value for each that the test names, and one beside them."""
    for value in test.values if test.operator != "Null" else ():
        if "IpAddress" in test.operator and read_range(value) is not None:
            yield value.partition("/")[0]
        else:
            yield value.replace("*", "example").replace("?", "x")
    for start, others in _OTHERS:
        if test.operator.startswith(start):
            yield from others
