"""Permissions boundaries of users and roles (rule card IAM-12)."""

from rootsteward.domain.authorization import ContextValue
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.iam.managed_policies import new_boundary
from rootsteward.sandbox.services.iam.roles import role_operation
from rootsteward.sandbox.services.iam.subjects import (
    Subject,
    named_user,
    no_such_entity,
    user_operation,
)
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.sandbox.world.world import World

_MEMBER = "PermissionsBoundary"


def _context(call: Call) -> dict[str, ContextValue]:
    return {"iam:PermissionsBoundary": call.params[_MEMBER]} if _MEMBER in call.params else {}


def _put(world: World, call: Call, holder: IamUser | Role) -> Output:
    holder.boundary = new_boundary(world, call)
    return {}


def _delete(_world: World, _call: Call, holder: IamUser | Role) -> Output:
    if holder.boundary is None:
        raise no_such_entity(f"{holder.name} has no permissions boundary.")
    holder.boundary = None
    return {}


def _put_on_user(world: World, call: Call, subject: Subject) -> Output:
    return _put(world, call, named_user(subject))


def _delete_from_user(world: World, call: Call, subject: Subject) -> Output:
    return _delete(world, call, named_user(subject))


BOUNDARY_OPERATIONS: Operations = {
    "PutUserPermissionsBoundary": user_operation(
        "PutUserPermissionsBoundary", _put_on_user, context=_context
    ),
    "DeleteUserPermissionsBoundary": user_operation(
        "DeleteUserPermissionsBoundary", _delete_from_user
    ),
    "PutRolePermissionsBoundary": role_operation(
        "PutRolePermissionsBoundary", _put, context=_context
    ),
    "DeleteRolePermissionsBoundary": role_operation("DeleteRolePermissionsBoundary", _delete),
}
