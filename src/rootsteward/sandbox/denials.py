"""Access denied, in the words of each service (rule card IAM-07)."""

from collections.abc import Mapping
from dataclasses import dataclass

from rootsteward.domain.authorization import Answer, DecidedBy, Decision, PolicyType
from rootsteward.sandbox.call import Call, Need, ServiceError
from rootsteward.sandbox.world.world import World

_WORDS: Mapping[PolicyType, str] = {
    PolicyType.SCP: "service control policy",
    PolicyType.RCP: "resource control policy",
    # WHY: no answer of the service names the task policy; it is a session policy (ROOT-10).
    PolicyType.TASK: "session policy",
    PolicyType.SESSION: "session policy",
    PolicyType.IDENTITY: "identity-based policy",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.RESOURCE: "resource-based policy",
}
_OF_ORGANIZATIONS = {PolicyType.SCP, PolicyType.RCP}


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a service writes a denial."""

    code: str = "AccessDenied"
    http_status: int = 403
    quoted: bool = False
    lower_case_action: bool = False
    says_why: bool = True


# SOURCE: fact sheet section 10.
_MANNERS: Mapping[str, _Manner] = {
    "s3": _Manner(quoted=True),
    "sqs": _Manner(lower_case_action=True),
    "sts": _Manner(says_why=False),
    "organizations": _Manner("AccessDeniedException", 400),
    "guardduty": _Manner("AccessDeniedException"),
    "cloudtrail": _Manner("AccessDeniedException", 400),
}


def denial(world: World, call: Call, need: Need, answer: Answer) -> ServiceError:
    """The error for a need that is not allowed."""
    manner = _MANNERS.get(call.service, _Manner())
    action = need.action.lower() if manner.lower_case_action else need.action
    resource = f'"{need.resource}"' if manner.quoted else need.resource
    message = (
        f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {resource}"
    )
    if manner.says_why:
        message += f" {_why(world, action, answer)}"
    return ServiceError(manner.code, message, manner.http_status)


def _why(world: World, action: str, answer: Answer) -> str:
    by = answer.by[0]
    words = _WORDS[by.policy_type]
    if answer.decision is Decision.IMPLICIT_DENY:
        return f"because no {words} allows the {action} action"
    article = "an" if words[0] in "aeiou" else "a"
    return f"with an explicit deny in {article} {words}{_policy_arn(world, by)}"


def _policy_arn(world: World, by: DecidedBy) -> str:
    """SCPs and RCPs are named by ARN."""
    if by.policy_type not in _OF_ORGANIZATIONS:
        return ""
    return f": {world.organization.policies.policies[by.policy].arn}"
