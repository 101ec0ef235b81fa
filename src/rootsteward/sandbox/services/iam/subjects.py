"""Whom a user-scoped IAM call is about: the root user, or an IAM user.

Without `UserName` a call is about the caller itself. Rule card IAM-01: in a root session that is
the root user, and the resource to authorize is its ARN.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rootsteward.domain.authorization import ContextValue
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.sandbox.call import Call, CallerKind, Need, Output, ServiceError
from rootsteward.sandbox.services.iam.tag_rules import resource_tags_context
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


def no_context(_call: Call) -> Mapping[str, ContextValue]:
    """The operation adds no condition keys."""
    return {}


def user_operation(
    name: str,
    handle: Callable[[World, Call, Subject], Output],
    *,
    context: Callable[[Call], Mapping[str, ContextValue]] = no_context,
) -> Operation:
    """An operation on a user's own things, authorized against the user's ARN.

    `context` gives the condition keys it adds to those of the user's tags.
    """

    def needs(world: World, call: Call) -> Sequence[Need]:
        resource, tags, shown_as = _resource(world, call)
        keys = {**resource_tags_context(tags), **context(call)}
        return (
            Need(f"iam:{name}", resource, call.caller.account, context=keys, shown_as=shown_as),
        )

    def run(world: World, call: Call) -> Output:
        return handle(world, call, _subject(world, call))

    return Operation(needs, run)


def _resource(world: World, call: Call) -> tuple[str, Mapping[str, str], str]:
    """The ARN of the user a call is about, its tags, and how denials show it (rule card IAM-07)."""
    account, name = call.caller.account, _user_name(world, call)
    if name is None:
        return root_user_arn(account), {}, ""
    # WHY `null`: that is what IAM makes of a name that was not given.
    shown_as = f"user {'' if 'UserName' in call.params else 'null'}{name}"
    user = world.identities.user(account, name)
    if user is None:
        return f"arn:aws:iam::{account}:user/{name}", {}, shown_as
    return user.arn, user.tags, shown_as


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


def named_user(subject: Subject) -> IamUser:
    """The IAM user of a call that has nothing to say to a root user.

    Raises:
        ServiceError: `ValidationError`.
    """
    if subject.user is None:
        raise ServiceError("ValidationError", "Must specify userName")
    return subject.user


def no_such_entity(message: str) -> ServiceError:
    """What the call names does not exist (rule card IAM-06)."""
    return ServiceError("NoSuchEntity", message, 404)
