"""From a request and all policies to one answer.

The rules, in the order in which they are asked:
1. A Deny that applies, at any level of any policy in force, ends the question (SCP-04, EVAL-05).
2. Every SCP level needs an Allow that applies; RCPs and the task policy only deny (SCP-03, RCP-01,
   TASK-02).
3. Session policies, the identity side and the permissions boundary each need an Allow; a root user
   is its own identity side (EVAL-06, EVAL-07).
4. A resource policy stands in for the identity side within an account, and must agree across
   accounts (EVAL-09).
Unknown keys and unreadable statements leave an answer open only where they could change it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    Decision,
    PolicySet,
)
from rootsteward.policy.context import PrincipalType, RequestContext, context_of
from rootsteward.policy.plan import Gate, Placed, PlacedPolicies, Plan
from rootsteward.policy.principals import PrincipalMatch
from rootsteward.policy.statement import CompiledStatement
from rootsteward.policy.truth import Unsure
from rootsteward.policy.wording import describe

_REMEMBERED_ACTIONS = 4096
_SPELLED = {"aws:tokenissuetime": "aws:TokenIssueTime"}

_BUCKET_POLICY_ACTIONS = frozenset(
    {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}
)
_QUEUE_POLICY_ACTIONS = frozenset(
    {"sqs:getqueueattributes", "sqs:setqueueattributes", "sqs:getqueueurl"}
)
_OWNER_ALWAYS_MAY = _BUCKET_POLICY_ACTIONS | _QUEUE_POLICY_ACTIONS
"""Rule cards EVAL-10, EVAL-11: a resource policy cannot deny these to the owner's root user."""


@dataclass(slots=True)
class _Doubts:
    """The statements that might apply, in the order in which they were met."""

    found: list[tuple[Placed, Unsure]] = field(default_factory=list)

    def first_deny(self, denies: Iterable[Placed], context: RequestContext) -> Placed | None:
        for placed in denies:
            truth = placed.statement.applies(context)
            if truth is True:
                return placed
            if truth is not False:
                self.found.append((placed, truth))
        return None

    def first_allow(
        self, allows: Iterable[Placed], context: RequestContext
    ) -> tuple[Placed | None, bool]:
        """The first Allow that applies, and whether there might be one."""
        doubts: list[tuple[Placed, Unsure]] = []
        for placed in allows:
            truth = placed.statement.applies(context)
            if truth is True:
                return placed, True
            if truth is not False:
                doubts.append((placed, truth))
        self.found.extend(doubts)
        return None, bool(doubts)


def compile_policies(policies: PolicySet) -> "CompiledPolicies":
    """Read all policies once, for many requests. A malformed document does not raise here."""
    return CompiledPolicies(policies)


def evaluate(request: AccessRequest, policies: PolicySet) -> Answer:
    """Decide one request. For many requests under the same policies, compile them first."""
    return CompiledPolicies(policies).decide(request)


class CompiledPolicies:
    """A policy set that answers requests.

    Thread use is up to the caller: `decide` remembers what it learned about an action.
    """

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self.root_session = policies.task_policy is not None
        self._placed = PlacedPolicies(policies)
        self._plans: dict[tuple[str, bool, bool], Plan] = {}

    def decide(self, request: AccessRequest) -> Answer:
        """Answer one request, with the first statement that decides."""
        context = context_of(request, root_session=self.root_session)
        plan = self._plan(context)
        doubts = _Doubts()
        denied = doubts.first_deny(plan.denies, context)
        if denied is None and plan.resource_denies and not owner_may(context):
            denied = doubts.first_deny(plan.resource_denies, context)
        if denied is not None:
            return denied.denied
        denies_in_doubt = len(doubts.found)
        answer = _granted(plan, context, doubts)
        if not doubts.found:
            return answer
        # WHY: a Deny that cannot be read keeps even an implicit deny open (rule card EVAL-05).
        unreadable = any(unsure.problems for _, unsure in doubts.found[:denies_in_doubt])
        if unreadable or answer.decision is Decision.ALLOWED:
            return _open_answer(doubts.found, request)
        return answer

    def _plan(self, context: RequestContext) -> Plan:
        """The plan for an action, which service-linked roles and outsiders have apart."""
        linked = context.service_linked
        outsider = not context.principal.account
        key = (context.action, linked, outsider)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _REMEMBERED_ACTIONS:
                self._plans.clear()
            plan = self._placed.plan(context.action, service_linked=linked, outsider=outsider)
            self._plans[key] = plan
        return plan


def owner_may(context: RequestContext) -> bool:
    """Whether the caller is the owner's root user on the calls that no resource policy stops."""
    return (
        context.action in _OWNER_ALWAYS_MAY
        and context.principal.type is PrincipalType.ROOT_USER
        and context.resource_account == context.principal.account
    )


