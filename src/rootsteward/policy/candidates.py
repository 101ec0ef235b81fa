"""Values worth trying for a context key that nobody knows.

Where the tests on the key can be worked out, the values are the prover's cells: every value
behaves as one of them, so what holds for all of them holds for every value. Elsewhere they are
taken from the tests, beside one value that none of them names, and are examples only.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rootsteward.domain.authorization import ContextValue, NamedDocument, PolicySet, PolicyType
from rootsteward.policy.conditions.addresses import read_range
from rootsteward.policy.document import ConditionTest, Document, Effect, Quantifier
from rootsteward.policy.parse import parse_document
from rootsteward.policy.prove.budget import Budget, OutOfBudgetError
from rootsteward.policy.prove.key_cells import key_values, readable_tests
from rootsteward.policy.prove.key_tests import KeyTest
from rootsteward.policy.syntax_error import PolicySyntaxError

_STEPS = 20_000
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
_ASKED_ELSEWHERE = frozenset({"aws:principalarn", "aws:principalaccount", "aws:resourceaccount"})
"""Keys that say who calls and who owns, and not only whether a condition passes."""
_KEYS_OF_A_KIND = {
    "Ip": frozenset({"aws:sourceip", "aws:vpcsourceip"}),
    "Date": frozenset({"aws:currenttime", "aws:epochtime", "aws:tokenissuetime"}),
    "Numeric": frozenset({"aws:epochtime", "aws:multifactorauthage"}),
}
"""Keys whose every value is an address, a date or a number. SOURCE: the table of global keys.

WHY: the cells of these families hold readable values only; of another key, such as a tag, a value
may be any text.
"""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Values for a key, None for absent. `complete`: every value behaves as one of them."""

    values: tuple[ContextValue | None, ...]
    complete: bool


class KeyValues:
    """Reads a policy set once and finds the values for each key."""

    def __init__(self, policies: PolicySet) -> None:
        self._documents = tuple(_parsed(policies))
        self._found: dict[str, Candidates] = {}

    def of(self, key: str) -> Candidates:
        """The values for one key; those of a key that is there come before *absent*."""
        name = key.lower()
        if name not in self._found:
            self._found[name] = self._look(name)
        return self._found[name]

    def _look(self, name: str) -> Candidates:
        asking = [
            (document, statement.effect, test)
            for document in self._documents
            for statement in document.statements
            for test in statement.conditions
            if test.key.lower() == name
        ]
        if name not in _ASKED_ELSEWHERE and not self._is_a_variable(name):
            cells = _cells(name, asking)
            if cells is not None:
                return Candidates(tuple(sorted(cells, key=lambda v: v is None)), complete=True)
        examples = tuple(dict.fromkeys(_examples([test for _, _, test in asking])))
        return Candidates(examples, complete=False)

    def _is_a_variable(self, name: str) -> bool:
        spelled = re.compile(r"\$\{\s*" + re.escape(name), re.IGNORECASE)
        return any(d.variables_on and spelled.search(d.source) for d in self._documents)


Asking = Sequence[tuple[Document, Effect | None, ConditionTest]]


def _cells(name: str, asking: Asking) -> tuple[ContextValue | None, ...] | None:
    """The prover's values; None when a test cannot be split into cells or there are too many."""
    tests = tuple(
        dict.fromkeys(
            KeyTest.of(test, deny=effect is Effect.DENY, variables=document.variables_on)
            for document, effect, test in asking
            if test.problem is None
        )
    )
    families = {test.family for test in tests} & _KEYS_OF_A_KIND.keys()
    if any(name not in _KEYS_OF_A_KIND[family] for family in families):
        return None
    if len(readable_tests(name, tests)) != len(tests):
        return None
    try:
        return key_values(Budget(_STEPS), name, tests)
    except OutOfBudgetError:
        return None


def _examples(tests: Sequence[ConditionTest]) -> Iterator[ContextValue | None]:
    """Named values, one that is not named, absent."""
    texts = [text for test in tests for text in _example_texts(test)]
    several = any(test.quantifier is not Quantifier.NONE for test in tests)
    yield from ((text,) if several else text for text in (*texts, _OTHER))
    yield None


def _example_texts(test: ConditionTest) -> Iterator[str]:
    """A value for each that the test names, and one beside them."""
    for value in test.values if test.operator != "Null" else ():
        if "IpAddress" in test.operator and read_range(value) is not None:
            yield value.partition("/")[0]
        else:
            yield value.replace("*", "example").replace("?", "x")
    for start, others in _OTHERS:
        if test.operator.startswith(start):
            yield from others


def _parsed(policies: PolicySet) -> Iterator[Document]:
    for policy_type, document in _documents(policies):
        try:
            yield parse_document(document.text, policy_type=policy_type)
        except PolicySyntaxError:
            continue


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
