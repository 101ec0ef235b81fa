"""Access denied, in the words of each service (rule card IAM-07)."""

from collections.abc import Mapping
from dataclasses import dataclass

from rootsteward.domain.authorization import Answer, DecidedBy, Decision, PolicyType
from rootsteward.sandbox.call import Call, Need, ServiceError
from rootsteward.sandbox.world import ids
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
# SOURCE: recordings root_access, `properties_*`, and role_acquisition.json: denials of these say
# where the details are, those of their neighbours do not (rule card IAM-16).
_WITH_DETAILS = frozenset({"iam:GetAccountProperties", "iam:GetRole"})
_DETAILS = (
    "https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/"
)
_MAYBE_MANAGED = {PolicyType.IDENTITY, PolicyType.BOUNDARY}
_OF_ORGANIZATIONS = {PolicyType.SCP, PolicyType.RCP}


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a service writes a denial."""

    code: str = "AccessDenied"
    http_status: int = 403
    quoted: bool = False
    lower_case_action: bool = False
    says_why: bool = True
    # Said of every denial, instead of who may not do what.
    text: str = ""


# SOURCE: recording organizations_delegation_authority.json of radkawar/stackd (rule card ORG-03).
NO_PERMISSIONS = "You don't have permissions to access this resource."
# SOURCE: rule cards IAM-07, STS-07 and SQS-60.
_MANNERS: Mapping[str, _Manner] = {
    "s3": _Manner(quoted=True),
    "sqs": _Manner(lower_case_action=True),
    "sts": _Manner(says_why=False),
    "organizations": _Manner("AccessDeniedException", 400, text=NO_PERMISSIONS),
    "guardduty": _Manner("AccessDeniedException"),
    "cloudtrail": _Manner("AccessDeniedException", 400),
}


def denial(world: World, call: Call, need: Need, answer: Answer) -> ServiceError:
    """The error for a need that is not allowed."""
    manner = _MANNERS.get(call.service, _Manner())
    if manner.text:
        return ServiceError(manner.code, manner.text, manner.http_status)
    action = need.action.lower() if manner.lower_case_action else need.action
    shown = need.shown_as or need.resource
    resource = f'"{shown}"' if manner.quoted else shown
    message = (
        f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {resource}"
    )
    # WHY RCPs: STS, which says no reason else, was recorded to name one that denies (STS-07).
    if manner.says_why or _is_denied_by_rcp(answer):
        message += f" {_why(world, action, answer)}"
    if need.action in _WITH_DETAILS:
        message += _where_details_are(ids.authorization_id(world.random))
    headers = _bucket_region(world, call)
    return ServiceError(manner.code, message, manner.http_status, headers=headers)


def _is_denied_by_rcp(answer: Answer) -> bool:
    return answer.decision is Decision.EXPLICIT_DENY and answer.by[0].policy_type is PolicyType.RCP


def _bucket_region(world: World, call: Call) -> dict[str, str]:
    """HeadBucket names the Region even to those it denies (rule card S3-04)."""
    if call.operation != "HeadBucket":
        return {}
    bucket = world.buckets.find(call.params["Bucket"])
    return {} if bucket is None else {"x-amz-bucket-region": bucket.region}


def _where_details_are(authorization_id: str) -> str:
    """LIMIT: the sandbox keeps no details; the id leads nowhere."""
    return (
        f". Go to {_DETAILS}{authorization_id} for complete details, or call the "
        "GetRequestAuthorizationDetails API with the following authorization id: "
        f"{authorization_id}"
    )


def _why(world: World, action: str, answer: Answer) -> str:
    by = answer.by[0]
    words = _WORDS[by.policy_type]
    if answer.decision is Decision.IMPLICIT_DENY:
        return f"because no {words} allows the {action} action"
    article = "an" if words[0] in "aeiou" else "a"
    return f"with an explicit deny in {article} {words}{_policy_arn(world, by)}"


def _policy_arn(world: World, by: DecidedBy) -> str:
    """Policies that have an ARN are named by it: SCPs, RCPs, managed policies."""
    if by.policy_type in _OF_ORGANIZATIONS:
        return f": {world.organization.policies.policies[by.policy].arn}"
    return f": {by.policy}" if by.policy_type in _MAYBE_MANAGED and ":policy/" in by.policy else ""
