"""The organization and its accounts: describe, list, move."""

from collections.abc import Sequence

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.refusals import (
    account_not_found,
    parent_not_found,
    refusal,
)
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World


def the_account(world: World, call: Call) -> Sequence[str]:
    """The resource of the operations that name an account."""
    return (arns.account_arn(world.organization, call.params["AccountId"]),)


def _describe_organization(world: World, _call: Call) -> Output:
    organization = world.organization
    management = organization.accounts[organization.management_account_id]
    return {
        "Organization": {
            "Id": organization.id,
            "Arn": arns.organization_arn(organization),
            "FeatureSet": "ALL",
            "MasterAccountArn": arns.account_arn(organization, management.id),
            "MasterAccountId": management.id,
            "MasterAccountEmail": management.email,
            # WHY always SCP: AWS keeps this member for old clients; `ListRoots` tells the truth.
            "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
        }
    }


def _describe_account(world: World, call: Call) -> Output:
    return {"Account": shapes.account(world.organization, _account(world, call))}


def _list_accounts(world: World, call: Call) -> Output:
    return _page(world.organization, tuple(world.organization.accounts.values()), call)


def _list_accounts_for_parent(world: World, call: Call) -> Output:
    organization, parent_id = world.organization, call.params["ParentId"]
    if not organization.has_parent(parent_id):
        raise parent_not_found()
    return _page(organization, organization.accounts_in(parent_id), call)


def _page(organization: OrganizationState, accounts: Sequence[Account], call: Call) -> Output:
    return page("Accounts", accounts, call, lambda shown: shapes.account(organization, shown))


def _move(world: World, call: Call) -> Output:
    organization, account = world.organization, _account(world, call)
    source, destination = call.params["SourceParentId"], call.params["DestinationParentId"]
    if not organization.has_parent(source):
        raise parent_not_found("SourceParent")
    if not organization.has_parent(destination):
        raise parent_not_found("DestinationParent")
    if account.parent_id != source:
        # WHY: from where the account is not, there is none to move, which clients have reported.
        raise account_not_found()
    if source == destination:
        raise refusal(
            "DuplicateAccountException",
            "The specified account is already in the specified destination.",
        )
    organization.move_account(account.id, destination)
    return {}


def _move_resources(world: World, call: Call) -> Sequence[str]:
    return (
        arns.account_arn(world.organization, call.params["AccountId"]),
        arns.entity_arn(world.organization, call.params["SourceParentId"]),
        arns.entity_arn(world.organization, call.params["DestinationParentId"]),
    )


def _account(world: World, call: Call) -> Account:
    return find_account(world, call.params["AccountId"])


def find_account(world: World, account_id: str) -> Account:
    """The account of an id as a caller wrote it.

    Raises:
        ServiceError: `AccountNotFoundException`.
    """
    found = world.organization.accounts.get(unchecked_account_id(account_id))
    if found is None:
        raise account_not_found()
    return found


def unchecked_account_id(text: str) -> AccountId:
    """A text to look accounts up with, whatever its shape."""
    return str.__new__(AccountId, text)


ACCOUNT_OPERATIONS: Operations = {
    "DescribeOrganization": operation(
        "DescribeOrganization", _describe_organization, audience=Audience.MEMBERS
    ),
    "DescribeAccount": operation(
        "DescribeAccount", _describe_account, resources=the_account, audience=Audience.READERS
    ),
    "ListAccounts": operation("ListAccounts", _list_accounts, audience=Audience.READERS),
    "ListAccountsForParent": operation(
        "ListAccountsForParent", _list_accounts_for_parent, audience=Audience.READERS
    ),
    "MoveAccount": operation("MoveAccount", _move, resources=_move_resources),
}
