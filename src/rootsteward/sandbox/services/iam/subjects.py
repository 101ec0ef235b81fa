"""Whom a user-scoped IAM call is about: the root user, or an IAM user.

Without `UserName` a call is about the caller itself. Rule card IAM-01: in a root session that is
the root user, and the resource to authorize is its ARN.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.sandbox.call import Call, CallerKind, Need, Output, ServiceError
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.world.credentials import Holdings
from rootsteward.sandbox.world.identities import IamUser
from rootsteward.sandbox.world.world import World

_ROOTS = {CallerKind.ROOT_USER, CallerKind.ROOT_SESSION}


@dataclass(frozen=True, slots=True)
class Subject:
    """The user a call is about. `user` is None for the root user."""

    account: AccountId
    holdings: Holdings
    user: IamUser | None = None

    @property
    def name_members(self) -> dict[str, str]:
        """`UserName`, which AWS leaves out for the root user (rule card IAM-04)."""
        return {} if self.user is None else {"UserName": self.user.name}

    @property
    def shown_name(self) -> str:
        """The name in messages; AWS writes `null` for the root user (rule card IAM-03)."""
        return "null" if self.user is None else self.user.name


def user_operation(name: str, handle: Callable[[World, Call, Subject], Output]) -> Operation:
    """An operation on a user's own things, authorized against the user's ARN."""

    def needs(world: World, call: Call) -> Sequence[Need]:
        return (Need(f"iam:{name}", _resource(world, call), call.caller.account),)

    def run(world: World, call: Call) -> Output:
        return handle(world, call, _subject(world, call))

    return Operation(needs, run)


def _resource(world: World, call: Call) -> str:
    name = _user_name(world, call)
    if name is None:
        return root_user_arn(call.caller.account)
    user = world.identities.user(call.caller.account, name)
    return user.arn if user else f"arn:aws:iam::{call.caller.account}:user/{name}"


def _subject(world: World, call: Call) -> Subject:
    account = call.caller.account
    name = _user_name(world, call)
    if name is None:
        return Subject(account, world.root_users.of(account).holdings)
    user = world.identities.user(account, name)
    if user is None:
        raise no_such_entity(f"The user with name {name} cannot be found.")
    return Subject(account, user.holdings, user)


def _user_name(world: World, call: Call) -> str | None:
    """The IAM user's name, or None for the root user."""
    name: str | None = call.params.get("UserName")
    if name is not None or call.caller.kind in _ROOTS:
        return name
    found = world.identities.find_key(call.caller.access_key_id)
    if found is None:
        raise ServiceError(
            "ValidationError", "Must specify userName when calling with non-User credentials"
        )
    return found[0].name


def no_such_entity(message: str) -> ServiceError:
    """What the call names does not exist (rule card IAM-06)."""
    return ServiceError("NoSuchEntity", message, 404)
