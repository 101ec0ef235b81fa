"""MFA devices of root and IAM users."""

from typing import Any

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.subjects import Subject, no_such_entity, user_operation
from rootsteward.sandbox.services.operation import Operations
from rootsteward.sandbox.world.credentials import MfaRecord
from rootsteward.sandbox.world.world import World


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
    if subject.holdings.mfa_devices.pop(serial, None) is None:
        raise no_such_entity(f"MFA Device with serial number {serial} cannot be found.")
    if ":mfa/" in serial:
        # WHY: a virtual device is an object of its own and stays until it is deleted (ROOT-09).
        world.virtual_devices.release(subject.account, serial)
    return {}


MFA_OPERATIONS: Operations = {
    "ListMFADevices": user_operation("ListMFADevices", _list),
    "DeactivateMFADevice": user_operation("DeactivateMFADevice", _deactivate),
}
