"""Long-term access keys of root and IAM users."""

from collections.abc import Sequence
from typing import Any

from rootsteward.domain.identifiers import root_user_arn
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.subjects import Subject, no_such_entity, user_operation
from rootsteward.sandbox.services.iam.tag_rules import invalid_input
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.credentials import AccessKeyRecord
from rootsteward.sandbox.world.identities import IamUser
from rootsteward.sandbox.world.root_users import MAX_ACCESS_KEYS
from rootsteward.sandbox.world.world import World

_NEVER = "N/A"


def _list(_world: World, call: Call, subject: Subject) -> Output:
    def show(key: AccessKeyRecord) -> dict[str, Any]:
        return {
            **subject.name_members,
            "AccessKeyId": key.id,
            "Status": "Active" if key.active else "Inactive",
            "CreateDate": key.created_at,
        }

    return page(
        "AccessKeyMetadata", tuple(subject.holdings.access_keys.values()), call.params, show
    )


def _create(world: World, _call: Call, subject: Subject) -> Output:
    if len(subject.holdings.access_keys) >= MAX_ACCESS_KEYS:
        raise ServiceError(
            "LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {MAX_ACCESS_KEYS}", 409
        )
    secret = Secret(ids.secret_access_key(world.random))
    key = AccessKeyRecord(ids.long_term_key_id(world.random), secret, world.now())
    if subject.user is None:
        world.root_users.add_access_key(subject.account, key)
    else:
        world.identities.add_key(subject.user, key)
    shown = {
        **subject.name_members,
        "AccessKeyId": key.id,
        "Status": "Active",
        "SecretAccessKey": secret.reveal(),
        "CreateDate": key.created_at,
    }
    return {"AccessKey": shown}


def _update(_world: World, call: Call, subject: Subject) -> Output:
    key = subject.holdings.access_keys.get(call.params["AccessKeyId"])
    if key is None:
        raise _not_found(call.params["AccessKeyId"])
    if call.params["Status"] == "Expired":
        # Rule card IAM-25: the model has it, and nobody can set it.
        raise invalid_input("Status must be Active or Inactive.")
    key.active = call.params["Status"] == "Active"
    return {}


def _delete(world: World, call: Call, subject: Subject) -> Output:
    key_id = call.params["AccessKeyId"]
    if key_id not in subject.holdings.access_keys:
        raise _not_found(key_id)
    if subject.user is None:
        world.root_users.remove_access_key(subject.account, key_id)
    else:
        world.identities.remove_key(subject.user, key_id)
    return {}


def _last_used_needs(world: World, call: Call) -> Sequence[Need]:
    """The resource is the key's owner, whoever asks (rule card IAM-01)."""
    found = _owner_and_key(world, call)
    owner = None if found is None else found[0]
    resource = root_user_arn(call.caller.account) if owner is None else owner.arn
    shown_as = "" if owner is None else f"user {owner.name}"
    return (Need("iam:GetAccessKeyLastUsed", resource, call.caller.account, shown_as=shown_as),)


def _last_used(world: World, call: Call) -> Output:
    found = _owner_and_key(world, call)
    if found is None:
        raise _not_found(call.params["AccessKeyId"])
    owner, key = found
    used: dict[str, Any] = {
        "ServiceName": key.last_used_service or _NEVER,
        "Region": key.last_used_region or _NEVER,
    }
    if key.last_used_at is not None:
        used["LastUsedDate"] = key.last_used_at
    name = {} if owner is None else {"UserName": owner.name}
    return {**name, "AccessKeyLastUsed": used}


def _owner_and_key(world: World, call: Call) -> tuple[IamUser | None, AccessKeyRecord] | None:
    """The key of an id in the caller's account; the owner is None for the root user."""
    key_id, account = call.params["AccessKeyId"], call.caller.account
    root_key = world.root_users.of(account).holdings.access_keys.get(key_id)
    if root_key is not None:
        return None, root_key
    found = world.identities.find_key(key_id)
    return found if found is not None and found[0].account == account else None


def _not_found(key_id: str) -> ServiceError:
    return no_such_entity(f"The Access Key with id {key_id} cannot be found.")


ACCESS_KEY_OPERATIONS: Operations = {
    "CreateAccessKey": user_operation("CreateAccessKey", _create),
    "UpdateAccessKey": user_operation("UpdateAccessKey", _update),
    "ListAccessKeys": user_operation("ListAccessKeys", _list),
    "DeleteAccessKey": user_operation("DeleteAccessKey", _delete),
    "GetAccessKeyLastUsed": Operation(_last_used_needs, _last_used),
}
