"""Virtual MFA devices: made, listed, enabled, deleted (rule cards IAM-18 and IAM-23)."""

from collections.abc import Iterator, Sequence
from typing import Any

from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.iam.holders import delete_conflict, exists_already
from rootsteward.sandbox.services.iam.mfa_devices import check_own_devices
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.subjects import Subject, no_such_entity, user_operation
from rootsteward.sandbox.services.iam.tag_rules import (
    read_tags,
    request_tags_context,
    shown_tags,
)
from rootsteward.sandbox.services.iam.users import listed_user
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.credentials import Holdings, MfaRecord
from rootsteward.sandbox.world.root_users import MAX_MFA_DEVICES
from rootsteward.sandbox.world.world import World

_VIRTUAL = ":mfa/"


def _create_needs(_world: World, call: Call) -> Sequence[Need]:
    context = request_tags_context(call.params)
    actions = ("CreateVirtualMFADevice", *(["TagMFADevice"] if call.params.get("Tags") else []))
    return tuple(
        Need(f"iam:{action}", _serial(call), call.caller.account, context=context)
        for action in actions
    )


def _serial(call: Call) -> str:
    path, name = call.params.get("Path", "/"), call.params["VirtualMFADeviceName"]
    return f"arn:aws:iam::{call.caller.account}:mfa{path}{name}"


def _create(world: World, call: Call) -> Output:
    """LIMIT: there is no picture of the seed to scan, and the tags are only shown, not kept."""
    account, serial = call.caller.account, _serial(call)
    if serial in dict(_devices(world, account)):
        raise exists_already("MFA device already exists.")
    tags = read_tags(call.params)
    seed = ids.mfa_seed(world.random)
    world.virtual_devices.make(account, serial, Secret(seed))
    shown = {"SerialNumber": serial, "Base32StringSeed": seed.encode()}
    return {"VirtualMFADevice": {**shown, **({"Tags": shown_tags(tags)} if tags else {})}}


def _devices(world: World, account: AccountId) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every virtual device of an account by serial number, with what is listed of it besides."""
    root_user = {"UserId": account, "Arn": root_user_arn(account)}
    yield from _held(world.root_users.of(account).holdings, root_user)
    for user in world.identities.users_in(account):
        yield from _held(user.holdings, listed_user(user))
    for serial in world.virtual_devices.unassigned(account):
        yield serial, {}


def _held(holdings: Holdings, owner: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for device in holdings.mfa_devices.values():
        if _VIRTUAL in device.serial:
            yield device.serial, {"User": owner, "EnableDate": device.enabled_at}


def _list_needs(_world: World, call: Call) -> Sequence[Need]:
    arn = f"arn:aws:iam::{call.caller.account}:mfa/"
    return (Need("iam:ListVirtualMFADevices", arn, call.caller.account),)


def _list(world: World, call: Call) -> Output:
    wanted = call.params.get("AssignmentStatus", "Any")
    devices = [
        {"SerialNumber": serial, **shown}
        for serial, shown in _devices(world, call.caller.account)
        if wanted in {"Any", "Assigned" if shown else "Unassigned"}
    ]
    return page("VirtualMFADevices", devices, call.params, lambda device: device)


def _enable(world: World, call: Call, subject: Subject) -> Output:
    params, devices, serial = call.params, world.virtual_devices, call.params["SerialNumber"]
    check_own_devices(world, call, subject)
    if serial in subject.holdings.mfa_devices:
        raise exists_already(f"MFA Device for user {subject.shown_name} already exists.")
    if not devices.is_unassigned(subject.account, serial):
        taken = serial in dict(_devices(world, subject.account))
        raise exists_already("MFA Device is already in use.") if taken else _absent(serial)
    if len(subject.holdings.mfa_devices) >= MAX_MFA_DEVICES:
        raise ServiceError(
            "LimitExceeded", f"Cannot exceed quota for MFADevicesPerUser: {MAX_MFA_DEVICES}", 409
        )
    codes = (params["AuthenticationCode1"], params["AuthenticationCode2"])
    if not devices.accepts(subject.account, serial, codes, world.now()):
        raise ServiceError(
            "InvalidAuthenticationCode", "Authentication code for device is not valid.", 403
        )
    devices.assign(subject.account, serial)
    subject.holdings.mfa_devices[serial] = MfaRecord(serial, world.now())
    return {}


def _delete_needs(_world: World, call: Call) -> Sequence[Need]:
    # WHY its own ARN: that is why no task policy lets a root session do it (rule card TASK-01).
    return (Need("iam:DeleteVirtualMFADevice", call.params["SerialNumber"], call.caller.account),)


def _delete(world: World, call: Call) -> Output:
    account, serial = call.caller.account, call.params["SerialNumber"]
    if world.virtual_devices.is_unassigned(account, serial):
        world.virtual_devices.remove(account, serial)
        return {}
    if serial in dict(_devices(world, account)):
        raise delete_conflict("MFA VirtualDevice in use. Must deactivate first.")
    raise _absent(serial)


def _absent(serial: str) -> ServiceError:
    return no_such_entity(f"VirtualMFADevice with serial number {serial} doesn't exist.")


VIRTUAL_DEVICE_OPERATIONS: Operations = {
    "CreateVirtualMFADevice": Operation(_create_needs, _create),
    "DeleteVirtualMFADevice": Operation(_delete_needs, _delete),
    "EnableMFADevice": user_operation("EnableMFADevice", _enable),
    "ListVirtualMFADevices": Operation(_list_needs, _list),
}
