"""Managed policies: those of AWS that are here, and the customer's own (rule card IAM-12)."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from rootsteward.domain.authorization import NamedDocument, PolicyType
from rootsteward.sandbox.call import Call, Need, Output, Params, ServiceError
from rootsteward.sandbox.services.iam.aws_policies import AWS_POLICIES, AwsPolicy
from rootsteward.sandbox.services.iam.document_rules import readable
from rootsteward.sandbox.services.iam.holders import delete_conflict, exists_already
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.policy_size import check_managed_size
from rootsteward.sandbox.services.iam.subjects import no_such_entity
from rootsteward.sandbox.services.iam.tag_rules import (
    list_tags,
    read_tags,
    request_tags_context,
    resource_tags_context,
    shown_tags,
    tag,
    untag,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.sandbox.world.managed_policies import ManagedPolicy, PolicyVersion
from rootsteward.sandbox.world.world import World

_OF_AWS = ":iam::aws:policy/"
_AWS_VERSION = "v1"
# SOURCE: IAM quotas.
_MOST_VERSIONS = 5
_Found = AwsPolicy | ManagedPolicy


def attachable_document(world: World, call: Call) -> NamedDocument:
    """The document of the policy that a call names, to be attached or passed to a session.

    Raises:
        ServiceError: `NoSuchEntity`, or a plain refusal for policies of AWS that the sandbox
            does not have.
    """
    return managed_document(world, call, call.params["PolicyArn"])


def managed_document(world: World, call: Call, arn: str) -> NamedDocument:
    """The document of a managed policy by its ARN; see `attachable_document`."""
    found = _find(world, call, arn)
    if found is None:
        raise no_such_entity(f"Policy {arn} does not exist or is not attachable.")
    return found.document if isinstance(found, AwsPolicy) else found.document()


def new_boundary(world: World, call: Call) -> NamedDocument | None:
    """The permissions boundary that a call gives, if it gives one; see `attachable_document`."""
    arn = call.params.get("PermissionsBoundary")
    return None if arn is None else managed_document(world, call, arn)


def _find(world: World, call: Call, arn: str) -> _Found | None:
    if arn in AWS_POLICIES:
        return AWS_POLICIES[arn]
    if _OF_AWS in arn:
        # WHY not `NoSuchEntity`: the sandbox does not say that a policy of AWS is gone.
        raise ServiceError("NotImplemented", f"the sandbox does not have the policy {arn}")
    policy = world.managed_policies.get(arn)
    return policy if policy is not None and policy.account == call.caller.account else None


def _named(world: World, call: Call) -> _Found:
    found = _find(world, call, call.params["PolicyArn"])
    if found is None:
        raise no_such_entity(f"Policy {call.params['PolicyArn']} was not found.")
    return found


def _own(world: World, call: Call) -> ManagedPolicy:
    """The customer's own policy that a call is to change."""
    found = _named(world, call)
    if isinstance(found, AwsPolicy):
        raise ServiceError("AccessDenied", f"Cannot modify the AWS managed policy {found.arn}", 403)
    return found


def _operation(name: str, handle: Callable[[World, Call], Output]) -> Operation:
    """An operation on one policy, authorized against its ARN."""

    def needs(world: World, call: Call) -> Sequence[Need]:
        arn = call.params["PolicyArn"]
        policy = world.managed_policies.get(arn)
        context = {
            **resource_tags_context(policy.tags if policy else {}),
            **request_tags_context(call.params),
        }
        account = call.caller.account
        return (Need(f"iam:{name}", arn, account, context=context, shown_as=f"policy {arn}"),)

    return Operation(needs, handle)


# --- what is shown


def _get(world: World, call: Call) -> Output:
    policy = _named(world, call)
    shown = _listed(world, call, policy)
    tags = [] if isinstance(policy, AwsPolicy) else shown_tags(policy.tags)
    return {"Policy": {**shown, **_described(policy), "Tags": tags}}


def _described(policy: _Found) -> dict[str, str]:
    return {"Description": policy.description} if policy.description else {}


def _listed(world: World, call: Call, policy: _Found) -> dict[str, Any]:
    """A policy as lists show it: neither description nor tags."""
    if isinstance(policy, AwsPolicy):
        created_at = updated_at = policy.published_at
    else:
        created_at, updated_at = policy.created_at, policy.updated_at
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.unique_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": _default_version(policy),
        "AttachmentCount": _attachments(world, call, policy.arn),
        "PermissionsBoundaryUsageCount": _boundaries(world, call, policy.arn),
        # Recorded even of task policies (rule card IAM-19).
        "IsAttachable": True,
        "CreateDate": created_at,
        "UpdateDate": updated_at,
    }


