"""How an Organizations operation is made: who may call it, and which resource it is about."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import assert_never

from rootsteward.domain.authorization import ContextValue
from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.services.organizations.refusals import access_denied, not_in_use
from rootsteward.sandbox.world.world import World

_Resources = Callable[[World, Call], Sequence[str]]
_Context = Callable[[World, Call], Mapping[str, ContextValue]]


class Audience(Enum):
    """The accounts that may call an operation (rule card ORG-03)."""

    MANAGEMENT = "the management account"
    READERS = "the management account and delegated administrators"
    MEMBERS = "every account of the organization"


def everything(_world: World, _call: Call) -> Sequence[str]:
    """The operation is about no resource in particular."""
    return ("*",)


def no_context(_world: World, _call: Call) -> Mapping[str, ContextValue]:
    """The operation adds no condition keys."""
    return {}


def operation(
    name: str,
    handle: Callable[[World, Call], Output],
    *,
    resources: _Resources = everything,
    audience: Audience = Audience.MANAGEMENT,
    context: _Context = no_context,
) -> Operation:
    """An operation that first checks the standing of the caller's account."""

    def needs(world: World, call: Call) -> Sequence[Need]:
        # WHY the caller's account: what a delegate may do in the organization does not hang on a
        # resource policy of the management account.
        return tuple(
            Need(f"organizations:{name}", arn, call.caller.account, context=context(world, call))
            for arn in resources(world, call)
        )

    def run(world: World, call: Call) -> Output:
        check_standing(world, call, audience)
        return handle(world, call)

    return Operation(needs, run)


def check_standing(world: World, call: Call, audience: Audience) -> None:
    """Refuse accounts that may not make the call.

    Raises:
        ServiceError: `AccessDeniedException` or `AWSOrganizationsNotInUseException`.
    """
    organization, account = world.organization, call.caller.account
    if account not in organization.accounts:
        raise not_in_use()
    is_management = account == organization.management_account_id
    match audience:
        case Audience.MANAGEMENT:
            allowed = is_management
        case Audience.READERS:
            allowed = is_management or organization.services.is_delegate(account)
        case Audience.MEMBERS:
            allowed = True
        case _:
            assert_never(audience)
    if not allowed:
        raise access_denied()
