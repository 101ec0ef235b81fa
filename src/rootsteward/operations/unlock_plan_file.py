"""Unlock plans as JSON: written to a file, reviewed, and read back. Pure; no secrets in it.

Reading is strict. What can be worked out is not believed: the id, the proof of an edit and what the
old policy is said to do must be what they would be if the plan were made anew.
"""

from dataclasses import fields as fields_of

from rootsteward.domain.errors import InputError
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Observation, Seen
from rootsteward.operations.json_fields import (
    FieldError,
    Fields,
    account_id,
    list_of,
    one_of,
    optional,
    text,
)
from rootsteward.operations.record import blamed_as_json, blamed_from_json
from rootsteward.operations.unlock import (
    Intention,
    LockedResource,
    ResourceKind,
    UnlockPlan,
)
from rootsteward.operations.unlock_planning import edit_plan, plan_id
from rootsteward.policy.lockout.certificate import NoCertificate, certify
from rootsteward.policy.lockout.mend import NotMended, Safety, mend_as
from rootsteward.policy.lockout.report import examine
from rootsteward.policy.lockout.same import say_the_same
from rootsteward.ports.journal import JsonValue

_PLAN_FIELDS = frozenset(field.name for field in fields_of(UnlockPlan))
_RESOURCE_FIELDS = frozenset(field.name for field in fields_of(LockedResource))
_SEEN_FIELDS = frozenset({"seen"})
_NOT_SEEN_FIELDS = frozenset({"not_seen", "detail", "help", "blamed"})
_SLUGS = frozenset({"unlock-bucket", "unlock-queue", "unlock-restore"})
# What an edit's plan says about itself, which follows from the two policies.
_FOLLOWING = ("reason", "explanation", "changes", "opens", "proof", "safety")
_texts = list_of(text)


def plan_as_json(plan: UnlockPlan) -> dict[str, JsonValue]:
    """A plan as JSON."""
    return {
        "id": plan.id,
        "slug": plan.slug,
        "resource": _resource_as_json(plan.resource),
        "intention": plan.intention.value,
        "new_policy": plan.new_policy,
        "reason": plan.reason,
        "explanation": list(plan.explanation),
        "changes": list(plan.changes),
        "opens": list(plan.opens),
        "proof": list(plan.proof),
        "safety": None if plan.safety is None else plan.safety.value,
    }


def plan_from_json(value: object) -> UnlockPlan:
    """The plan that JSON holds.

    Raises:
        InputError: naming the field that is missing, wrong, unknown, or does not follow from the
            others.
    """
    try:
        plan = _plan(value)
        _check(plan)
    except FieldError as error:
        raise InputError(
            f"unlock plan: field `{error.place}` {error.problem}"
            if error.place
            else f"unlock plan {error.problem}",
            help="make the plan again; a plan is not edited by hand",
        ) from None
    return plan


def _resource_as_json(resource: LockedResource) -> dict[str, JsonValue]:
    return {
        "kind": resource.kind.value,
        "account": str(resource.account),
        "name": resource.name,
        "where": resource.where,
        "handle": resource.handle,
        "arn": resource.arn,
        "policy": _policy_as_json(resource.policy),
    }


def _policy_as_json(policy: Observation[str | None]) -> dict[str, JsonValue]:
    if isinstance(policy, NotSeen):
        return {
            "not_seen": policy.reason.value,
            "detail": policy.detail,
            "help": policy.help,
            "blamed": [blamed_as_json(by) for by in policy.blamed],
        }
    return {"seen": policy.value}


def _plan(value: object) -> UnlockPlan:
    fields = _exactly(value, _PLAN_FIELDS)
    return UnlockPlan(
        id=fields.read("id", text),
        slug=fields.read("slug", text),
        resource=fields.read("resource", _resource),
        intention=fields.read("intention", one_of(Intention)),
        new_policy=fields.read("new_policy", optional(text)),
        reason=fields.read("reason", text),
        explanation=fields.read("explanation", _texts),
        changes=fields.read("changes", _texts),
        opens=fields.read("opens", _texts),
        proof=fields.read("proof", _texts),
        safety=fields.read("safety", optional(one_of(Safety))),
    )


