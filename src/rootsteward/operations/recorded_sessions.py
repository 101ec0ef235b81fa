"""Root sessions on record: each `AssumeRoot` of an act, as it is made and as it ended."""

from dataclasses import dataclass

from rootsteward.domain.errors import RootstewardError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.record import answer_as_json
from rootsteward.ports.aws_gateway import RootSessions
from rootsteward.ports.journal import Journal, JsonValue

ASSUME_ROOT = "sts:AssumeRoot"


@dataclass(frozen=True, slots=True)
class RecordedSessions:
    """Implements `RootSessions` for one operation under one plan.

    `subject` is what the entries are about, such as a bucket's ARN; empty for the account.

    WHY on record although nothing is changed yet: CloudTrail and GuardDuty show the session, and
    its access key id is how their entries are traced back to who asked.
    """

    sessions: RootSessions
    journal: Journal
    slug: str
    plan_id: str
    subject: str = ""

    def open_root_session(
        self, account: AccountId, task: TaskPolicy, *, duration_seconds: int = 900
    ) -> RootSession:
        """A new session. INVARIANT: the intent is on record before the call is made.

        Raises:
            OperatorError: when the journal cannot be written.
            RootstewardError: as the gateway does; the refusal is on record then.
        """
        self._record("intent", account, task, {})
        try:
            session = self.sessions.open_root_session(
                account, task, duration_seconds=duration_seconds
            )
        except RootstewardError as error:
            self._record("result", account, task, answer_as_json(error))
            raise
        issued: dict[str, JsonValue] = {
            "session": session.access_key_id,
            "expires_at": session.expires_at.isoformat(),
        }
        answer = answer_as_json(Receipt(session.request_id))
        self._record("result", account, task, {**answer, **issued})
        return session

    def _record(
        self, phase: str, account: AccountId, task: TaskPolicy, more: dict[str, JsonValue]
    ) -> None:
        body: dict[str, JsonValue] = {
            "plan": self.plan_id,
            "act": ASSUME_ROOT,
            "account": account,
            "task": task.slug,
            **more,
        }
        self.journal.record(f"{self.slug}.{phase}", self.subject or account, body)
