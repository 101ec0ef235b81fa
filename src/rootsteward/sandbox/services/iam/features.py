"""The five calls that show and switch the features of centralized root access.

Rule card ROOT-11 has their order of checks and the words of their errors.
"""

from collections.abc import Callable, Sequence

from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.root_access import IAM_SERVICE, RootFeatures
from rootsteward.sandbox.world.world import World

_Change = Callable[[RootFeatures], None]


def _operation(name: str, change: _Change, *, management_only: bool = False) -> Operation:
    def needs(_world: World, call: Call) -> Sequence[Need]:
        return (Need(f"iam:{name}", "*", call.caller.account),)

    def handle(world: World, call: Call) -> Output:
        _check_standing(world, call, management_only=management_only)
        change(world.organization.root_features)
        return {
            "OrganizationId": world.organization.id,
            "EnabledFeatures": list(world.organization.root_features.listed()),
        }

    return Operation(needs, handle)


def _check_standing(world: World, call: Call, *, management_only: bool) -> None:
    organization, account = world.organization, call.caller.account
    if account not in organization.accounts:
        raise ServiceError(
            "OrganizationNotFoundException",
            f"Organization not found for input account {account}.",
        )
    is_management = account == organization.management_account_id
    if management_only and not is_management:
        raise ServiceError(
            "CallerIsNotManagementAccountException",
            f"Caller account {account} is not management account of the organization and cannot "
            "enable IAM features.",
        )
    if not (is_management or organization.services.is_delegate(account, IAM_SERVICE)):
        raise ServiceError(
            "AccountNotManagementOrDelegatedAdministratorException",
            f"Input account {account} is neither management account nor delegated admin.",
        )
    if not organization.services.is_trusted(IAM_SERVICE):
        raise ServiceError(
            "ServiceAccessNotEnabledException",
            f"Trusted Access for IAM not enabled by organization of input account {account}.",
        )


def _look(_features: RootFeatures) -> None:
    """Change nothing."""


def _enable(name: str, feature: RootFeature) -> Operation:
    return _operation(name, lambda features: features.enable(feature), management_only=True)


def _disable(name: str, feature: RootFeature) -> Operation:
    return _operation(name, lambda features: features.disable(feature))


FEATURE_OPERATIONS: Operations = {
    "ListOrganizationsFeatures": _operation("ListOrganizationsFeatures", _look),
    "EnableOrganizationsRootCredentialsManagement": _enable(
        "EnableOrganizationsRootCredentialsManagement", RootFeature.CREDENTIALS_MANAGEMENT
    ),
    "DisableOrganizationsRootCredentialsManagement": _disable(
        "DisableOrganizationsRootCredentialsManagement", RootFeature.CREDENTIALS_MANAGEMENT
    ),
    "EnableOrganizationsRootSessions": _enable(
        "EnableOrganizationsRootSessions", RootFeature.SESSIONS
    ),
    "DisableOrganizationsRootSessions": _disable(
        "DisableOrganizationsRootSessions", RootFeature.SESSIONS
    ),
}
