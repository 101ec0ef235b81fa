"""Roles: create, read, list, delete, and who may assume them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rootsteward.domain.authorization import ContextValue, NamedDocument, PolicyType
from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.services.iam.document_rules import readable
from rootsteward.sandbox.services.iam.holders import (
    check_deletable,
    exists_already,
    shown_boundary,
)
from rootsteward.sandbox.services.iam.managed_policies import new_boundary
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.policy_size import check_trust_size
from rootsteward.sandbox.services.iam.service_roles import (
    check_modifiable,
    ensure_service_role,
)
from rootsteward.sandbox.services.iam.subjects import no_context, no_such_entity
from rootsteward.sandbox.services.iam.tag_rules import (
    read_tags,
    request_tags_context,
    resource_tags_context,
    shown_tags,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.identities import Role
from rootsteward.sandbox.world.world import World

_DEFAULT_SECONDS = 3600
TRUST_POLICY = "trust policy"


def role_operation(
    name: str,
    handle: Callable[[World, Call, Role], Output],
    *,
    context: Callable[[Call], Mapping[str, ContextValue]] = no_context,
) -> Operation:
    """An operation on one role, authorized against its ARN.

    `context` gives the condition keys it adds to those of the role's tags.
    """
    changes = not name.startswith(("Get", "List"))

    def needs(world: World, call: Call) -> Sequence[Need]:
        ensure_service_role(world, call.caller.account)
        role = world.identities.role(call.caller.account, call.params["RoleName"])
        arn = role.arn if role else _arn(call, "/", call.params["RoleName"])
        keys = {**resource_tags_context(role.tags if role else {}), **context(call)}
        shown_as = f"role {call.params['RoleName']}"
        return (Need(f"iam:{name}", arn, call.caller.account, context=keys, shown_as=shown_as),)

    def run(world: World, call: Call) -> Output:
        role = world.identities.role(call.caller.account, call.params["RoleName"])
        if role is None:
            raise no_such_entity(f"The role with name {call.params['RoleName']} cannot be found.")
        if changes:
            check_modifiable(role)
        return handle(world, call, role)

    return Operation(needs, run)


def _arn(call: Call, path: str, name: str) -> str:
    return f"arn:aws:iam::{call.caller.account}:role{path}{name}"


def _get(_world: World, _call: Call, role: Role) -> Output:
    """Rule card IAM-27. LIMIT: the sandbox does not know when a role was last used."""
    return {"Role": {**_shown(role), "RoleLastUsed": {}}}


def _shown(role: Role) -> dict[str, Any]:
    tags = {"Tags": shown_tags(role.tags)} if role.tags else {}
    return {**_listed(role), **shown_boundary(role), **tags}


def _listed(role: Role) -> dict[str, Any]:
    """A role without its tags, as lists show it."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn,
        "CreateDate": role.created_at,
        # WHY quoted: IAM sends documents percent-encoded, and clients decode them.
        "AssumeRolePolicyDocument": quote(role.trust.text, safe=""),
        **({"Description": role.description} if role.description else {}),
        "MaxSessionDuration": role.max_session_seconds,
    }


def _list_needs(_world: World, call: Call) -> Sequence[Need]:
    resource = _arn(call, call.params.get("PathPrefix", "/"), "")
    return (Need("iam:ListRoles", resource, call.caller.account),)


def _list(world: World, call: Call) -> Output:
    prefix = call.params.get("PathPrefix", "/")
    ensure_service_role(world, call.caller.account)
    roles = sorted(world.identities.roles_in(call.caller.account), key=lambda role: role.name)
    return page("Roles", [r for r in roles if r.path.startswith(prefix)], call.params, _listed)


def _create_needs(_world: World, call: Call) -> Sequence[Need]:
    arn = _arn(call, call.params.get("Path", "/"), call.params["RoleName"])
    context = request_tags_context(call.params)
    actions = ("iam:CreateRole", "iam:TagRole") if call.params.get("Tags") else ("iam:CreateRole",)
    return tuple(Need(action, arn, call.caller.account, context=context) for action in actions)


def _create(world: World, call: Call) -> Output:
    params, account = call.params, call.caller.account
    boundary = new_boundary(world, call)
    if world.identities.role(account, params["RoleName"]):
        raise exists_already(f"Role with name {params['RoleName']} already exists.")
    role = Role(
        account=account,
        name=params["RoleName"],
        unique_id=ids.role_unique_id(world.random),
        trust=_trust(params["AssumeRolePolicyDocument"]),
        created_at=world.now(),
        path=params.get("Path", "/"),
        boundary=boundary,
        tags=read_tags(params),
        max_session_seconds=params.get("MaxSessionDuration", _DEFAULT_SECONDS),
        description=params.get("Description", ""),
    )
    world.identities.add_role(role)
    return {"Role": _shown(role)}


def _trust(text: str) -> NamedDocument:
    check_trust_size(text)
    return NamedDocument(TRUST_POLICY, readable(text, PolicyType.RESOURCE))


def _delete(world: World, _call: Call, role: Role) -> Output:
    check_deletable(role)
    world.identities.remove_role(role)
    return {}


def _update_trust(_world: World, call: Call, role: Role) -> Output:
    role.trust = _trust(call.params["PolicyDocument"])
    return {}


ROLE_OPERATIONS: Operations = {
    "GetRole": role_operation("GetRole", _get),
    "ListRoles": Operation(_list_needs, _list),
    "CreateRole": Operation(_create_needs, _create),
    "DeleteRole": role_operation("DeleteRole", _delete),
    "UpdateAssumeRolePolicy": role_operation("UpdateAssumeRolePolicy", _update_trust),
}
