"""Unlocking a resource by its policy: the acting that buckets, queues and restoring share.

Look, keep the old text, act, look again, write down. The plan is made in `unlock`; which calls to
make is in `unlock_calls`.
"""

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
from rootsteward.domain.root_credentials import NotSeen, Observation, Seen
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.observe import (
    BlameFor,
    blame_nobody,
    not_seen,
    outcome_of_unseen,
)
from rootsteward.operations.record import answer_as_json
from rootsteward.operations.recorded_sessions import RecordedSessions
from rootsteward.operations.root_session_work import in_root_session
from rootsteward.operations.unlock import (
    LockedResource,
    ResourceKind,
    UnlockPlan,
    UnlockResult,
    looked,
    not_to_unlock,
    outcome_when_done,
)
from rootsteward.operations.unlock_calls import (
    BACKUP_KINDS,
    UnlockGateway,
    calls_for,
)
from rootsteward.policy.lockout.same import say_the_same
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import Journal, JsonValue


def step(
    gateway: UnlockGateway,
    journal: Journal,
    backups: BackupStore,
    clock: Clock,
    planned: UnlockPlan,
    *,
    blame_for: BlameFor = blame_nobody,
    campaign_id: str = "",
    tried: bool = False,
) -> UnlockResult:
    """Look, keep, act, look, write down. Never raises for AWS's answers.

    A policy that is not, to the letter, the one in the plan is left alone. After the change it
    looks several times, with growing pauses, until the change shows.

    Args:
        gateway: opens root sessions and makes the calls.
        journal: told before and after, about the resource's ARN.
        backups: keep the old policy before it is changed.
        clock: for the pauses.
        planned: the plan, from `unlock` or read back from a file.
        blame_for: finds the statements responsible for a denial.
        campaign_id: the plan that this one is an item of, which the journal shall name.
        tried: whether an earlier attempt, since killed, set out to make the change.

    Raises:
        OperatorError: when the journal or the backup cannot be written; nothing was changed then.
    """
    if not planned.intention.acts:
        return not_to_unlock(planned)
    resource = planned.resource
    attempt = Attempt(campaign_id or planned.id, again=tried)
    ended = _Unlocking(gateway, journal, backups, clock, planned, blame_for, attempt).run()
    journal.record(
        f"{planned.slug}.result",
        resource.arn,
        {
            "plan": attempt.plan_id,
            "account": resource.account,
            "act": "look",
            "resource": resource.handle,
            "outcome": ended.result.outcome.value,
            "detail": ended.result.detail,
            "sessions": list(ended.result.session_keys),
            "before": planned.old_policy,
            "after": ended.policy_after,
            "backup": ended.backup,
        },
    )
    return ended


@dataclass(frozen=True, slots=True)
class Attempt:
    """Under which plan the journal has it; `again` after an attempt that was killed on the way."""

    plan_id: str
    again: bool


class _Unlocking:
    """One resource while it is being unlocked."""

    def __init__(
        self,
        gateway: UnlockGateway,
        journal: Journal,
        backups: BackupStore,
        clock: Clock,
        planned: UnlockPlan,
        blame_for: BlameFor,
        attempt: Attempt,
    ) -> None:
        resource = planned.resource
        self._gateway = gateway
        self._journal = journal
        self._backups = backups
        self._clock = clock
        self._planned = planned
        self._attempt = attempt
        self._calls = calls_for(gateway, resource.kind)
        self._blame = blame_for(resource.account, resource.kind.task)
        self._sessions: list[str] = []
        self._backup = ""
        self._acted = False

    def run(self) -> UnlockResult:
        """Work in a session; in a new one, from the look on, when it expires."""

        def work(session: RootSession) -> UnlockResult:
            self._sessions.append(session.access_key_id)
            return self._in(session)

        account = self._planned.resource.account
        planned = self._planned
        sessions = RecordedSessions(
            self._gateway, self._journal, planned.slug, planned.id, planned.resource.arn
        )
        return in_root_session(sessions, account, self._task, work, self._no_session)

    def _in(self, session: RootSession) -> UnlockResult:
        """Look, keep, act, look."""
        there = self._look(session)
        if isinstance(there, NotSeen):
            return self._ended(outcome_of_unseen(there), there.detail, blamed=there.blamed)
        if say_the_same(there.value, self._planned.new_policy):
            return self._reached(there.value)
        # INVARIANT: to the letter, because the plan's proof is about that text and no other.
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
            key = backup_key(resource)
            self._backup = self._backups.save(BACKUP_KINDS[resource.kind], key, planned.old_policy)

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
        if isinstance(error, AwsRefusedError) and not isinstance(error, NotFoundError):
            return self._refused(error, self._look(session))
        there = self._look_until_it_shows(session)
        if isinstance(there, NotSeen):
            detail = f"done, but could not be looked at again: {there.detail}"
            if error is not None:
                detail = f"{error.message}; and it could not be looked at again: {there.detail}"
            return self._ended(Outcome.UNKNOWN, detail, blamed=there.blamed)
        if say_the_same(there.value, self._planned.new_policy):
            return self._reached(there.value)
        if not say_the_same(there.value, self._planned.old_policy):
            detail = "the policy is now neither the old one nor the planned one; look again"
            return self._ended(Outcome.CHANGED_MEANWHILE, detail, there.value)
        detail = self._calls.not_yet if error is None else error.message
        return self._ended(Outcome.UNKNOWN, detail, there.value)

    def _look_until_it_shows(self, session: RootSession) -> Observation[str | None]:
        """Look again, later and later, while the old policy is still there (rule card SQS-80)."""
        there = self._look(session)
        for pause_seconds in self._calls.pauses_seconds:
            if isinstance(there, NotSeen) or there.value != self._planned.old_policy:
                break
            self._clock.sleep(pause_seconds)
            there = self._look(session)
        return there

    def _reached(self, policy: str | None) -> UnlockResult:
        if self._acted:
            return self._ended(outcome_when_done(self._planned), "", policy)
        if self._attempt.again:
            detail = "an earlier attempt of this plan made the change"
            return self._ended(outcome_when_done(self._planned), detail, policy)
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
    def _task(self) -> TaskPolicy:
        return self._planned.resource.kind.task

    @property
    def _api(self) -> str:
        calls = self._calls
        return calls.delete_api if self._planned.new_policy is None else calls.replace_api

    def _look(self, session: RootSession) -> Observation[str | None]:
        return looked(
            session,
            lambda open_session: self._calls.read(open_session, self._planned.resource),
            lambda: self._blame(self._calls.read_api),
        )

    def _record(self, phase: str, session: RootSession, more: dict[str, JsonValue]) -> None:
        planned = self._planned
        body: dict[str, JsonValue] = {
            "plan": self._attempt.plan_id,
            "account": planned.resource.account,
            "session": session.access_key_id,
            "act": self._api,
            "resource": planned.resource.handle,
            "backup": self._backup,
            **more,
        }
        self._journal.record(f"{planned.slug}.{phase}", planned.resource.arn, body)

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


def backup_key(resource: LockedResource) -> str:
    """Whose policy a backup is: account, Region where it is a queue, and name."""
    where = resource.where if resource.kind is ResourceKind.QUEUE else ""
    return "/".join(filter(None, (resource.account, where, resource.name)))
