"""The policy simulator: what the judge says of requests that nobody makes (rule card IAM-15).

The judge is the one that decides real calls. LIMIT: without a `CallerArn` the simulated caller is
some IAM user of the account, so keys such as `aws:username` are not absent. LIMIT: a result over
several resources is named after the first of them, where AWS names it after their type.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
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
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.simulation_inputs import (
    EVERYTHING,
    check_inputs,
    check_resource_policy,
    context_values,
    documents,
    source_of,
)
from rootsteward.sandbox.services.iam.statement_places import condition_keys, statement_places
from rootsteward.sandbox.services.iam.tag_rules import invalid_input
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
_OF_AWS = ":iam::aws:policy/"
_INPUTS = "PolicyInputList"
_BOUNDARY_INPUTS = "PermissionsBoundaryPolicyInputList"
_SOURCE_TYPES = {
    PolicyType.RESOURCE: "Resource Policy",
    PolicyType.BOUNDARY: "Permissions Boundary Policy",
}


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

    def bounded(self, action: str, resource: str) -> dict[str, Any]:
        """What the boundary alone says, where there is one."""
        boundary = self.policies.permissions_boundary
        if boundary is None:
            return {}
        alone = replace(self, policies=PolicySet(identity_policies=(boundary,)))
        allowed = alone.ask(action, resource).decision is Decision.ALLOWED
        return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": allowed}}

    def documents(self) -> Iterator[NamedDocument]:
        policies = self.policies
        yield from policies.identity_policies
        yield from filter(None, (policies.permissions_boundary, policies.resource_policy))
        for level in policies.scp_levels or ():
            yield from level.documents

    def missing_keys(self, answer: Answer) -> list[str]:
        """The keys whose values might have changed an implicit denial."""
        if answer.decision is not Decision.IMPLICIT_DENY:
            return []
        given = {key.lower() for key in self.context}
        asked = dict.fromkeys(key for doc in self.documents() for key in condition_keys(doc.text))
        return [key for key in asked if key.lower() not in given]


# --- what is simulated


def _custom(_world: World, call: Call) -> _Simulation:
    params, account = call.params, call.caller.account
    check_inputs(params)
    check_resource_policy(params, params.get("CallerArn"))
    return _Simulation(
        caller_arn=params.get("CallerArn", f"arn:aws:iam::{account}:user/simulated"),
        policies=_policies(params, (), _levels(params)),
        context=_context(params, account),
    )


def _principal(world: World, call: Call) -> _Simulation:
    params = call.params
    check_inputs(params)
    holder = source_of(world, params["PolicySourceArn"], call.caller.account)
    caller_arn = params.get("CallerArn", holder.arn)
    check_resource_policy(params, caller_arn)
    left_out = {entry.get("PolicyType") for entry in params.get("PolicyExclusionList", ())}
    bounded = holder.boundary if "permission-boundary" not in left_out else None
    policies = _policies(
        params,
        tuple(_own(holder, params, left_out)),
        world.organization.scp_chain(holder.account) if "scp" not in left_out else None,
        bounded and _called_by_name(bounded),
    )
    return _Simulation(caller_arn, policies, _context(params, holder.account))


def _own(
    holder: IamUser | Role, params: Params, left_out: AbstractSet[str | None]
) -> Iterator[NamedDocument]:
    """The policies of a user or role that are not left out, called as the simulator calls them."""
    kind = "user" if isinstance(holder, IamUser) else "role"
    if "inline" not in left_out:
        for policy in holder.inline.values():
            yield NamedDocument(f"{kind}_{holder.name}_{policy.name}", policy.text)
    arns = {entry.get("PolicyArn") for entry in params.get("PolicyExclusionList", ())}
    for arn, policy in holder.managed.items():
        owner = "aws-managed" if _OF_AWS in arn else "user-managed"
        # WHY: an ARN without the policy's path was recorded to leave it out, too.
        start, _, path_and_name = arn.partition("/")
        without_path = f"{start}/{path_and_name.rpartition('/')[2]}"
        if owner not in left_out and arns.isdisjoint({arn, without_path}):
            yield _called_by_name(policy)


def _called_by_name(policy: NamedDocument) -> NamedDocument:
    return NamedDocument(policy.name.rpartition("/")[2], policy.text)


def _policies(
    params: Params,
    own: tuple[NamedDocument, ...],
    scp_levels: tuple[Level, ...] | None,
    boundary: NamedDocument | None = None,
) -> PolicySet:
    boundaries = documents(params.get(_BOUNDARY_INPUTS, ()), _BOUNDARY_INPUTS)
    resource_policy = params.get("ResourcePolicy")
    return PolicySet(
        scp_levels=scp_levels,
        identity_policies=(*own, *documents(params.get(_INPUTS, ()), _INPUTS)),
        permissions_boundary=boundaries[0] if boundaries else boundary,
        resource_policy=resource_policy and NamedDocument("ResourcePolicy", resource_policy),
    )


def _levels(params: Params) -> tuple[Level, ...] | None:
    given: Sequence[Any] | None = params.get("OrderedOrganizationPolicyInputList")
    return tuple(_level(level, number) for number, level in enumerate(given, 1)) if given else None


def _level(level: Params, number: int) -> Level:
    texts = level.get("ServiceControlPolicyInputList", ())
    if not texts:
        raise invalid_input(
            f"Organization policy at index {number} must contain at least one service control "
            "policy"
        )
    return Level(str(number), documents(texts, f"SCP.{number}"))


def _context(params: Params, account: AccountId) -> dict[str, ContextValue]:
    # SOURCE: API reference, `ResourceOwner`: without one the resource is the caller's own.
    owner = params.get("ResourceOwner", "").split(":")
    context: dict[str, ContextValue] = {"aws:ResourceAccount": owner[-2] if owner[1:] else account}
    return context | context_values(params.get("ContextEntries", ()))


# --- what is shown


def _evaluated(simulation: _Simulation, action: str, resources: Sequence[str]) -> dict[str, Any]:
    """One action on all resources; the severest answer stands for all of them."""
    asked = [(name, simulation.ask(action, name)) for name in resources or (EVERYTHING,)]
    named, worst = min(asked, key=lambda each: _SEVEREST_FIRST.index(each[1].decision))
    matched = [_matched(simulation, answer) for _, answer in asked]
    result = {
        "EvalActionName": action,
        "EvalResourceName": asked[0][0],
        "EvalDecision": _SHOWN[worst.decision],
        "MatchedStatements": _once_each(matched),
        "MissingContextValues": simulation.missing_keys(worst),
        **_organizations(simulation, worst),
        **simulation.bounded(action, named),
    }
    if not resources:
        return result
    specific = [
        {
            "EvalResourceName": name,
            "EvalResourceDecision": _SHOWN[answer.decision],
            **_unless_empty("MatchedStatements", statements),
            **_unless_empty("MissingContextValues", simulation.missing_keys(answer)),
            **simulation.bounded(action, name),
        }
        for (name, answer), statements in zip(asked, matched, strict=True)
    ]
    # LIMIT: what each kind of policy says of another account's resource is not told.
    return {**result, "EvalDecisionDetails": {}, "ResourceSpecificResults": specific}


def _once_each(matched: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for statement in (each for statements in matched for each in statements):
        if statement not in found:
            found.append(statement)
    return found


def _unless_empty(name: str, values: list[Any]) -> dict[str, list[Any]]:
    return {name: values} if values else {}


def _organizations(simulation: _Simulation, answer: Answer) -> dict[str, Any]:
    if simulation.policies.scp_levels is None:
        return {}
    refused = answer.decision is not Decision.ALLOWED
    by_them = refused and any(by.policy_type is PolicyType.SCP for by in answer.by)
    return {"OrganizationsDecisionDetail": {"AllowedByOrganizations": not by_them}}


def _matched(simulation: _Simulation, answer: Answer) -> list[dict[str, Any]]:
    """The statements that decided; those of SCPs, and of a boundary that allows, are not shown."""
    # WHY reversed: an SCP may have the name of a policy that comes before it.
    named = reversed(tuple(simulation.documents()))
    texts = {document.name: document.text for document in named}
    unseen = {PolicyType.SCP}
    if answer.decision is Decision.ALLOWED:
        unseen.add(PolicyType.BOUNDARY)
    return [
        _statement(by, texts[by.policy])
        for by in answer.by
        if by.statement_index is not None and by.policy_type not in unseen
    ]


def _statement(by: DecidedBy, text: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "SourcePolicyId": by.policy,
        "SourcePolicyType": _SOURCE_TYPES.get(by.policy_type, "IAM Policy"),
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


def _principal_needs(world: World, call: Call) -> Sequence[Need]:
    """The resource is the source's own ARN, however the request writes it (rule card IAM-26)."""
    account = call.caller.account
    try:
        arn = source_of(world, call.params["PolicySourceArn"], account).arn
    except ServiceError:
        arn = call.params["PolicySourceArn"]
    return (Need("iam:SimulatePrincipalPolicy", arn, account),)


SIMULATION_OPERATIONS: Operations = {
    "SimulateCustomPolicy": Operation(_custom_needs, _simulate_custom),
    "SimulatePrincipalPolicy": Operation(_principal_needs, _simulate_principal),
}
