"""IAM users: create, read, list, delete. `GetUser` is about the root user, too."""

from collections.abc import Sequence
from typing import Any

from rootsteward.domain.identifiers import root_user_arn
from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.services.iam.holders import (
    check_deletable,
    delete_conflict,
    exists_already,
    shown_boundary,
)
from rootsteward.sandbox.services.iam.managed_policies import new_boundary
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.subjects import Subject, named_user, user_operation
from rootsteward.sandbox.services.iam.tag_rules import (
    read_tags,
    request_tags_context,
    shown_tags,
)
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
    tags = {"Tags": shown_tags(user.tags)} if user.tags else {}
    return {**listed_user(user), **shown_boundary(user), **tags}


def listed_user(user: IamUser) -> dict[str, Any]:
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
    return page("Users", [u for u in users if u.path.startswith(prefix)], call.params, listed_user)


def _create_needs(_world: World, call: Call) -> Sequence[Need]:
    path, name = call.params.get("Path", "/"), call.params["UserName"]
    arn = f"arn:aws:iam::{call.caller.account}:user{path}{name}"
    context = request_tags_context(call.params)
    actions = ("iam:CreateUser", "iam:TagUser") if call.params.get("Tags") else ("iam:CreateUser",)
    return tuple(Need(action, arn, call.caller.account, context=context) for action in actions)


def _create(world: World, call: Call) -> Output:
    params, account = call.params, call.caller.account
    boundary = new_boundary(world, call)
    if world.identities.user(account, params["UserName"]):
        raise exists_already(f"User with name {params['UserName']} already exists.")
    user = IamUser(
        account=account,
        name=params["UserName"],
        unique_id=ids.user_unique_id(world.random),
        created_at=world.now(),
        path=params.get("Path", "/"),
        boundary=boundary,
        tags=read_tags(params),
    )
    world.identities.add_user(user)
    return {"User": _iam_user(user)}


def _delete(world: World, _call: Call, subject: Subject) -> Output:
    user = named_user(subject)
    # WHY this order: what users have long reported of `DeleteConflict` (rule card IAM-10).
    if held := _held(user):
        raise delete_conflict(f"Cannot delete entity, must {held} first.")
    check_deletable(user)
    world.identities.remove_user(user)
    return {}


def _held(user: IamUser) -> str:
    """What has to go before a user can, in the words of IAM; empty when nothing is left."""
    holdings = user.holdings
    if holdings.password is not None:
        return "delete login profile"
    if holdings.mfa_devices:
        # Recorded, of a user who held an access key, too (rule card IAM-23).
        return "remove tokens from principal"
    if holdings.access_keys:
        return "delete access keys"
    return "delete signing certificates" if holdings.certificates else ""


USER_OPERATIONS: Operations = {
    "GetUser": user_operation("GetUser", _get),
    "ListUsers": Operation(_list_needs, _list),
    "CreateUser": Operation(_create_needs, _create),
    "DeleteUser": user_operation("DeleteUser", _delete),
}