_ALLOWED_ROOT = Answer(
    Decision.ALLOWED, (), (), "nothing denies it, and a root user is allowed within its account"
)


def _granted(plan: Plan, context: RequestContext, doubts: _Doubts) -> Answer:
    """The answer when no Deny is certain; `doubts` receives the Allows that are not certain."""
    missing = _closed(plan.scps, context, doubts)
    if missing is not None:
        return missing
    if not context.principal.account:
        named = _naming(plan.resource, context, PrincipalMatch.IDENTITY)
        return _side(plan.resource or plan.identity, named, context, doubts)
    if plan.resource is None:
        return _by_gates(plan, None, context, doubts)
    if context.resource_account != context.principal.account:
        own = _by_gates(plan, None, context, doubts)
        if own.decision is not Decision.ALLOWED:
            return own
        named = _naming(plan.resource, context, PrincipalMatch.ACCOUNT)
        return _side(plan.resource, named, context, doubts)
    return _within_account(plan, plan.resource, context, doubts)


def _within_account(plan: Plan, resource: Gate, context: RequestContext, doubts: _Doubts) -> Answer:
    """An Allow that names the caller exactly needs no other; else it counts as identity policy."""
    own = _Doubts()
    exact = _naming(resource, context, PrincipalMatch.EXACT)
    allow, possible = own.first_allow(exact, context)
    if allow is not None:
        return _allowed_by(allow)
    if not possible:
        return _by_gates(plan, resource, context, doubts)
    rest = _Doubts()
    answer = _by_gates(plan, resource, context, rest)
    if answer.decision is Decision.ALLOWED and not rest.found:
        return answer
    doubts.found += own.found + rest.found
    return _ALLOWED_PERHAPS


def _by_gates(
    plan: Plan, resource: Gate | None, context: RequestContext, doubts: _Doubts
) -> Answer:
    """Session policies, identity side and boundary; `resource` may stand in for the identity."""
    missing = _closed(plan.sessions, context, doubts)
    if missing is not None:
        return missing
    granted = _ALLOWED_ROOT
    if context.principal.type is not PrincipalType.ROOT_USER:
        # WHY: a policy that names only the account leaves the grant to the identity side.
        named = _naming(resource, context, PrincipalMatch.IDENTITY)
        granted = _side(plan.identity, (*plan.identity.allows, *named), context, doubts)
    if granted.decision is not Decision.ALLOWED:
        return granted
    return _closed(plan.boundary, context, doubts) or granted


def _closed(gates: tuple[Gate, ...], context: RequestContext, doubts: _Doubts) -> Answer | None:
    """The answer of the first gate that surely stays shut, if any."""
    for gate in gates:
        _, possible = doubts.first_allow(gate.allows, context)
        if not possible:
            return gate.missing
    return None


def _naming(
    resource: Gate | None, context: RequestContext, least: PrincipalMatch
) -> tuple[Placed, ...]:
    """The Allows of a resource policy that name the principal at least so closely."""
    if resource is None:
        return ()
    return tuple(p for p in resource.allows if _closeness(p.statement, context) >= least)


def _closeness(statement: CompiledStatement, context: RequestContext) -> PrincipalMatch:
    if statement.principals is None:
        return PrincipalMatch.IDENTITY
    return statement.principals(context.principal)


def _side(gate: Gate, allows: Iterable[Placed], context: RequestContext, doubts: _Doubts) -> Answer:
    allow, possible = doubts.first_allow(allows, context)
    if allow is not None:
        return _allowed_by(allow)
    return _ALLOWED_PERHAPS if possible else gate.missing


def _allowed_by(allow: Placed) -> Answer:
    why = f"nothing denies it, and {describe(allow.by)} allows it"
    return Answer(Decision.ALLOWED, (allow.by,), (), why)


_ALLOWED_PERHAPS = Answer(Decision.ALLOWED)
"""Stands for "allowed if a doubt is settled so"; never leaves this module, the doubt does."""


def _open_answer(found: list[tuple[Placed, Unsure]], request: AccessRequest) -> Answer:
    """`UNDETERMINED` when something unreadable is in the way, else `DEPENDS`."""
    total = found[0][1]
    for _, unsure in found[1:]:
        total = total | unsure
    spelled = {key.lower(): key for key in request.unknown_keys} | _SPELLED
    keys = tuple(spelled.get(key, key) for key in total.keys)
    if total.problems:
        guilty = tuple(dict.fromkeys(p.by for p, unsure in found if unsure.problems))
        why = f"undetermined, because {total.problems[0]}, in {describe(guilty[0])}"
        return Answer(Decision.UNDETERMINED, guilty, keys, why)
    by = tuple(dict.fromkeys(placed.by for placed, _ in found))
    why = f"it depends on {', '.join(keys)}, through {describe(by[0])}"
    return Answer(Decision.DEPENDS, by, keys, why)
