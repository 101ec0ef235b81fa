"""IAM users: create, read, list, delete. `GetUser` is about the root user, too."""

from collections.abc import Sequence
from typing import Any

from rootsteward.domain.identifiers import root_user_arn
from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.iam.holders import (
    check_deletable,
    delete_conflict,
    exists_already,
    refuse_boundary,
)
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.subjects import Subject, user_operation
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.identities import IamUser
from rootsteward.sandbox.world.world import World


def _get(world: World, _call: Call, subject: Subject) -> Output:
    shown = _root_user(world, subject) if subject.user is None else _iam_user(subject.user)
    password = subject.holdings.password
    if password is not None and password.last_used_at is not None:
        shown["PasswordLastUsed"] = password.last_used_at
    return {"User": shown}


def _root_user(world: World, subject: Subject) -> dict[str, Any]:
    """A root user has neither name nor path (rule card IAM-03)."""
    account = world.organization.accounts.get(subject.account)
    shown: dict[str, Any] = {"UserId": subject.account, "Arn": root_user_arn(subject.account)}
    if account is not None and account.joined_at is not None:
        shown["CreateDate"] = account.joined_at
    return shown


def _iam_user(user: IamUser) -> dict[str, Any]:
    return {
        **_listed(user),
        "Tags": [{"Key": key, "Value": value} for key, value in user.tags.items()],
    }


def _listed(user: IamUser) -> dict[str, Any]:
    """A user without its tags, as lists show it."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.unique_id,
        "Arn": user.arn,
        "CreateDate": user.created_at,
    }


def _list_needs(_world: World, call: Call) -> Sequence[Need]:
    prefix = call.params.get("PathPrefix", "/")
    resource = f"arn:aws:iam::{call.caller.account}:user{prefix}"
    return (Need("iam:ListUsers", resource, call.caller.account),)


def _list(world: World, call: Call) -> Output:
    prefix = call.params.get("PathPrefix", "/")
    users = sorted(world.identities.users_in(call.caller.account), key=lambda user: user.name)
    return page("Users", [u for u in users if u.path.startswith(prefix)], call.params, _listed)


def _create_needs(_world: World, call: Call) -> Sequence[Need]:
    path, name = call.params.get("Path", "/"), call.params["UserName"]
    arn = f"arn:aws:iam::{call.caller.account}:user{path}{name}"
    return (Need("iam:CreateUser", arn, call.caller.account),)


def _create(world: World, call: Call) -> Output:
    params, account = call.params, call.caller.account
    refuse_boundary(params)
    if world.identities.user(account, params["UserName"]):
        raise exists_already(f"User with name {params['UserName']} already exists.")
    user = IamUser(
        account=account,
        name=params["UserName"],
        unique_id=ids.user_unique_id(world.random),
        created_at=world.now(),
        path=params.get("Path", "/"),
        tags={tag["Key"]: tag["Value"] for tag in params.get("Tags", ())},
    )
    world.identities.add_user(user)
    return {"User": _iam_user(user)}


def _delete(world: World, _call: Call, subject: Subject) -> Output:
    if subject.user is None:
        raise ServiceError("ValidationError", "Must specify userName")
    check_deletable(subject.user)
    if subject.holdings:
        raise delete_conflict("Cannot delete entity, must delete credentials first.")
    world.identities.remove_user(subject.user)
    return {}


USER_OPERATIONS: Operations = {
    "GetUser": user_operation("GetUser", _get),
    "ListUsers": Operation(_list_needs, _list),
    "CreateUser": Operation(_create_needs, _create),
    "DeleteUser": user_operation("DeleteUser", _delete),
}
