"""Console passwords. On a root user, a login profile without a password opens recovery."""

from typing import Any

from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.iam.subjects import Subject, no_such_entity, user_operation
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.world.credentials import LoginProfile
from rootsteward.sandbox.world.world import World


def _get(_world: World, _call: Call, subject: Subject) -> Output:
    return _output(subject, _present(subject))


def _create(world: World, call: Call, subject: Subject) -> Output:
    has_password = "Password" in call.params
    if has_password is (subject.user is None):
        # Rule card IAM-05: a root user takes no password, an IAM user needs one.
        raise ServiceError(
            "ValidationError",
            "Password must not be specified for the root user."
            if has_password
            else "Must specify a password for the user.",
        )
    if subject.holdings.password is not None:
        raise _exists(subject)
    if subject.user is None:
        return _output(subject, world.root_users.open_recovery(subject.account, world.now()))
    profile = LoginProfile(world.now(), call.params.get("PasswordResetRequired", False))
    subject.holdings.password = profile
    return _output(subject, profile)


def _update(_world: World, call: Call, subject: Subject) -> Output:
    """Only whether a new password is asked for is kept; the sandbox knows no passwords."""
    profile = _present(subject)
    profile.reset_required = call.params.get("PasswordResetRequired", profile.reset_required)
    return {}


def _delete(_world: World, _call: Call, subject: Subject) -> Output:
    _present(subject)
    subject.holdings.password = None
    return {}


def _present(subject: Subject) -> LoginProfile:
    if subject.holdings.password is None:
        raise no_such_entity(f"Login Profile for User {subject.shown_name} cannot be found.")
    return subject.holdings.password


def _exists(subject: Subject) -> ServiceError:
    whose = f"account {subject.account}" if subject.user is None else f"user {subject.user.name}"
    return ServiceError("EntityAlreadyExists", f"Login Profile for {whose} already exists.", 409)


def _output(subject: Subject, profile: LoginProfile) -> dict[str, Any]:
    return {
        "LoginProfile": {
            **subject.name_members,
            "CreateDate": profile.created_at,
            "PasswordResetRequired": profile.reset_required,
        }
    }


LOGIN_PROFILE_OPERATIONS: Operations = {
    "GetLoginProfile": user_operation("GetLoginProfile", _get),
    "CreateLoginProfile": user_operation("CreateLoginProfile", _create),
    "UpdateLoginProfile": user_operation("UpdateLoginProfile", _update),
    "DeleteLoginProfile": user_operation("DeleteLoginProfile", _delete),
}