def _resource(value: object) -> LockedResource:
    fields = _exactly(value, _RESOURCE_FIELDS)
    return LockedResource(
        kind=fields.read("kind", one_of(ResourceKind)),
        account=fields.read("account", account_id),
        name=fields.read("name", text),
        where=fields.read("where", text),
        handle=fields.read("handle", text),
        arn=fields.read("arn", text),
        policy=fields.read("policy", _policy),
    )


def _policy(value: object) -> Observation[str | None]:
    fields = Fields(value)
    if "seen" in fields:
        return Seen(_exactly(value, _SEEN_FIELDS).read("seen", optional(text)), Basis.LISTED)
    fields = _exactly(value, _NOT_SEEN_FIELDS)
    return NotSeen(
        reason=fields.read("not_seen", one_of(NotSeenReason)),
        detail=fields.read("detail", text),
        help=fields.read("help", text),
        blamed=fields.read("blamed", list_of(blamed_from_json)),
    )


def _exactly(value: object, names: frozenset[str]) -> Fields:
    """An object with these fields and no others.

    Raises:
        FieldError: for a field that nobody knows; a missing one is found when it is read.
    """
    fields = Fields(value)
    for name in value if isinstance(value, dict) else ():
        if name not in names:
            raise FieldError("is not known", str(name))
    return fields


def _check(plan: UnlockPlan) -> None:
    """What a plan says of itself must follow from what it would do to what."""
    if plan.slug not in _SLUGS:
        raise FieldError("is none of " + ", ".join(sorted(_SLUGS)), "slug")
    if not _is_at_home(plan.resource):
        raise FieldError("is not that of the account, name and Region beside it", "resource.arn")
    if plan.id != plan_id(plan):
        raise FieldError("does not follow from the rest of the plan", "id")
    if plan.intention.acts and isinstance(plan.resource.policy, NotSeen):
        raise FieldError("was not seen, so nothing can be planned for it", "resource.policy")
    if plan.intention is Intention.DELETE and plan.new_policy is not None:
        raise FieldError("is there, although the policy would be deleted", "new_policy")
    if plan.intention is Intention.EDIT:
        _check_edit(plan)


def _check_edit(plan: UnlockPlan) -> None:
    """An edit carries a proof: it is made again, and must come out the same."""
    old, owner = plan.old_policy, plan.resource.account
    if old is None:
        raise FieldError("has nothing to edit", "resource.policy")
    proof = certify(old, plan.new_policy, owner)
    if isinstance(proof, NoCertificate):
        raise FieldError(f"is no proved edit of the old policy: {proof.reason}", "new_policy")
    resource = plan.resource.protectee()
    mended = mend_as(old, resource, proof.fates)
    if isinstance(mended, NotMended):
        raise FieldError(f"is no edit of ours: {mended.reason}", "new_policy")
    anew = edit_plan(plan.slug, plan.resource, examine(old, resource), mended)
    if not say_the_same(anew.new_policy, plan.new_policy):
        raise FieldError("is not what the edit makes of the old policy", "new_policy")
    for name in _FOLLOWING:
        if getattr(anew, name) != getattr(plan, name):
            raise FieldError("does not follow from the edit", name)


def _is_at_home(resource: LockedResource) -> bool:
    """Whether the ARN is that of the account, name and Region beside it."""
    if resource.kind is ResourceKind.BUCKET:
        return resource.arn.endswith(f":s3:::{resource.name}") and resource.handle == resource.name
    home = f":sqs:{resource.where}:{resource.account}:{resource.name}"
    path = f"/{resource.account}/{resource.name}"
    return resource.arn.endswith(home) and (not resource.handle or resource.handle.endswith(path))
