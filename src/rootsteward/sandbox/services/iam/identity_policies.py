"""Inline and attached policies of users and roles: the same calls under two names."""

from collections.abc import Callable
from urllib.parse import quote

from rootsteward.domain.authorization import NamedDocument, PolicyType
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.iam.holders import readable
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.roles import role_operation
from rootsteward.sandbox.services.iam.subjects import Subject, no_such_entity, user_operation
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, IamUser, Role
from rootsteward.sandbox.world.world import World

Holder = IamUser | Role
_Handle = Callable[[Call, Holder], Output]


def _kind(holder: Holder) -> str:
    return "user" if isinstance(holder, IamUser) else "role"


def _name_member(holder: Holder) -> dict[str, str]:
    return {"UserName" if isinstance(holder, IamUser) else "RoleName": holder.name}


# --- inline policies


def _list_inline(call: Call, holder: Holder) -> Output:
    listed = page("PolicyNames", sorted(holder.inline), call.params, lambda name: {"name": name})
    # WHY: this list holds names, and pages are made of structures.
    return {**listed, "PolicyNames": [entry["name"] for entry in listed["PolicyNames"]]}


def _get_inline(call: Call, holder: Holder) -> Output:
    policy = _inline(call, holder)
    return {
        **_name_member(holder),
        "PolicyName": policy.name,
        # WHY quoted: IAM sends documents percent-encoded, and clients decode them.
        "PolicyDocument": quote(policy.text, safe=""),
    }


def _put_inline(call: Call, holder: Holder) -> Output:
    name = call.params["PolicyName"]
    text = readable(call.params["PolicyDocument"], PolicyType.IDENTITY)
    holder.inline[name] = NamedDocument(name, text)
    return {}


def _delete_inline(call: Call, holder: Holder) -> Output:
    del holder.inline[_inline(call, holder).name]
    return {}


def _inline(call: Call, holder: Holder) -> NamedDocument:
    name = call.params["PolicyName"]
    policy = holder.inline.get(name)
    if policy is None:
        raise no_such_entity(f"The {_kind(holder)} policy with name {name} cannot be found.")
    return policy


# --- attached policies


def _list_attached(call: Call, holder: Holder) -> Output:
    def show(arn: str) -> dict[str, str]:
        return {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}

    return page("AttachedPolicies", sorted(holder.managed), call.params, show)


def _attach(call: Call, holder: Holder) -> Output:
    policy = known_managed_policy(call.params["PolicyArn"])
    holder.managed[policy.name] = policy
    return {}


def _detach(call: Call, holder: Holder) -> Output:
    arn = call.params["PolicyArn"]
    if arn not in holder.managed:
        raise no_such_entity(f"Policy {arn} was not found.")
    del holder.managed[arn]
    return {}


def known_managed_policy(arn: str) -> NamedDocument:
    """A managed policy whose document the sandbox has.

    Raises:
        ServiceError: `NoSuchEntity`, or a plain refusal for policies of AWS that the sandbox
            does not have.
    """
    if arn == ADMINISTRATOR_ACCESS.name:
        return ADMINISTRATOR_ACCESS
    if ":iam::aws:policy/" in arn:
        raise ServiceError(
            "NotImplemented",
            f"the sandbox has one managed policy to attach, {ADMINISTRATOR_ACCESS.name}, not {arn}",
        )
    raise no_such_entity(f"Policy {arn} does not exist or is not attachable.")


def _of_a_user(name: str, handle: _Handle) -> Operation:
    def run(_world: World, call: Call, subject: Subject) -> Output:
        if subject.user is None:
            raise ServiceError("ValidationError", "Must specify userName")
        return handle(call, subject.user)

    return user_operation(name, run)


def _of_a_role(name: str, handle: _Handle) -> Operation:
    return role_operation(name, lambda _world, call, role: handle(call, role))


_NAMES: tuple[tuple[str, _Handle], ...] = (
    ("List{}Policies", _list_inline),
    ("Get{}Policy", _get_inline),
    ("Put{}Policy", _put_inline),
    ("Delete{}Policy", _delete_inline),
    ("ListAttached{}Policies", _list_attached),
    ("Attach{}Policy", _attach),
    ("Detach{}Policy", _detach),
)

IDENTITY_POLICY_OPERATIONS: Operations = {
    **{name.format("User"): _of_a_user(name.format("User"), do) for name, do in _NAMES},
    **{name.format("Role"): _of_a_role(name.format("Role"), do) for name, do in _NAMES},
}
