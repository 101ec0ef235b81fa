"""Deciding what to do about a resource that may be locked. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from rootsteward.domain.authorization import PolicyType
from rootsteward.domain.errors import InputError
from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.operations.record import digest
from rootsteward.operations.unlock import (
    Intention,
    LockedResource,
    Method,
    UnlockPlan,
    Wish,
)
from rootsteward.policy.lockout.certificate import Fate
from rootsteward.policy.lockout.mend import Mended, NotMended, Safety, mend
from rootsteward.policy.lockout.report import LockReport, LockState, examine
from rootsteward.policy.lockout.same import say_the_same
from rootsteward.policy.parse import parse_document
from rootsteward.policy.syntax_error import PolicySyntaxError


def make_plan(slug: str, resource: LockedResource, wish: Wish) -> UnlockPlan:
    """What would be done. Pure.

    Raises:
        InputError: a statement that was named is not there, or the replacement is no policy or
            locks everybody out again.
    """
    if wish.replacement is not None:
        _check_replacement(wish.replacement, resource)
    draft = _Draft(slug, resource)
    if isinstance(resource.policy, NotSeen):
        return draft.plan(Intention.CANNOT_SEE, resource.policy.detail)
    old = resource.policy.value
    if wish.replacement is not None:
        return _replaced(draft, old, wish.replacement)
    if old is None:
        return draft.plan(Intention.NOTHING_TO_DO, "it has no policy")
    report = examine(old, resource.protectee())
    if wish.method is Method.DELETE:
        return _deleted(draft, report, even_if_not_locked=wish.even_if_not_locked)
    guilty = _guilty(old, report, wish.statements)
    if not guilty:
        return _innocent(draft, report)
    return _edited(draft, old, report, guilty, wish.method)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A plan without its contents."""

    slug: str
    resource: LockedResource

    def plan(
        self,
        intention: Intention,
        reason: str,
        new_policy: str | None = None,
        *,
        explanation: tuple[str, ...] = (),
        changes: tuple[str, ...] = (),
        opens: tuple[str, ...] = (),
        proof: tuple[str, ...] = (),
        safety: Safety | None = None,
    ) -> UnlockPlan:
        unnamed = UnlockPlan(
            id="",
            slug=self.slug,
            resource=self.resource,
            intention=intention,
            new_policy=new_policy,
            reason=reason,
            explanation=explanation,
            changes=changes,
            opens=opens,
            proof=proof,
            safety=safety,
        )
        return replace(unnamed, id=plan_id(unnamed))


def plan_id(plan: UnlockPlan) -> str:
    """A plan's name, which follows from all that is in it; its own `id` does not matter."""
    resource, policy = plan.resource, plan.resource.policy
    return digest(
        {
            "operation": plan.slug,
            "account": resource.account,
            "resource": resource.arn,
            "handle": resource.handle,
            "seen": isinstance(policy, Seen),
            "old": policy.value if isinstance(policy, Seen) else policy.detail,
            "intention": plan.intention.value,
            "new": plan.new_policy,
            "reason": plan.reason,
            "explanation": list(plan.explanation),
            "changes": list(plan.changes),
            "opens": list(plan.opens),
            "proof": list(plan.proof),
            "safety": None if plan.safety is None else plan.safety.value,
        }
    )


def _replaced(draft: _Draft, old: str | None, replacement: str) -> UnlockPlan:
    if say_the_same(old, replacement):
        return draft.plan(Intention.NOTHING_TO_DO, "the policy already says so")
    explanation: tuple[str, ...] = ()
    if old is not None:
        explanation = examine(old, draft.resource.protectee()).lines()
    return draft.plan(
        Intention.REPLACE,
        "as given",
        replacement,
        explanation=explanation,
        changes=("put the given policy in its place",),
        opens=("whatever the given policy opens: nothing is proved about it",),
        safety=Safety.UNSAFE,
    )


def restored(slug: str, resource: LockedResource, text: str) -> UnlockPlan:
    """Put a kept text back. Pure; whether it locks is said, not judged."""
    draft = _Draft(slug, resource)
    if isinstance(resource.policy, NotSeen):
        return draft.plan(Intention.CANNOT_SEE, resource.policy.detail)
    if say_the_same(resource.policy.value, text):
        return draft.plan(Intention.NOTHING_TO_DO, "the policy already says so")
    report = examine(text, resource.protectee())
    return draft.plan(
        Intention.RESTORE,
        _warning(report),
        text,
        explanation=report.lines(),
        changes=("put the kept policy back",),
        opens=("whatever the kept policy opens: nothing is proved about it",),
        safety=Safety.UNSAFE,
    )


