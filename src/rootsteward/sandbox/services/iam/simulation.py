"""The policy simulator: what the judge says of requests that nobody makes (rule card IAM-15).

The judge is the one that decides real calls. LIMIT: without a `CallerArn` the simulated caller is
some IAM user of the account, so keys such as `aws:username` are not absent.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    ContextValue,
    DecidedBy,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
    PolicyType,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Need, Output, Params, ServiceError
from rootsteward.sandbox.services.iam.document_rules import readable
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.statement_places import condition_keys, statement_places
from rootsteward.sandbox.services.iam.subjects import no_such_entity
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.sandbox.world.world import World
from rootsteward.spec import judge

_SHOWN = {
    Decision.ALLOWED: "allowed",
    Decision.EXPLICIT_DENY: "explicitDeny",
    Decision.IMPLICIT_DENY: "implicitDeny",
}
_SEVEREST_FIRST = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY, Decision.ALLOWED)
_EVERYTHING = "*"
_INPUTS = "PolicyInputList"


@dataclass(frozen=True, slots=True)
class _Simulation:
    """Who asks, under which policies, with which context."""

    caller_arn: str
    policies: PolicySet
    context: dict[str, ContextValue]

    def ask(self, action: str, resource: str) -> Answer:
        request = AccessRequest(self.caller_arn, action, resource, self.context)
        answer = judge(request, self.policies)
        if answer.decision not in _SHOWN:
            raise ServiceError("PolicyEvaluation", answer.why, 500)
        return answer

    def documents(self) -> Iterator[NamedDocument]:
        policies = self.policies
        yield from policies.identity_policies
        yield from filter(None, (policies.permissions_boundary, policies.resource_policy))
        for level in policies.scp_levels or ():
            yield from level.documents

    def missing_keys(self) -> list[str]:
        given = {key.lower() for key in self.context}
        asked = dict.fromkeys(key for doc in self.documents() for key in condition_keys(doc.text))
        return [key for key in asked if key.lower() not in given]


# --- what is simulated


def _custom(_world: World, call: Call) -> _Simulation:
    params, account = call.params, call.caller.account
    return _Simulation(
        caller_arn=params.get("CallerArn", f"arn:aws:iam::{account}:user/simulated"),
        policies=_policies(params, (), _levels(params)),
        context=_context(params, account),
    )


def _principal(world: World, call: Call) -> _Simulation:
    params = call.params
    holder = _holder(world, params["PolicySourceArn"], call.caller.account)
    policies = _policies(
        params, holder.policies(), world.organization.scp_chain(holder.account), holder.boundary
    )
    caller_arn = params.get("CallerArn", holder.arn)
    return _Simulation(caller_arn, policies, _context(params, holder.account))


def _holder(world: World, arn: str, account: AccountId) -> IamUser | Role:
    for holder in world.identities.holders_in(account):
        if holder.arn == arn:
            return holder
    kind = "role" if ":role/" in arn else "user"
    raise no_such_entity(f"The {kind} with name {arn.rpartition('/')[2]} cannot be found.")


def _policies(
    params: Params,
    own: tuple[NamedDocument, ...],
    scp_levels: tuple[Level, ...] | None,
    boundary: NamedDocument | None = None,
) -> PolicySet:
    boundaries = _inputs(params.get("PermissionsBoundaryPolicyInputList", ()), "Boundary")
    resource_policy = params.get("ResourcePolicy")
    return PolicySet(
        scp_levels=scp_levels,
        identity_policies=(*own, *_inputs(params.get(_INPUTS, ()), _INPUTS)),
        permissions_boundary=boundaries[0] if boundaries else boundary,
        resource_policy=resource_policy and NamedDocument("ResourcePolicy", resource_policy),
    )


def _inputs(texts: Iterable[str], name: str) -> tuple[NamedDocument, ...]:
    return tuple(
        NamedDocument(f"{name}.{number}", readable(text, PolicyType.IDENTITY))
        for number, text in enumerate(texts, 1)
    )


def _levels(params: Params) -> tuple[Level, ...] | None:
    given: Sequence[Any] | None = params.get("OrderedOrganizationPolicyInputList")
    if not given:
        return None
    return tuple(
        Level(str(number), _inputs(level.get("ServiceControlPolicyInputList", ()), f"SCP.{number}"))
        for number, level in enumerate(given, 1)
    )


def _context(params: Params, account: AccountId) -> dict[str, ContextValue]:
    # SOURCE: API reference, `ResourceOwner`: without one the resource is the caller's own.
    owner = params.get("ResourceOwner", "").split(":")
    context: dict[str, ContextValue] = {"aws:ResourceAccount": owner[-2] if owner[1:] else account}
    for entry in params.get("ContextEntries", ()):
        if "ContextKeyName" not in entry:
            # WHY here: the model does not say that a key needs a name.
            raise ServiceError("InvalidInput", "Every context entry must have a context key name.")
        values = tuple(entry.get("ContextKeyValues", ()))
        is_list = entry.get("ContextKeyType", "").endswith("List") or len(values) != 1
        context[entry["ContextKeyName"]] = values if is_list else values[0]
    return context


# --- what is shown


def _evaluated(simulation: _Simulation, action: str, resources: Sequence[str]) -> dict[str, Any]:
    """One action on all resources; the severest answer stands for all of them."""
    answers = {name: simulation.ask(action, name) for name in resources or (_EVERYTHING,)}
    worst = min(answers.values(), key=lambda answer: _SEVEREST_FIRST.index(answer.decision))
    missing = simulation.missing_keys()
    result = {
        "EvalActionName": action,
        "EvalResourceName": next(iter(answers)),
        "EvalDecision": _SHOWN[worst.decision],
        "MatchedStatements": _matched(simulation, worst),
        "MissingContextValues": missing,
        **_by_others(simulation, worst),
    }
    if resources:
        result["ResourceSpecificResults"] = [
            {
                "EvalResourceName": name,
                "EvalResourceDecision": _SHOWN[answer.decision],
                "MatchedStatements": _matched(simulation, answer),
                "MissingContextValues": missing,
            }
            for name, answer in answers.items()
        ]
    return result


def _by_others(simulation: _Simulation, answer: Answer) -> dict[str, Any]:
    """What the organization and the boundary say, where there are any."""
    refused_by = (
        {by.policy_type for by in answer.by} if answer.decision is not Decision.ALLOWED else set()
    )
    shown: dict[str, Any] = {}
    if simulation.policies.scp_levels is not None:
        shown["OrganizationsDecisionDetail"] = {
            "AllowedByOrganizations": PolicyType.SCP not in refused_by
        }
    if simulation.policies.permissions_boundary is not None:
        shown["PermissionsBoundaryDecisionDetail"] = {
            "AllowedByPermissionsBoundary": PolicyType.BOUNDARY not in refused_by
        }
    return shown


def _matched(simulation: _Simulation, answer: Answer) -> list[dict[str, Any]]:
    texts = {document.name: document.text for document in simulation.documents()}
    return [
        _statement(by, texts[by.policy])
        for by in answer.by
        if by.statement_index is not None and by.policy_type is not PolicyType.SCP
    ]


def _statement(by: DecidedBy, text: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "SourcePolicyId": by.policy,
        "SourcePolicyType": "resource" if by.policy_type is PolicyType.RESOURCE else "IAM Policy",
    }
    places = statement_places(text)
    if by.statement_index is not None and by.statement_index < len(places):
        start, end = places[by.statement_index]
        shown["StartPosition"] = {"Line": start.line, "Column": start.column}
        shown["EndPosition"] = {"Line": end.line, "Column": end.column}
    return shown


def _simulate_custom(world: World, call: Call) -> Output:
    return _answered(_custom(world, call), call.params)


def _simulate_principal(world: World, call: Call) -> Output:
    return _answered(_principal(world, call), call.params)


def _answered(simulation: _Simulation, params: Params) -> Output:
    resources = params.get("ResourceArns", ())
    return page(
        "EvaluationResults",
        params["ActionNames"],
        params,
        lambda action: _evaluated(simulation, action, resources),
    )


def _custom_needs(_world: World, call: Call) -> Sequence[Need]:
    return (Need("iam:SimulateCustomPolicy", "*", call.caller.account),)


def _principal_needs(_world: World, call: Call) -> Sequence[Need]:
    arn = call.params["PolicySourceArn"]
    return (Need("iam:SimulatePrincipalPolicy", arn, call.caller.account),)


SIMULATION_OPERATIONS: Operations = {
    "SimulateCustomPolicy": Operation(_custom_needs, _simulate_custom),
    "SimulatePrincipalPolicy": Operation(_principal_needs, _simulate_principal),
}
