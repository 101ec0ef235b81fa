"""Unlocking a resource by its policy: the facts and the plan that buckets and queues share.

Decides; acts on nothing. The acting is `unlocking`; the verbs are `unlock_bucket`, `unlock_queue`
and `unlock_restore`.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.errors import (
    AccessDeniedError,
    InputError,
    RootstewardError,
    SessionExpiredError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import Basis, NotSeen, Observation, Seen
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import not_seen, outcome_of_unseen
from rootsteward.operations.record import digest
from rootsteward.operations.root_session_work import in_root_session
from rootsteward.policy.lockout.certificate import Fate
from rootsteward.policy.lockout.mend import NOTHING_LEFT, Mended, NotMended, Safety, mend
from rootsteward.policy.lockout.report import LockReport, LockState, Protectee, examine
from rootsteward.policy.lockout.same import say_the_same
from rootsteward.policy.parse import parse_document
from rootsteward.policy.repair.repair import unified_diff
from rootsteward.policy.syntax_error import PolicySyntaxError
from rootsteward.ports.aws_gateway import RootSessions

T = TypeVar("T")


class ResourceKind(StrEnum):
    """What can be unlocked."""

    BUCKET = "bucket"
    QUEUE = "queue"

    @property
    def task(self) -> TaskPolicy:
        """The task policy of the root session that unlocks it."""
        unlocks = {"bucket": TaskPolicy.UNLOCK_BUCKET, "queue": TaskPolicy.UNLOCK_QUEUE}
        return unlocks[self.value]


_MENDING_ACTIONS = {
    ResourceKind.BUCKET: ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    ResourceKind.QUEUE: ("sqs:SetQueueAttributes",),
}
# LIMIT: a root session may not read a bucket's access control list (rule card S3-41).
_UNSEEN_GRANTS = {
    ResourceKind.BUCKET: "the bucket's access control list, which a root session cannot read,",
    ResourceKind.QUEUE: "",
}


class Method(StrEnum):
    """How to unlock. `EDIT` removes or narrows the guilty statements, whichever opens least."""

    EDIT = "edit"
    NARROW = "narrow"
    REMOVE = "remove"
    REPLACE = "replace"
    DELETE = "delete"


class Intention(StrEnum):
    """What the plan has in mind for the resource."""

    EDIT = "edit"
    REPLACE = "replace"
    DELETE = "delete"
    RESTORE = "restore"
    NOTHING_TO_DO = "nothing to do"
    NOT_LOCKED = "not locked"
    NO_EDIT = "no certain edit"
    CANNOT_SEE = "cannot see"

    @property
    def acts(self) -> bool:
        """Whether anything would be changed."""
        return self in _ACTING


_ACTING = frozenset({Intention.EDIT, Intention.REPLACE, Intention.DELETE, Intention.RESTORE})


@dataclass(frozen=True, slots=True)
class LockedResource:
    """The facts: the resource and its policy's text, None when it has none.

    `where` is the Region, empty where nobody needs to know a bucket's; `name` what people call it;
    `handle` what the API wants, a bucket's name or a queue's URL.
    """

    kind: ResourceKind
    account: AccountId
    name: str
    where: str
    handle: str
    arn: str
    policy: Observation[str | None]

    def protectee(self) -> Protectee:
        """The resource as the examination of its policy takes it."""
        kind = self.kind
        return Protectee(self.arn, self.account, _MENDING_ACTIONS[kind], _UNSEEN_GRANTS[kind])


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. `replacement` is the text of the method `REPLACE`.

    `statements` are numbers from 1 or Sids; when there are any, they are the guilty ones.
    `even_if_not_locked` lets `DELETE` take a policy away that locks nobody out.
    """

    method: Method = Method.EDIT
    replacement: str | None = None
    statements: tuple[str, ...] = ()
    even_if_not_locked: bool = False


DEFAULT_WISH = Wish()


