"""Inline and attached policies of users and roles: the same calls under two names."""

from collections.abc import Callable
from urllib.parse import quote

from rootsteward.domain.authorization import ContextValue, NamedDocument, PolicyType
from rootsteward.sandbox.call import Call, Output, ServiceError
from rootsteward.sandbox.services.iam.document_rules import readable
from rootsteward.sandbox.services.iam.managed_policies import attachable_document
from rootsteward.sandbox.services.iam.paging import page
from rootsteward.sandbox.services.iam.policy_size import check_inline_size
from rootsteward.sandbox.services.iam.roles import role_operation
from rootsteward.sandbox.services.iam.subjects import (
    Subject,
    named_user,
    no_such_entity,
    user_operation,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.sandbox.world.world import World

Holder = IamUser | Role
_Handle = Callable[[World, Call, Holder], Output]
# SOURCE: IAM quotas, as a recorded account summary shows them.
_MOST_ATTACHED = {"user": 10, "role": 20}


def _kind(holder: Holder) -> str:
    return "user" if isinstance(holder, IamUser) else "role"


def _name_member(holder: Holder) -> dict[str, str]:
    return {"UserName" if isinstance(holder, IamUser) else "RoleName": holder.name}


# --- inline policies


def _list_inline(_world: World, call: Call, holder: Holder) -> Output:
    listed = page("PolicyNames", sorted(holder.inline), call.params, lambda name: {"name": name})
    # WHY: this list holds names, and pages are made of structures.
    return {**listed, "PolicyNames": [entry["name"] for entry in listed["PolicyNames"]]}


def _get_inline(_world: World, call: Call, holder: Holder) -> Output:
    policy = _inline(call, holder)
    return {
        **_name_member(holder),
        # WHY not `policy.name`: the request's own spelling comes back (rule card IAM-24).
        "PolicyName": call.params["PolicyName"],
        # WHY quoted: IAM sends documents percent-encoded, and clients decode them.
        "PolicyDocument": quote(policy.text, safe=""),
    }


def _put_inline(_world: World, call: Call, holder: Holder) -> Output:
    name = _kept_name(call, holder)
    text = readable(call.params["PolicyDocument"], PolicyType.IDENTITY)
    check_inline_size(holder, name, text)
    holder.inline[name] = NamedDocument(name, text)
    return {}


def _delete_inline(_world: World, call: Call, holder: Holder) -> Output:
    del holder.inline[_inline(call, holder).name]
    return {}


def _inline(call: Call, holder: Holder) -> NamedDocument:
    policy = holder.inline.get(_kept_name(call, holder))
    if policy is None:
        name = call.params["PolicyName"]
        raise no_such_entity(f"The {_kind(holder)} policy with name {name} cannot be found.")
    return policy


def _kept_name(call: Call, holder: Holder) -> str:
    """The name of the policy as it was first given; case makes no difference."""
    name: str = call.params["PolicyName"]
    return next((kept for kept in holder.inline if kept.casefold() == name.casefold()), name)


# --- attached policies


def _list_attached(_world: World, call: Call, holder: Holder) -> Output:
    def show(arn: str) -> dict[str, str]:
        return {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}

    return page("AttachedPolicies", sorted(holder.managed), call.params, show)


def _attach(world: World, call: Call, holder: Holder) -> Output:
    policy = attachable_document(world, call)
    most = _MOST_ATTACHED[_kind(holder)]
    if policy.name not in holder.managed and len(holder.managed) >= most:
        name = f"PoliciesPer{_kind(holder).capitalize()}"
        raise ServiceError("LimitExceeded", f"Cannot exceed quota for {name}: {most}", 409)
    holder.managed[policy.name] = policy
    return {}


def _detach(_world: World, call: Call, holder: Holder) -> Output:
    arn = call.params["PolicyArn"]
    if arn not in holder.managed:
        raise no_such_entity(f"Policy {arn} was not found.")
    del holder.managed[arn]
    return {}


def _of_a_user(name: str, handle: _Handle) -> Operation:
    def run(world: World, call: Call, subject: Subject) -> Output:
        return handle(world, call, named_user(subject))

    return user_operation(name, run, context=_policy_context)


def _of_a_role(name: str, handle: _Handle) -> Operation:
    return role_operation(name, handle, context=_policy_context)


def _policy_context(call: Call) -> dict[str, ContextValue]:
    """`iam:PolicyARN` of the policy that is attached or detached."""
    return {"iam:PolicyARN": call.params["PolicyArn"]} if "PolicyArn" in call.params else {}


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
