"""MFA devices of root and IAM users (rule card IAM-23)."""

from typing import Any

from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.subjects import Subject, no_such_entity, user_operation
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.world.credentials import MfaRecord
from rootsteward.sandbox.world.world import World


def check_own_devices(world: World, call: Call, subject: Subject) -> None:
    """Refuse a user with a device who changes its own devices without one.

    LIMIT: the sandbox has no `GetSessionToken`, so nobody is authenticated with one.

    Raises:
        ServiceError: `AccessDenied`.
    """
    signer = world.identities.find_key(call.caller.access_key_id)
    if subject.user is None or not subject.holdings.mfa_devices or signer is None:
        return
    if signer[0] is subject.user:
        raise ServiceError(
            "AccessDenied",
            "To complete this action, please ensure that you are authenticated with an MFA device "
            "that is enabled for this user.",
            403,
        )


def _list(_world: World, call: Call, subject: Subject) -> Output:
    def show(device: MfaRecord) -> dict[str, Any]:
        return {
            **subject.name_members,
            "SerialNumber": device.serial,
            "EnableDate": device.enabled_at,
        }

    return page("MFADevices", tuple(subject.holdings.mfa_devices.values()), call.params, show)


def _deactivate(world: World, call: Call, subject: Subject) -> Output:
    serial = call.params["SerialNumber"]
    check_own_devices(world, call, subject)
    if subject.holdings.mfa_devices.pop(serial, None) is None:
        raise no_such_entity("MFA Device invalid for user.")
    if ":mfa/" in serial:
        # WHY: a virtual device is an object of its own and stays until it is deleted (ROOT-09).
        world.virtual_devices.release(subject.account, serial)
    return {}


MFA_OPERATIONS: Operations = {
    "ListMFADevices": user_operation("ListMFADevices", _list),
    "DeactivateMFADevice": user_operation("DeactivateMFADevice", _deactivate),
}