@dataclass(frozen=True, slots=True)
class UnlockPlan:
    """What would happen to one resource. `new_policy` is None when the policy would go.

    Lines of English: `explanation` has one per statement that concerns the mending calls,
    `changes` what is done, `opens` what that opens to whom, `proof` why nothing else changes
    (empty where nothing is proved). `safety` is None where nothing is done.
    """

    id: str
    slug: str
    resource: LockedResource
    intention: Intention
    new_policy: str | None
    reason: str
    explanation: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()
    safety: Safety | None = None

    @property
    def old_policy(self) -> str | None:
        """The policy that the plan was made for; None too when it was not seen."""
        policy = self.resource.policy
        return policy.value if isinstance(policy, Seen) else None

    @property
    def diff(self) -> str:
        """What would change, as a unified diff; a policy on one line is laid out first."""
        if not self.intention.acts:
            return ""
        old, new = self.old_policy or "", self.new_policy or ""
        if "\n" not in old.strip():
            old, new = _laid_out(old), _laid_out(new)
        return unified_diff(old, new, self.resource.name)


@dataclass(frozen=True, slots=True)
class UnlockResult:
    """How it ended. `backup` is the id under which the old policy was kept, or empty."""

    result: AccountResult
    resource: LockedResource
    backup: str = ""
    policy_after: str | None = None


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


def rehearse(planned: UnlockPlan) -> UnlockResult:
    """The dry runner: nothing done, nothing kept, no gateway in reach."""
    if not planned.intention.acts:
        return not_to_unlock(planned)
    detail = f"would {'; '.join(planned.changes)}"
    result = AccountResult(planned.resource.account, Outcome.PLANNED, detail)
    return UnlockResult(result, planned.resource, "", planned.old_policy)


def outcome_when_done(planned: UnlockPlan) -> Outcome:
    """What may be said once the new policy was seen in its place."""
    new = planned.new_policy
    report = NOTHING_LEFT if new is None else examine(new, planned.resource.protectee())
    unlocks = planned.intention is not Intention.RESTORE
    opened = unlocks and report.state is LockState.NOT_LOCKED
    return Outcome.UNLOCKED if opened else Outcome.DONE


def look(
    gateway: RootSessions,
    account: AccountId,
    task: TaskPolicy,
    read: Callable[[RootSession], T],
    blame: Callable[[], tuple[DecidedBy, ...]],
) -> Observation[T]:
    """One read in a session of its own; what could not be read is a value."""
    return in_root_session(
        gateway, account, task, lambda session: looked(session, read, blame), not_seen
    )


def looked(
    session: RootSession,
    read: Callable[[RootSession], T],
    blame: Callable[[], tuple[DecidedBy, ...]],
) -> Observation[T]:
    """One read in a session that is there.

    Raises:
        SessionExpiredError: a new session can look again.
    """
    try:
        return Seen(read(session), Basis.LISTED)
    except SessionExpiredError:
        raise
    except AccessDeniedError as error:
        return not_seen(error, blame())
    except RootstewardError as error:
        return not_seen(error)


def not_to_unlock(planned: UnlockPlan) -> UnlockResult:
    """The result where nothing is done: clean, skipped, still locked, or not to be seen."""
    resource = planned.resource
    if isinstance(resource.policy, NotSeen):
        unseen = resource.policy
        result = AccountResult(
            resource.account, outcome_of_unseen(unseen), unseen.detail, blamed=unseen.blamed
        )
        return UnlockResult(result, resource)
    outcome = _IDLE.get(planned.intention, Outcome.SKIPPED)
    result = AccountResult(resource.account, outcome, planned.reason)
    return UnlockResult(result, resource, "", planned.old_policy)


_IDLE = {Intention.NOTHING_TO_DO: Outcome.CLEAN, Intention.NO_EDIT: Outcome.PRESENT}


def _laid_out(text: str) -> str:
    """A policy on lines of its own, for reading; anything but JSON as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
    except ValueError:
        return text
