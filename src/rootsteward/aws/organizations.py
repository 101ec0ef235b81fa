"""Organizations: the tree, trusted access and delegated administrators."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.pages import Page, every_page
from rootsteward.aws.service import Service, receipt_of
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import (
    Account,
    AccountState,
    Organization,
    OrganizationalUnit,
    OrgRoot,
)
from rootsteward.domain.receipt import Receipt

if TYPE_CHECKING:
    from mypy_boto3_organizations.client import OrganizationsClient
    from mypy_boto3_organizations.type_defs import OrganizationTypeDef

IAM_PRINCIPAL = "iam.amazonaws.com"
# SOURCE: API reference, `MaxResults` of every paged list of Organizations that has it.
_LARGEST_PAGE = 20
# Units at this level have none below them (rule card ORG-44).
_DEEPEST_LEVEL = 5


class OrganizationsService(Service):
    """`OrganizationReader.organization`, `TagReader` and a half of `RootAccessSwitches`."""

    def organization(self) -> Organization:
        """The whole tree, without tags.

        One paged `ListAccounts` places every account when the service sends `Paths`; otherwise
        the accounts of each parent are listed (rule card ORG-42).
        """
        described = self._described()
        org_root = self.org_root()
        units = tuple(self._units_below(org_root.id))
        return Organization(
            id=described["Id"],
            management_account_id=AccountId(described["MasterAccountId"]),
            org_root=org_root,
            units=units,
            accounts=self._accounts(org_root, units),
        )

    def organization_id(self) -> str:
        """`organizations:DescribeOrganization`, its id only."""
        return self._described()["Id"]

    def org_root(self) -> OrgRoot:
        """The top of the tree, and the policy types that are enabled on it."""
        # An organization has exactly one org root; the list is only a list in form.
        found = next(r for page in self._pages("ListRoots") for r in page["Roots"])
        return OrgRoot(
            found["Id"],
            frozenset(t["Type"] for t in found["PolicyTypes"] if t["Status"] == "ENABLED"),
        )

    def account_tags(self, account: AccountId) -> Mapping[str, str]:
        """`organizations:ListTagsForResource`: the tags of one account."""
        call = ApiCall("organizations", "ListTagsForResource", account=account)
        pages = self._read(call, {"ResourceId": account})
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    def trusted_access_enabled(self) -> bool:
        """Whether `iam.amazonaws.com` has trusted access in the organization."""
        return any(
            service["ServicePrincipal"] == IAM_PRINCIPAL
            for page in self._pages("ListAWSServiceAccessForOrganization")
            for service in page["EnabledServicePrincipals"]
        )

    def enable_trusted_access(self) -> Receipt:
        """`organizations:EnableAWSServiceAccess` for `iam.amazonaws.com`."""
        return self._change("EnableAWSServiceAccess", ServicePrincipal=IAM_PRINCIPAL)

    def disable_trusted_access(self) -> Receipt:
        """`organizations:DisableAWSServiceAccess` for `iam.amazonaws.com`."""
        return self._change("DisableAWSServiceAccess", ServicePrincipal=IAM_PRINCIPAL)

    def delegated_administrators(self) -> tuple[AccountId, ...]:
        """Accounts registered for `iam.amazonaws.com`."""
        return tuple(
            AccountId(administrator["Id"])
            for page in self._pages("ListDelegatedAdministrators", ServicePrincipal=IAM_PRINCIPAL)
            for administrator in page["DelegatedAdministrators"]
        )

    def register_delegated_administrator(self, account: AccountId) -> Receipt:
        """Register an account for `iam.amazonaws.com`."""
        return self._change(
            "RegisterDelegatedAdministrator", AccountId=account, ServicePrincipal=IAM_PRINCIPAL
        )

    def deregister_delegated_administrator(self, account: AccountId) -> Receipt:
        """Deregister an account for `iam.amazonaws.com`."""
        return self._change(
            "DeregisterDelegatedAdministrator", AccountId=account, ServicePrincipal=IAM_PRINCIPAL
        )

    def _described(self) -> "OrganizationTypeDef":
        call = ApiCall("organizations", "DescribeOrganization")
        client: OrganizationsClient = self._door.client(call)
        return self._door.send(call, client.describe_organization)["Organization"]

    def _units_below(self, parent_id: str, level: int = 1) -> Iterator[OrganizationalUnit]:
        """Units depth first, each before its children (rule card ORG-44)."""
        listed = self._pages("ListOrganizationalUnitsForParent", ParentId=parent_id)
        for unit in [unit for page in listed for unit in page["OrganizationalUnits"]]:
            yield OrganizationalUnit(unit["Id"], unit["Name"], parent_id)
            if level < _DEEPEST_LEVEL:
                yield from self._units_below(unit["Id"], level + 1)

    def _accounts(
        self, org_root: OrgRoot, units: tuple[OrganizationalUnit, ...]
    ) -> tuple[Account, ...]:
        listed = [account for page in self._pages("ListAccounts") for account in page["Accounts"]]
        placed = [(account, _parent_in_paths(account)) for account in listed]
        if any(parent is None for _, parent in placed):
            parent_of = self._parents((org_root.id, *(unit.id for unit in units)))
            placed = [(account, parent_of.get(account["Id"])) for account in listed]
        # WHY: an account without a parent left the organization between two calls.
        return tuple(_account(account, parent) for account, parent in placed if parent)

    def _parents(self, parent_ids: tuple[str, ...]) -> Mapping[str, str]:
        return {
            account["Id"]: parent_id
            for parent_id in parent_ids
            for page in self._pages("ListAccountsForParent", ParentId=parent_id)
            for account in page["Accounts"]
        }

    def _pages(self, operation: str, **parameters: str) -> Iterator[Page]:
        # WHY MaxResults: the default is the service's own business; fewer pages are fewer calls.
        return self._read(
            ApiCall("organizations", operation), {**parameters, "MaxResults": _LARGEST_PAGE}
        )

    def _read(self, call: ApiCall, parameters: Mapping[str, str | int]) -> Iterator[Page]:
        request = _method(self._door.client(call), call.operation)
        return every_page(lambda more: self._door.send(call, lambda: request(**parameters, **more)))

    def _change(self, operation: str, **parameters: str) -> Receipt:
        account = parameters.get("AccountId", "")
        call = ApiCall("organizations", operation, account=account, changes=True)
        request = _method(self._door.client(call), operation)
        return receipt_of(self._door.send(call, lambda: request(**parameters)))


# WHY Any: clients are made at run time; the operations here differ only in their names.
def _method(client: Any, operation: str) -> Any:  # noqa: ANN401 (see above)
    names: Mapping[str, str] = client.meta.method_to_api_mapping
    return getattr(client, next(method for method, api in names.items() if api == operation))


def _account(account: Mapping[str, Any], parent_id: str) -> Account:
    return Account(
        id=AccountId(account["Id"]),
        name=account.get("Name", ""),
        email=account.get("Email", ""),
        state=AccountState(account["State"]),
        parent_id=parent_id,
        joined_at=account.get("JoinedTimestamp"),
    )


def _parent_in_paths(account: Mapping[str, Any]) -> str | None:
    """The last unit or the org root in a path like `o-x/r-x/ou-x-1/ou-x-2/111122223333/`."""
    for path in account.get("Paths", ()):
        entities = [part for part in path.split("/") if part.startswith(("r-", "ou-"))]
        if entities:
            return str(entities[-1])
    return None
