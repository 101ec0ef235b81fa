"""From chosen cells to a request that a person can read, and back through the engine."""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    Decision,
    NamedDocument,
    PolicySet,
)
from rootsteward.policy.evaluate import compile_policies
from rootsteward.policy.prove.cells import COVERAGE, Action, Guess, KeyValue, Resource
from rootsteward.policy.prove.chain import FULL_ACCESS, Chain
from rootsteward.policy.prove.principals import Kind, Principal
from rootsteward.policy.prove.readable import likely_resource, spelled_action
from rootsteward.policy.prove.search import Choice, Variable
from rootsteward.spec import judge

_SHOWN_KEYS: Mapping[Kind, Mapping[str, str]] = {
    Kind.ROOT_SESSION: {
        "aws:assumedroot": "aws:AssumedRoot",
        "aws:multifactorauthpresent": "aws:MultiFactorAuthPresent",
        "aws:viaawsservice": "aws:ViaAWSService",
    },
    Kind.SERVICE: {"aws:principalisawsservice": "aws:PrincipalIsAWSService"},
    Kind.ANONYMOUS: {
        "aws:principaltype": "aws:PrincipalType",
        "aws:userid": "aws:userid",
    },
}
"""Keys that make a caller what it is, and do not show in its ARN."""
_IDENTITY = NamedDocument("identity policy that allows everything", FULL_ACCESS.text)
_RESOURCE = NamedDocument(
    "resource policy that allows everyone everything",
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
)
_A_TIME = {"aws:tokenissuetime": "2026-01-01T00:00:00Z"}
"""A value for keys that are there whatever it is."""


class Witnesses:
    """Makes requests of choices over one set of variables."""

    def __init__(
        self, variables: Sequence[Variable], chains: Sequence[Chain], actions: Sequence[str]
    ) -> None:
        self._variables = variables
        self._account = chains[-1].account
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
                    resource = likely_resource(action, self._account) if free else text
                case KeyValue(key, value):
                    if caller is None or key not in caller.facts:
                        value = value if value is not None else _certain_value(caller, key)
                        context |= {} if value is None else {self._keys.get(key, key): value}
        return AccessRequest(_who(caller, context), action, resource, context)

    def guesses(self, choice: Choice) -> tuple[str, ...]:
        """What the choice had to guess about, as the reader knows it."""
        action = self.request(choice).action
        return tuple(
            f"whether RCPs speak about `{action}` (RCP-20)"
            if cell.label.what == COVERAGE
            else f"`{_short(cell.label.what)}`"
            for _, cell in choice
            if isinstance(cell.label, Guess)
        )


def _who(caller: Principal | None, context: dict[str, ContextValue]) -> str:
    """The caller; an AWS service goes by the name in the context, which then follows from it."""
    if caller is None or caller.kind is not Kind.SERVICE:
        return caller.arn if caller else ""
    key = next((k for k in context if k.lower() == "aws:principalservicename"), "")
    name = context.pop(key, caller.arn)
    return name if isinstance(name, str) else caller.arn


def _certain_value(caller: Principal | None, key: str) -> str | None:
    """A value for a key that the caller always has, whatever it is."""
    return _A_TIME.get(key) if caller is not None and key in caller.present else None


def _session_context(caller: Principal) -> Mapping[str, str]:
    shown = _SHOWN_KEYS.get(caller.kind, {})
    return {
        name: value for key, name in shown.items() if (value := caller.facts.get(key)) is not None
    }


_SHOWN_CHARACTERS = 80


def _short(text: str) -> str:
    """One line of a statement, enough to find it by."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}…"


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
    return compile_policies(policies_for(request, chain)).decide(request)


def decision_of_both(request: AccessRequest, chain: Chain) -> Decision | None:
    """What the engine and the specification decide; None when they do not agree.

    The specification is a second voice, written apart: a request shows something only when both
    say so (ADR 0007).
    """
    answer = replay(request, chain).decision
    return answer if judge(request, policies_for(request, chain)).decision is answer else None


def policies_for(request: AccessRequest, chain: Chain) -> PolicySet:
    """The chain beside a policy that allows the caller everything.

    That is an identity policy, and a resource policy for AWS services and anonymous callers, who
    have none of the former.
    """
    outsider = not request.principal.startswith("arn:")
    return PolicySet(
        scp_levels=chain.levels,
        rcp_levels=chain.rcp_levels,
        identity_policies=(_IDENTITY,),
        resource_policy=_RESOURCE if outsider else None,
    )
