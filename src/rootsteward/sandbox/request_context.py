"""The condition keys of a request, as the service would fill them in.

Keys that follow from the principal's ARN (`aws:PrincipalAccount`, `aws:PrincipalType`,
`aws:username` and so on) are the specification's business; these here need the world.
"""

from datetime import UTC, datetime

from rootsteward.domain.authorization import ContextValue
from rootsteward.sandbox.call import Call, CallerKind, Need
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.sandbox.world.world import World

_GLOBAL_SERVICES = {"iam", "organizations"}
_GLOBAL_REGION = "us-east-1"
_SESSIONS = {CallerKind.ROOT_SESSION, CallerKind.ASSUMED_ROLE}


def request_context(world: World, call: Call, need: Need) -> dict[str, ContextValue]:
    """All condition keys of one authorization."""
    return {
        **_of_the_request(call),
        **_of_the_caller(world, call),
        **_of_the_resource(world, need),
        **call.caller.attributes,
        **need.context,
    }


def _of_the_request(call: Call) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {
        "aws:RequestedRegion": (
            _GLOBAL_REGION if call.service in _GLOBAL_SERVICES else call.region
        ),
        "aws:SourceIp": call.source_ip,
        "aws:CurrentTime": _time(call.at),
        "aws:EpochTime": str(int(call.at.timestamp())),
        "aws:SecureTransport": "true" if call.secure else "false",
    }
    if call.user_agent:
        context["aws:UserAgent"] = call.user_agent
    return context


def _of_the_caller(world: World, call: Call) -> dict[str, ContextValue]:
    caller, organization = call.caller, world.organization
    context: dict[str, ContextValue] = {
        "aws:PrincipalArn": caller.principal_arn,
        "aws:userid": caller.user_id,
    }
    if caller.account in organization.accounts:
        context["aws:PrincipalOrgID"] = organization.id
        context["aws:PrincipalOrgPaths"] = (organization.org_path(caller.account),)
    if caller.source_identity is not None:
        context["aws:SourceIdentity"] = caller.source_identity
    if caller.kind in _SESSIONS:
        # Rule card ROOT-08: no session of this sandbox was begun with MFA.
        context["aws:MultiFactorAuthPresent"] = "false"
    if caller.session_issued_at is not None:
        context["aws:TokenIssueTime"] = _time(caller.session_issued_at)
    holder = identity_of(world, call)
    if holder is not None:
        context |= {f"aws:PrincipalTag/{key}": value for key, value in holder.tags.items()}
    return context


def _of_the_resource(world: World, need: Need) -> dict[str, ContextValue]:
    organization = world.organization
    context: dict[str, ContextValue] = {"aws:ResourceAccount": need.resource_account}
    if need.resource_account in organization.accounts:
        context["aws:ResourceOrgID"] = organization.id
        context["aws:ResourceOrgPaths"] = (organization.org_path(need.resource_account),)
    return context


def identity_of(world: World, call: Call) -> IamUser | Role | None:
    """The IAM user or role behind a caller; None for root users and their sessions."""
    caller = call.caller
    if caller.kind is CallerKind.IAM_USER:
        found = world.identities.find_key(caller.access_key_id)
        return None if found is None else found[0]
    if caller.kind is CallerKind.ASSUMED_ROLE:
        return world.identities.role_by_arn(caller.principal_arn)
    return None


def _time(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