def _default_version(policy: _Found) -> str:
    return _AWS_VERSION if isinstance(policy, AwsPolicy) else policy.default


def _attachments(world: World, call: Call, arn: str) -> int:
    holders = world.identities.holders_in(call.caller.account)
    return sum(1 for holder in holders if arn in holder.managed)


def _boundaries(world: World, call: Call, arn: str) -> int:
    holders = world.identities.holders_in(call.caller.account)
    return sum(1 for holder in holders if holder.boundary and holder.boundary.name == arn)


_BOTH_USES = ("PermissionsPolicy", "PermissionsBoundary")


def _uses(params: Params) -> Sequence[str]:
    """The uses of a policy that a list is about (rule card IAM-24)."""
    wanted = params.get("PolicyUsageFilter")
    return _BOTH_USES if wanted is None else (wanted,)


def _has(holder: IamUser | Role, arn: str, uses: Sequence[str]) -> bool:
    bounded_by = holder.boundary.name if holder.boundary else ""
    return ("PermissionsPolicy" in uses and arn in holder.managed) or (
        "PermissionsBoundary" in uses and arn == bounded_by
    )


def _list(world: World, call: Call) -> Output:
    params = call.params
    holders, uses = tuple(world.identities.holders_in(call.caller.account)), _uses(params)
    scope, prefix = params.get("Scope", "All"), params.get("PathPrefix", "/")
    own = () if scope == "AWS" else world.managed_policies.of(call.caller.account)
    of_aws = () if scope == "Local" else AWS_POLICIES.values()
    shown = [
        policy
        for policy in sorted((*own, *of_aws), key=lambda policy: policy.name)
        if policy.path.startswith(prefix)
        # WHY the use only then: it was recorded to make no difference to other lists.
        and (not params.get("OnlyAttached") or any(_has(h, policy.arn, uses) for h in holders))
    ]
    return page("Policies", shown, params, lambda policy: _listed(world, call, policy))


def _entities(world: World, call: Call) -> Output:
    arn, uses = _named(world, call).arn, _uses(call.params)
    account, kind = call.caller.account, call.params.get("EntityFilter")
    users = world.identities.users_in(account) if kind in {None, "User"} else ()
    roles = world.identities.roles_in(account) if kind in {None, "Role"} else ()
    return {
        "PolicyGroups": [],
        "PolicyUsers": [
            {"UserName": u.name, "UserId": u.unique_id} for u in users if _has(u, arn, uses)
        ],
        "PolicyRoles": [
            {"RoleName": r.name, "RoleId": r.unique_id} for r in roles if _has(r, arn, uses)
        ],
        "IsTruncated": False,
    }


# --- versions


def _get_version(world: World, call: Call) -> Output:
    policy, wanted = _named(world, call), call.params["VersionId"]
    versions = _versions(policy)
    if wanted not in versions:
        raise _no_version(policy, wanted)
    shown = _shown_version(policy, versions[wanted])
    # WHY quoted: IAM sends documents percent-encoded, and clients decode them.
    return {"PolicyVersion": {"Document": quote(versions[wanted].text, safe=""), **shown}}


def _versions(policy: _Found) -> dict[str, PolicyVersion]:
    if isinstance(policy, AwsPolicy):
        only = PolicyVersion(_AWS_VERSION, policy.document.text, policy.published_at)
        return {_AWS_VERSION: only}
    return policy.versions


def _shown_version(policy: _Found, version: PolicyVersion) -> dict[str, Any]:
    return {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == _default_version(policy),
        "CreateDate": version.created_at,
    }


def _list_versions(world: World, call: Call) -> Output:
    policy = _named(world, call)
    newest_first = list(reversed(_versions(policy).values()))
    return page("Versions", newest_first, call.params, lambda v: _shown_version(policy, v))


def _no_version(policy: _Found, wanted: str) -> ServiceError:
    return no_such_entity(
        f"Policy {policy.arn} version {wanted} does not exist or is not attachable."
    )


# --- changes


def _create_needs(_world: World, call: Call) -> Sequence[Need]:
    account, path = call.caller.account, call.params.get("Path", "/")
    name = call.params["PolicyName"]
    arn = f"arn:aws:iam::{account}:policy{path}{name}"
    context = request_tags_context(call.params)
    actions = ["iam:CreatePolicy", *(["iam:TagPolicy"] if call.params.get("Tags") else [])]
    return [
        Need(action, arn, account, context=context, shown_as=f"policy {name}") for action in actions
    ]


