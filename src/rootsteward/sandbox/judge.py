"""Whether a call is allowed. Every answer comes from `rootsteward.spec`; here are only the facts.

The sandbox gathers the policies in force for a call and asks; it never decides anything itself.
"""

from collections.abc import Sequence
from dataclasses import replace

from rootsteward.domain.authorization import (
    AccessRequest,
    Answer,
    Decision,
    Level,
    NamedDocument,
    PolicySet,
)
from rootsteward.sandbox import denials
from rootsteward.sandbox.call import Call, Need, ServiceError
from rootsteward.sandbox.request_context import identity_of, request_context
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, Session
from rootsteward.sandbox.world.world import World
from rootsteward.spec import judge

# Of the services in this sandbox, those whose resources RCPs protect (rule card ROOT-13).
_UNDER_RCPS = {"s3", "sqs", "sts"}
_NO_RESOURCE = "*"
# Authorized on a pattern of all buckets, though the action has no resource type (rule card S3-01).
_WITHOUT_RESOURCE = {"s3:ListAllMyBuckets"}
# An account that no caller can be in.
_ELSEWHERE = "000000000000"


def authorize(world: World, call: Call, needs: Sequence[Need]) -> None:
    """Check every need of a call, in order.

    Raises:
        ServiceError: the denial of the first need that is not allowed, in the service's words.
    """
    for need in needs:
        answer = answer_for(world, call, need)
        if answer.decision is Decision.UNDETERMINED:
            raise _unreadable(call, need, answer)
        if answer.decision is not Decision.ALLOWED:
            raise denials.denial(world, call, need, answer)


def answer_for(world: World, call: Call, need: Need) -> Answer:
    """What the specification says of one need of a call."""
    request = AccessRequest(
        principal=call.caller.arn,
        action=need.action,
        resource=need.resource,
        context=request_context(world, call, need),
    )
    answer = judge(request, policies_for(world, call, need))
    if answer.decision is Decision.ALLOWED and need.resource_policy_must_allow:
        return _resource_policy_alone(request, need.resource_policy)
    return answer


def _resource_policy_alone(request: AccessRequest, policy: NamedDocument | None) -> Answer:
    """What the resource policy says by itself.

    WHY the other account: across accounts the resource policy has to allow, so the same question
    asked as if from elsewhere, by somebody who may do anything, is answered by it alone.
    """
    elsewhere = replace(request, context={**request.context, "aws:ResourceAccount": _ELSEWHERE})
    alone = PolicySet(
        identity_policies=(ADMINISTRATOR_ACCESS,),
        resource_policy=policy or NamedDocument("no policy", '{"Statement":[]}'),
    )
    return judge(elsewhere, alone)


def policies_for(world: World, call: Call, need: Need) -> PolicySet:
    """Everything that can speak about one need of a call."""
    caller = call.caller
    session = world.identities.session(caller.access_key_id)
    holder = identity_of(world, call)
    return PolicySet(
        scp_levels=world.organization.scp_chain(caller.account),
        rcp_levels=_rcp_levels(world, need),
        task_policy=session.task_document if session else None,
        session_policies=_session_policies(world, session),
        identity_policies=holder.policies() if holder else (),
        permissions_boundary=holder.boundary if holder else None,
        resource_policy=need.resource_policy,
    )


def _session_policies(world: World, session: Session | None) -> tuple[NamedDocument, ...] | None:
    """The policies that were passed to a session, managed ones as they are by now (card STS-11)."""
    if session is None or session.session_policies is None:
        return None
    return tuple(_as_it_is_by_now(world, document) for document in session.session_policies)


def _as_it_is_by_now(world: World, document: NamedDocument) -> NamedDocument:
    policy = world.managed_policies.get(document.name)
    return document if policy is None else policy.document()


def _rcp_levels(world: World, need: Need) -> tuple[Level, ...] | None:
    service = need.action.partition(":")[0]
    if service not in _UNDER_RCPS or need.resource == _NO_RESOURCE:
        return None
    if need.action in _WITHOUT_RESOURCE:
        return None
    return world.organization.rcp_chain(need.resource_account)


def _unreadable(call: Call, need: Need, answer: Answer) -> ServiceError:
    """A policy that AWS would not have stored: the sandbox cannot say what it means."""
    return ServiceError(
        "SandboxCannotJudge",
        f"the sandbox cannot judge {need.action} of {call.caller.arn}: {answer.why}",
    )
