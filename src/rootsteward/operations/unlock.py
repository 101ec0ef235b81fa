"""Unlocking a resource by its policy: the facts, the plan and the result of buckets and queues.

Acts on nothing. Plans are made in `unlock_planning` and carried out in `unlocking`; the verbs are
`unlock_bucket`, `unlock_queue` and `unlock_restore`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import (
    AccessDeniedError,
    RootstewardError,
    SessionExpiredError,
)
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import Basis, NotSeen, Observation, Seen
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import not_seen, outcome_of_unseen
from rootsteward.operations.root_session_work import in_root_session
from rootsteward.policy.lockout.mend import NOTHING_LEFT, Safety
from rootsteward.policy.lockout.report import LockState, Protectee, examine
from rootsteward.policy.repair.repair import unified_diff
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
    except (ValueError, RecursionError):
        return text