def _warning(report: LockReport) -> str:
    locks = "it locks the owner's account out again"
    return locks if report.state is LockState.LOCKED else "as kept"


def _deleted(draft: _Draft, report: LockReport, *, even_if_not_locked: bool) -> UnlockPlan:
    if report.state is LockState.NOT_LOCKED and not even_if_not_locked:
        return _innocent(draft, report)
    return draft.plan(
        Intention.DELETE,
        _reason(report),
        explanation=report.lines(),
        changes=("delete the whole policy",),
        opens=("whatever its Deny statements denied; what its Allow statements allowed is closed",),
        safety=Safety.UNSAFE,
    )


def _innocent(draft: _Draft, report: LockReport) -> UnlockPlan:
    """Nothing is known to be guilty: it is not locked, or nobody can tell."""
    if report.state is LockState.UNCLEAR:
        reason = f"no edit is certain: {report.problem}; replace or delete the policy"
        return draft.plan(Intention.NO_EDIT, reason, explanation=report.lines())
    return draft.plan(Intention.NOT_LOCKED, _reason(report), explanation=report.lines())


def _edited(
    draft: _Draft, old: str, report: LockReport, guilty: Collection[int], method: Method
) -> UnlockPlan:
    fate = {Method.NARROW: Fate.NARROW, Method.REMOVE: Fate.REMOVE}.get(method)
    mended = mend(old, draft.resource.protectee(), guilty, fate)
    explanation = report.lines()
    if isinstance(mended, NotMended):
        reason = f"no edit is certain: {mended.reason}; replace or delete the policy"
        return draft.plan(Intention.NO_EDIT, reason, explanation=explanation)
    if mended.after.state is not LockState.NOT_LOCKED:
        left = "; ".join(mended.after.lines()) or mended.after.problem
        reason = f"the policy would not be open afterwards: {left}"
        return draft.plan(Intention.NO_EDIT, reason, explanation=explanation)
    return edit_plan(draft.slug, draft.resource, report, mended)


def edit_plan(
    slug: str, resource: LockedResource, report: LockReport, mended: Mended
) -> UnlockPlan:
    """The plan for a proved edit; it follows from the old policy and the statements' fates."""
    return _Draft(slug, resource).plan(
        Intention.EDIT,
        _reason(report),
        mended.text,
        explanation=report.lines(),
        changes=_changes(mended),
        opens=mended.opens,
        proof=mended.proof,
        safety=mended.safety,
    )


def _changes(mended: Mended) -> tuple[str, ...]:
    if mended.text is not None:
        return mended.changes
    return (*mended.changes, "delete the policy, which has no statement left")


def _reason(report: LockReport) -> str:
    match report.state:
        case LockState.LOCKED:
            return "its policy locks the owner's account out"
        case LockState.UNCLEAR:
            return f"its policy cannot be read: {report.problem}"
        case LockState.NOT_LOCKED:
            return "administrators of the owner's account can mend its policy"


def _guilty(old: str, report: LockReport, named: Collection[str]) -> tuple[int, ...]:
    """The statements that were named, else those that lock."""
    if not named:
        locking = report.locking if report.state is LockState.LOCKED else ()
        return tuple(lock.by.statement_index or 0 for lock in locking)
    try:
        statements = parse_document(old, policy_type=PolicyType.RESOURCE).statements
    except PolicySyntaxError:
        return ()
    index_by_name = {s.sid: s.index for s in reversed(statements) if s.sid}
    index_by_name |= {str(s.index + 1): s.index for s in statements}
    for name in named:
        if name not in index_by_name:
            raise InputError(
                f"the policy has no statement `{name}`",
                help="name a statement by its number, from 1, or by its Sid",
            )
    return tuple(sorted({index_by_name[name] for name in named}))


def _check_replacement(text: str, resource: LockedResource) -> None:
    """A replacement must be a policy, and must not lock everybody out again."""
    try:
        document = parse_document(text, name="replacement", policy_type=PolicyType.RESOURCE)
    except PolicySyntaxError as error:
        raise InputError(
            f"the replacement policy is not one: {error.message}", help=error.help
        ) from None
    if not document.statements:
        raise InputError(
            "the replacement policy has no statement", help="delete the policy instead"
        )
    report = examine(text, resource.protectee())
    if report.state is LockState.LOCKED:
        raise InputError(
            f"the replacement policy locks everybody out again: {report.lines()[0]}",
            help="correct that statement",
        )
