"""`CreateAccount`, which works in the background, and the two calls that show how far it is.

Rule card ORG-05. A new account has no root credentials (rule card ROOT-14).
"""

import json
import re
from collections.abc import Sequence

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.domain.organization import Account, AccountState
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.account_closing import settle_closings
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.refusals import (
    concurrent_modification,
    constraint,
    invalid_input,
    refusal,
)
from rootsteward.sandbox.services.organizations.tags import read_tags
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.account_requests import AccountRequest
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, Role
from rootsteward.sandbox.world.world import World

DEFAULT_ROLE = "OrganizationAccountAccessRole"
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+\Z")
# SOURCE: Organizations quotas: five accounts can be in creation at once. AWS begins with ten
# accounts and raises that to 50,000 at most; here the latter holds.
_MOST_IN_PROGRESS = 5
_MOST_ACCOUNTS = 50_000


def _create(world: World, call: Call) -> Output:
    params, organization = call.params, world.organization
    if not _EMAIL.match(params["Email"]):
        raise invalid_input("INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email.")
    in_progress = tuple(organization.requests.in_progress())
    if any(r.email.casefold() == params["Email"].casefold() for r in in_progress):
        raise concurrent_modification()
    if len(in_progress) >= _MOST_IN_PROGRESS:
        raise constraint(
            "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
            "You have exceeded the number of accounts that you can create concurrently.",
        )
    if len(organization.accounts) + len(in_progress) >= _MOST_ACCOUNTS:
        raise constraint(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts."
        )
    request = AccountRequest(
        id=ids.create_account_request_id(world.random),
        name=params["AccountName"],
        email=params["Email"],
        requested_at=world.now(),
        role_name=params.get("RoleName", DEFAULT_ROLE),
        tags=tuple(read_tags(params.get("Tags", ())).items()),
    )
    organization.requests.open(request)
    return {"CreateAccountStatus": shapes.account_request(request)}


def settle_account_requests(world: World) -> None:
    """Finish the creations and closings whose time has come."""
    settle_closings(world)
    now = world.now()
    for request in tuple(world.organization.requests.in_progress()):
        if request.due(now):
            _settle(world, request)


def _settle(world: World, request: AccountRequest) -> None:
    organization, at = world.organization, world.now()
    if organization.account_with_email(request.email):
        organization.requests.fail(request.id, "EMAIL_ALREADY_EXISTS", at)
        return
    account_id = ids.account_id(world.random)
    while account_id in organization.accounts:
        account_id = ids.account_id(world.random)
    organization.add_account(
        Account(
            id=account_id,
            name=request.name,
            email=request.email,
            state=AccountState.ACTIVE,
            parent_id=organization.org_root_id,
            joined_at=at,
            tags=dict(request.tags),
        )
    )
    _add_access_role(world, account_id, request.role_name)
    organization.requests.succeed(request.id, account_id, at)


def _add_access_role(world: World, account_id: AccountId, name: str) -> None:
    """The role by which the management account administers the new one (recorded)."""
    management = root_user_arn(world.organization.management_account_id)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": management}, "Action": "sts:AssumeRole"}
        ],
    }
    role = Role(
        account=account_id,
        name=name,
        unique_id=ids.role_unique_id(world.random),
        trust=NamedDocument("trust policy", json.dumps(trust)),
        created_at=world.now(),
        managed={ADMINISTRATOR_ACCESS.name: ADMINISTRATOR_ACCESS},
    )
    world.identities.add_role(role)


def _a_new_account(world: World, _call: Call) -> Sequence[str]:
    return (arns.account_arn(world.organization, "*"),)


def _describe_status(world: World, call: Call) -> Output:
    request = world.organization.requests.get(call.params["CreateAccountRequestId"])
    if request is None:
        raise refusal(
            "CreateAccountStatusNotFoundException",
            "You specified a create account request that doesn't exist.",
        )
    return {"CreateAccountStatus": shapes.account_request(request)}


def _list_statuses(world: World, call: Call) -> Output:
    states = set(call.params.get("States", ()))
    wanted = [r for r in world.organization.requests if not states or r.state.value in states]
    return page("CreateAccountStatuses", wanted, call, shapes.account_request)


CREATION_OPERATIONS: Operations = {
    "CreateAccount": operation("CreateAccount", _create, tagged=_a_new_account),
    "DescribeCreateAccountStatus": operation(
        "DescribeCreateAccountStatus", _describe_status, audience=Audience.READERS
    ),
    "ListCreateAccountStatus": operation(
        "ListCreateAccountStatus", _list_statuses, audience=Audience.READERS
    ),
}
