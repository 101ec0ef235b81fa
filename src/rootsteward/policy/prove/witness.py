"""From chosen cells to a request that a person can read, and back through the engine."""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import compile_policies
from rootsteward.policy.prove.cells import Action, Guess, KeyValue, Resource
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.principals import Kind, Principal
from rootsteward.policy.prove.readable import likely_resource, spelled_action
from rootsteward.policy.prove.search import Choice, Variable

_SESSION_KEYS = {
    "aws:assumedroot": "aws:AssumedRoot",
    "aws:multifactorauthpresent": "aws:MultiFactorAuthPresent",
    "aws:viaawsservice": "aws:ViaAWSService",
}
_IDENTITY = NamedDocument("identity policy that allows everything", FULL_ACCESS.text)


class Witnesses:
    """Makes requests of choices over one set of variables."""

    def __init__(
        self, variables: Sequence[Variable], chains: Sequence[Chain], actions: Sequence[str]
    ) -> None:
        self._variables = variables
        self._keys = _spelled_keys(chains)
        self._actions = {a.lower(): a for a in (*_named_actions(chains), *actions)}

    def request(self, choice: Choice) -> AccessRequest:
        """The request in the chosen cells; a part without a choice takes its first cell."""
        cells = dict(choice)
        caller: Principal | None = None
        action = resource = ""
        context: dict[str, ContextValue] = {}
        for number, variable in enumerate(self._variables):
            match (cells.get(number) or variable.cells[0]).label:
                case Principal() as caller:
                    context |= _session_context(caller)
                case Action(text):
                    action = self._actions.get(text) or spelled_action(text)
                case Resource(text):
                    free = number not in cells
                    resource = likely_resource(action, text) if free else text
                case KeyValue(key, value) if value is not None:
                    if caller is None or key not in caller.facts:
                        context[self._keys.get(key, key)] = value
        return AccessRequest(caller.arn if caller else "", action, resource, context)

    def guesses(self, choice: Choice) -> tuple[str, ...]:
        """What the choice had to guess about."""
        return tuple(cell.label.what for _, cell in choice if isinstance(cell.label, Guess))


def _session_context(caller: Principal) -> Mapping[str, str]:
    if caller.kind is not Kind.ROOT_SESSION:
        return {}
    return {
        name: value
        for key, name in _SESSION_KEYS.items()
        if (value := caller.facts.get(key)) is not None
    }


def _spelled_keys(chains: Sequence[Chain]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chain in chains:
        for _, _, statement in chain.statements():
            for test in statement.conditions:
                found.setdefault(test.key.lower(), test.key)
    return found


def _named_actions(chains: Sequence[Chain]) -> list[str]:
    return [
        pattern
        for chain in chains
        for _, _, statement in chain.statements()
        if statement.actions is not None
        for pattern in statement.actions.patterns
    ]


def replay(request: AccessRequest, chain: Chain) -> Answer:
    """What the engine says to a request under a chain, when nothing but the chain says no."""
    policies = PolicySet(scp_levels=chain.levels, identity_policies=(_IDENTITY,))
    return compile_policies(policies).decide(request)
