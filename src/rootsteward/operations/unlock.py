"""Unlocking a resource by its policy: the facts and the plan that buckets and queues share.

Decides; acts on nothing. The acting is `unlocking`; the two verbs are `unlock_bucket` and
`unlock_queue`.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from rootsteward.domain.authorization import DecidedBy
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
from rootsteward.operations.locks import LockReport, explain
from rootsteward.operations.observe import not_seen, outcome_of_unseen
from rootsteward.operations.record import digest
from rootsteward.operations.root_session_work import in_root_session
from rootsteward.ports.aws_gateway import RootSessions

T = TypeVar("T")


class Intention(StrEnum):
    """What the plan has in mind for the resource."""

    DELETE = "delete"
    REPLACE = "replace"
    NOTHING_TO_DO = "nothing to do"
    NOT_LOCKED = "not locked"
    CANNOT_SEE = "cannot see"


@dataclass(frozen=True, slots=True)
class LockedResource:
    """The facts: the resource and its policy's text, None when it has none.

    `where` is the Region, empty for a bucket; `name` what people call it; `handle` what the API
    wants, a bucket's name or a queue's URL.
    """

    account: AccountId
    name: str
    where: str
    handle: str
    policy: Observation[str | None]


@dataclass(frozen=True, slots=True)
class UnlockPlan:
    """What would happen to one resource. `new_policy` is None when the policy would go.

    `explanation` has one line per statement that denies everybody.
    """

    id: str
    slug: str
    resource: LockedResource
    intention: Intention
    old_policy: str | None
    new_policy: str | None
    explanation: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class UnlockResult:
    """How it ended. `backup` is the id under which the old policy was kept, or empty."""

    result: AccountResult
    resource: LockedResource
    backup: str = ""
    policy_after: str | None = None


def make_plan(
    slug: str,
    resource: LockedResource,
    mending_actions: Iterable[str],
    replacement: str | None,
    *,
    even_if_not_locked: bool,
) -> UnlockPlan:
    """What would be done. Pure.

    Raises:
        InputError: when the replacement is not a JSON object.
    """
    if replacement is not None:
        _check(replacement)
    if isinstance(resource.policy, NotSeen):
        return _planned(slug, resource, Intention.CANNOT_SEE, None, (), resource.policy.detail)
    old = resource.policy.value
    if old is None and replacement is None:
        return _planned(slug, resource, Intention.NOTHING_TO_DO, None, (), "it has no policy")
    report = explain(old, mending_actions) if old is not None else LockReport()
    explanation = (*report.locking, *report.conditional)
    if replacement is not None:
        return _planned(slug, resource, Intention.REPLACE, replacement, explanation, "as given")
    if not report.locking and not report.unreadable and not even_if_not_locked:
        reason = "no statement denies everybody without a condition"
        return _planned(slug, resource, Intention.NOT_LOCKED, None, explanation, reason)
    reason = report.unreadable or "its policy locks everybody out"
    return _planned(slug, resource, Intention.DELETE, None, explanation, reason)


def rehearse(planned: UnlockPlan) -> UnlockResult:
    """The dry runner: nothing done, nothing kept, no gateway in reach."""
    if planned.intention in {Intention.DELETE, Intention.REPLACE}:
        detail = f"would {planned.intention.value} the policy"
        result = AccountResult(planned.resource.account, Outcome.PLANNED, detail)
        return UnlockResult(result, planned.resource, "", planned.old_policy)
    return not_to_unlock(planned)


def look(
    gateway: RootSessions,
    account: AccountId,
    task: TaskPolicy,
    read: Callable[[RootSession], T],
    blame: Callable[[], tuple[DecidedBy, ...]],
) -> Observation[T]:
    """One read in a session of its own; what could not be read is a value."""

    def work(session: RootSession) -> Observation[T]:
        try:
            return Seen(read(session), Basis.LISTED)
        except SessionExpiredError:
            raise
        except AccessDeniedError as error:
            return not_seen(error, blame())
        except RootstewardError as error:
            return not_seen(error)

    return in_root_session(gateway, account, task, work, not_seen)


def _planned(
    slug: str,
    resource: LockedResource,
    intention: Intention,
    new_policy: str | None,
    explanation: tuple[str, ...],
    reason: str,
) -> UnlockPlan:
    old = resource.policy.value if isinstance(resource.policy, Seen) else None
    plan_id = digest(
        {
            "operation": slug,
            "account": resource.account,
            "resource": resource.handle,
            "intention": intention.value,
            "old": old,
            "new": new_policy,
        }
    )
    return UnlockPlan(plan_id, slug, resource, intention, old, new_policy, explanation, reason)


def not_to_unlock(planned: UnlockPlan) -> UnlockResult:
    """The result where nothing is to be done: clean, skipped, or not to be seen."""
    resource = planned.resource
    if isinstance(resource.policy, NotSeen):
        unseen = resource.policy
        result = AccountResult(
            resource.account, outcome_of_unseen(unseen), unseen.detail, blamed=unseen.blamed
        )
        return UnlockResult(result, resource)
    clean = planned.intention is Intention.NOTHING_TO_DO
    outcome = Outcome.CLEAN if clean else Outcome.SKIPPED
    result = AccountResult(resource.account, outcome, planned.reason)
    return UnlockResult(result, resource, "", planned.old_policy)


def _check(replacement: str) -> None:
    try:
        document = json.loads(replacement)
    except ValueError as error:
        raise InputError(
            f"the replacement policy is not JSON: {error}", help="give the policy as a JSON object"
        ) from None
    if not isinstance(document, dict):
        raise InputError(
            "the replacement policy is not a JSON object",
            help='a policy reads {"Version": "2012-10-17", "Statement": [...]}',
        )
