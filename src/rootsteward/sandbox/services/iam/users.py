"""`GetUser`."""

from typing import Any

from rootsteward.domain.identifiers import root_user_arn
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.iam.subjects import Subject, user_operation
from rootsteward.sandbox.services.operation import Operations
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
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.unique_id,
        "Arn": user.arn,
        "CreateDate": user.created_at,
        "Tags": [{"Key": key, "Value": value} for key, value in user.tags.items()],
    }


USER_OPERATIONS: Operations = {"GetUser": user_operation("GetUser", _get)}
