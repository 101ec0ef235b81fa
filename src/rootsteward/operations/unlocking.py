"""Unlocking a resource by its policy: the acting that buckets and queues share.

Look, keep the old text, act, look again, write down. The plan is made in `unlock`; the verbs
`unlock_bucket` and `unlock_queue` say which calls to make.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import (
    AccessDeniedError,
    AwsRefusedError,
    FeatureDisabledError,
    NotFoundError,
    RootstewardError,
    SessionExpiredError,
)
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_credentials import Basis, NotSeen, Observation, Seen
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import Blame, BlameFor, not_seen, outcome_of_unseen
from rootsteward.operations.record import answer_as_json
from rootsteward.operations.recorded_sessions import RecordedSessions
from rootsteward.operations.root_session_work import in_root_session
from rootsteward.operations.unlock import (
    Intention,
    LockedResource,
    UnlockPlan,
    UnlockResult,
    not_to_unlock,
)
from rootsteward.ports.aws_gateway import RootSessions
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.journal import Journal, JsonValue


@dataclass(frozen=True, slots=True)
class PolicyCalls:
    """The calls that differ between buckets and queues, as names and as functions."""

    slug: str
    task: TaskPolicy
    backup_kind: str
    read_api: str
    delete_api: str
    replace_api: str
    not_yet: str
    read: Callable[[RootSession, LockedResource], str | None]
    delete: Callable[[RootSession, LockedResource], Receipt]
    replace: Callable[[RootSession, LockedResource, str], Receipt]


def carry_out(
    gateway: RootSessions,
    journal: Journal,
    backups: BackupStore,
    calls: PolicyCalls,
    planned: UnlockPlan,
    *,
    blame_for: BlameFor,
) -> UnlockResult:
    """Look, keep, act, look, write down. Never raises for AWS's answers.

    Raises:
        OperatorError: when the journal or the backup cannot be written; nothing was changed then.
    """
    if planned.intention not in {Intention.DELETE, Intention.REPLACE}:
        return not_to_unlock(planned)
    blame = blame_for(planned.resource.account, calls.task)
    work = _Unlocking(gateway, journal, backups, calls, planned, blame)
    ended = work.run()
    journal.record(
        f"{calls.slug}.result",
        planned.resource.account,
        {
            "plan": planned.id,
            "act": "look",
            "resource": planned.resource.handle,
            "outcome": ended.result.outcome.value,
            "detail": ended.result.detail,
            "sessions": list(ended.result.session_keys),
            "before": planned.old_policy,
            "after": ended.policy_after,
            "backup": ended.backup,
        },
    )
    return ended


class _Unlocking:
    """One resource while it is being unlocked."""

    def __init__(
        self,
        gateway: RootSessions,
        journal: Journal,
        backups: BackupStore,
        calls: PolicyCalls,
        planned: UnlockPlan,
        blame: Blame,
    ) -> None:
        self._gateway = gateway
        self._journal = journal
        self._backups = backups
        self._calls = calls
        self._planned = planned
        self._blame = blame
        self._sessions: list[str] = []
        self._backup = ""
        self._acted = False

    def run(self) -> UnlockResult:
        """Work in a session; in a new one, from the look on, when it expires."""

        def work(session: RootSession) -> UnlockResult:
            self._sessions.append(session.access_key_id)
            return self._in(session)

        account, calls = self._planned.resource.account, self._calls
        sessions = RecordedSessions(self._gateway, self._journal, calls.slug, self._planned.id)
        return in_root_session(sessions, account, calls.task, work, self._no_session)

    def _in(self, session: RootSession) -> UnlockResult:
        """Look, keep, act, look."""
        there = self._look(session)
        if isinstance(there, NotSeen):
            return self._ended(outcome_of_unseen(there), there.detail, blamed=there.blamed)
        if _same(there.value, self._planned.new_policy):
            return self._reached(there.value)
        if there.value != self._planned.old_policy:
            detail = "the policy is not the one that was planned for; plan again"
            return self._ended(Outcome.CHANGED_MEANWHILE, detail, there.value)
        self._keep()
        error = self._act(session)
        if isinstance(error, SessionExpiredError):
            # WHY: the work starts again in a new session, with a look.
            raise error
        return self._look_after(session, error)

    def _keep(self) -> None:
        """INVARIANT: the old text is kept before anything is changed."""
        planned = self._planned
        if planned.old_policy is not None and not self._backup:
            resource = planned.resource
            key = "/".join(filter(None, (resource.account, resource.where, resource.name)))
            self._backup = self._backups.save(self._calls.backup_kind, key, planned.old_policy)

    def _act(self, session: RootSession) -> RootstewardError | None:
        """INVARIANT: the intent is on record before the call is made."""
        self._record("intent", session, {"before": self._planned.old_policy})
        self._acted = True
        answer: Receipt | RootstewardError
        try:
            answer = self._call(session)
        except RootstewardError as error:
            answer = error
        self._record("result", session, answer_as_json(answer))
        return answer if isinstance(answer, RootstewardError) else None

    def _call(self, session: RootSession) -> Receipt:
        resource, new_policy = self._planned.resource, self._planned.new_policy
        if new_policy is None:
            return self._calls.delete(session, resource)
        return self._calls.replace(session, resource, new_policy)

    def _look_after(self, session: RootSession, error: RootstewardError | None) -> UnlockResult:
        there = self._look(session)
        if isinstance(error, AwsRefusedError) and not isinstance(error, NotFoundError):
            return self._refused(error, there)
        if isinstance(there, NotSeen):
            detail = f"done, but could not be looked at again: {there.detail}"
            return self._ended(Outcome.UNKNOWN, detail, blamed=there.blamed)
        if _same(there.value, self._planned.new_policy):
            return self._reached(there.value)
        if error is not None:
            return self._ended(Outcome.UNKNOWN, error.message, there.value)
        return self._ended(Outcome.UNKNOWN, self._calls.not_yet, there.value)

    def _reached(self, policy: str | None) -> UnlockResult:
        if self._acted:
            return self._ended(Outcome.UNLOCKED, "", policy)
        return self._ended(Outcome.CHANGED_MEANWHILE, "somebody else did it meanwhile", policy)

    def _refused(self, error: AwsRefusedError, there: Observation[str | None]) -> UnlockResult:
        denied = isinstance(error, AccessDeniedError | FeatureDisabledError)
        refusal = error.refusal
        return self._ended(
            Outcome.DENIED if denied else Outcome.PRESENT,
            f"{self._api}: {refusal.code}: {refusal.message}",
            there.value if isinstance(there, Seen) else None,
            blamed=self._blame(self._api) if denied else (),
        )

    def _no_session(self, error: RootstewardError) -> UnlockResult:
        unseen = not_seen(error)
        return self._ended(outcome_of_unseen(unseen), unseen.detail)

    @property
    def _api(self) -> str:
        calls = self._calls
        return calls.delete_api if self._planned.new_policy is None else calls.replace_api

    def _look(self, session: RootSession) -> Observation[str | None]:
        try:
            return Seen(self._calls.read(session, self._planned.resource), Basis.LISTED)
        except SessionExpiredError:
            raise
        except AccessDeniedError as error:
            return not_seen(error, self._blame(self._calls.read_api))
        except RootstewardError as error:
            return not_seen(error)

    def _record(self, phase: str, session: RootSession, more: dict[str, JsonValue]) -> None:
        planned = self._planned
        body: dict[str, JsonValue] = {
            "plan": planned.id,
            "session": session.access_key_id,
            "act": self._api,
            "resource": planned.resource.handle,
            "backup": self._backup,
            **more,
        }
        self._journal.record(f"{self._calls.slug}.{phase}", planned.resource.account, body)

    def _ended(
        self,
        outcome: Outcome,
        detail: str = "",
        policy: str | None = None,
        *,
        blamed: tuple[DecidedBy, ...] = (),
    ) -> UnlockResult:
        account = self._planned.resource.account
        result = AccountResult(
            account, outcome, detail, blamed=blamed, session_keys=tuple(self._sessions)
        )
        return UnlockResult(result, self._planned.resource, self._backup, policy)


def _same(one: str | None, other: str | None) -> bool:
    """Whether two policies say the same; services may give back other white space than was put."""
    if one is None or other is None:
        return one is other
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return one == other