def _create(world: World, call: Call) -> Output:
    params, account, now = call.params, call.caller.account, world.now()
    name = params["PolicyName"]
    text = readable(params["PolicyDocument"], PolicyType.IDENTITY)
    check_managed_size(text)
    if world.managed_policies.named(account, name):
        raise exists_already(
            f"A policy called {name} already exists. Duplicate names are not allowed."
        )
    policy = ManagedPolicy(
        account=account,
        name=name,
        unique_id=ids.policy_unique_id(world.random),
        created_at=now,
        updated_at=now,
        path=params.get("Path", "/"),
        description=params.get("Description", ""),
        tags=read_tags(params),
    )
    policy.add_version(text, now, as_default=True)
    world.managed_policies.add(policy)
    shown_with_tags = {"Tags": shown_tags(policy.tags)} if policy.tags else {}
    return {"Policy": {**_listed(world, call, policy), **shown_with_tags}}


def _create_version(world: World, call: Call) -> Output:
    policy, params = _own(world, call), call.params
    text = readable(params["PolicyDocument"], PolicyType.IDENTITY)
    check_managed_size(text)
    if len(policy.versions) >= _MOST_VERSIONS:
        raise ServiceError(
            "LimitExceeded",
            f"A managed policy can have up to {_MOST_VERSIONS} versions. Before you create a new "
            "version, you must delete an existing version.",
            409,
        )
    version = policy.add_version(
        text, world.now(), as_default=bool(params.get("SetAsDefault", False))
    )
    _take_effect(world, policy)
    return {"PolicyVersion": _shown_version(policy, version)}


def _set_default(world: World, call: Call) -> Output:
    policy, wanted = _own(world, call), call.params["VersionId"]
    if wanted not in policy.versions:
        raise _no_version(policy, wanted)
    policy.default = wanted
    _take_effect(world, policy)
    return {}


def _take_effect(world: World, policy: ManagedPolicy) -> None:
    """Let whoever holds the policy hold its default version."""
    for holder in world.identities.holders_in(policy.account):
        if policy.arn in holder.managed:
            holder.managed[policy.arn] = policy.document()
        if holder.boundary is not None and holder.boundary.name == policy.arn:
            holder.boundary = policy.document()


def _delete_version(world: World, call: Call) -> Output:
    policy, wanted = _own(world, call), call.params["VersionId"]
    if wanted not in policy.versions:
        raise _no_version(policy, wanted)
    if wanted == policy.default:
        raise delete_conflict("Cannot delete the default version of a policy.")
    del policy.versions[wanted]
    return {}


def _delete(world: World, call: Call) -> Output:
    policy = _own(world, call)
    if _attachments(world, call, policy.arn) or _boundaries(world, call, policy.arn):
        raise delete_conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )
    world.managed_policies.remove(policy)
    return {}


def _list_needs(_world: World, call: Call) -> Sequence[Need]:
    shown_as = f"policy path {call.params.get('PathPrefix', '/')}"
    return (Need("iam:ListPolicies", "*", call.caller.account, shown_as=shown_as),)


MANAGED_POLICY_OPERATIONS: Operations = {
    "CreatePolicy": Operation(_create_needs, _create),
    "CreatePolicyVersion": _operation("CreatePolicyVersion", _create_version),
    "DeletePolicy": _operation("DeletePolicy", _delete),
    "DeletePolicyVersion": _operation("DeletePolicyVersion", _delete_version),
    "GetPolicy": _operation("GetPolicy", _get),
    "GetPolicyVersion": _operation("GetPolicyVersion", _get_version),
    "ListEntitiesForPolicy": _operation("ListEntitiesForPolicy", _entities),
    "ListPolicies": Operation(_list_needs, _list),
    "ListPolicyTags": _operation(
        "ListPolicyTags", lambda world, call: list_tags(call, _own(world, call).tags)
    ),
    "ListPolicyVersions": _operation("ListPolicyVersions", _list_versions),
    "SetDefaultPolicyVersion": _operation("SetDefaultPolicyVersion", _set_default),
    "TagPolicy": _operation("TagPolicy", lambda world, call: tag(call, _own(world, call).tags)),
    "UntagPolicy": _operation(
        "UntagPolicy", lambda world, call: untag(call, _own(world, call).tags)
    ),
}
