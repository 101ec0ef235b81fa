"""Trusted access for services, and the accounts that administer them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rootsteward.domain.authorization import ContextValue
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.services.organizations import arns, shapes
from rootsteward.sandbox.services.organizations.accounts import find_account
from rootsteward.sandbox.services.organizations.operation import Audience, operation
from rootsteward.sandbox.services.organizations.paging import page
from rootsteward.sandbox.services.organizations.refusals import constraint, invalid_input, refusal
from rootsteward.sandbox.world.world import World

_SERVICE_SUFFIX = ".amazonaws.com"


def _context(_world: World, call: Call) -> Mapping[str, ContextValue]:
    service = call.params.get("ServicePrincipal")
    return {"organizations:ServicePrincipal": service} if service else {}


def _the_account(world: World, call: Call) -> Sequence[str]:
    return (arns.account_arn(world.organization, call.params["AccountId"]),)


# --- trusted access


def _enable_access(world: World, call: Call) -> Output:
    world.organization.services.trust(_service(call), world.now())
    return {}


def _disable_access(world: World, call: Call) -> Output:
    service = _service(call)
    if world.organization.services.delegates_of(service):
        raise constraint(
            "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
            "You have delegated administrator/s for this service. De-register them in order to "
            "disable service access.",
        )
    world.organization.services.distrust(service)
    return {}


def _list_access(world: World, call: Call) -> Output:
    def show(item: tuple[str, datetime]) -> shapes.Shown:
        return {"ServicePrincipal": item[0], "DateEnabled": item[1]}

    trusted = world.organization.services.trusted_since
    return page("EnabledServicePrincipals", sorted(trusted.items()), call, show)


# --- delegated administrators


def _register(world: World, call: Call) -> Output:
    organization, service = world.organization, _service(call)
    account = find_account(world, call.params["AccountId"])
    if account.id == organization.management_account_id:
        raise constraint(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register management account/yourself as delegated administrator for your "
            "organization.",
        )
    if account.state is not AccountState.ACTIVE:
        raise constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as delegated administrator.",
        )
    if not organization.services.is_trusted(service):
        raise constraint(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You must enable service access before you delegate an administrator for this "
            "service. Call the AWS API EnableAWSServiceAccess first.",
        )
    if organization.services.is_delegate(account.id, service):
        raise refusal(
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
        )
    # Rule card ROOT-15: as many as are wanted.
    organization.services.delegate(account.id, service, world.now())
    return {}


def _deregister(world: World, call: Call) -> Output:
    services, service = world.organization.services, _service(call)
    account = find_account(world, call.params["AccountId"])
    if not services.is_delegate(account.id, service):
        raise _not_registered()
    services.undelegate(account.id, service)
    return {}


def _list_delegates(world: World, call: Call) -> Output:
    organization = world.organization

    def show(item: tuple[Account, datetime]) -> shapes.Shown:
        account, registered_at = item
        return {
            **shapes.administrator(organization, account),
            "DelegationEnabledDate": registered_at,
        }

    delegates = _delegates(world, call.params.get("ServicePrincipal"))
    items = [(organization.accounts[account], at) for account, at in delegates.items()]
    return page("DelegatedAdministrators", items, call, show)


def _delegates(world: World, service: str | None) -> Mapping[AccountId, datetime]:
    """Delegates of a service, or of any, with the time of their first registration."""
    services = world.organization.services
    if service is not None:
        return services.delegates_of(service)
    return {
        account: min(at for _, at in services.delegations_of(account))
        for account in world.organization.accounts
        if services.is_delegate(account)
    }


def _list_delegations(world: World, call: Call) -> Output:
    account = find_account(world, call.params["AccountId"])

    def show(item: tuple[str, datetime]) -> shapes.Shown:
        return {"ServicePrincipal": item[0], "DelegationEnabledDate": item[1]}

    delegations = tuple(world.organization.services.delegations_of(account.id))
    if not delegations:
        raise _not_registered()
    return page("DelegatedServices", delegations, call, show)


def _not_registered() -> ServiceError:
    return refusal(
        "AccountNotRegisteredException",
        "The provided account is not a registered delegated administrator for your organization.",
    )


def _service(call: Call) -> str:
    service: str = call.params["ServicePrincipal"]
    if not service.endswith(_SERVICE_SUFFIX):
        raise invalid_input(
            "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal."
        )
    return service


DELEGATION_OPERATIONS: Operations = {
    "EnableAWSServiceAccess": operation("EnableAWSServiceAccess", _enable_access, context=_context),
    "DisableAWSServiceAccess": operation(
        "DisableAWSServiceAccess", _disable_access, context=_context
    ),
    "ListAWSServiceAccessForOrganization": operation(
        "ListAWSServiceAccessForOrganization", _list_access, audience=Audience.READERS
    ),
    "RegisterDelegatedAdministrator": operation(
        "RegisterDelegatedAdministrator", _register, resources=_the_account, context=_context
    ),
    "DeregisterDelegatedAdministrator": operation(
        "DeregisterDelegatedAdministrator", _deregister, resources=_the_account, context=_context
    ),
    "ListDelegatedAdministrators": operation(
        "ListDelegatedAdministrators",
        _list_delegates,
        audience=Audience.READERS,
        context=_context,
    ),
    "ListDelegatedServicesForAccount": operation(
        "ListDelegatedServicesForAccount",
        _list_delegations,
        resources=_the_account,
        audience=Audience.READERS,
    ),
}
