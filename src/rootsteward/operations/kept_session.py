"""One root session for many reads in one account, opened when it is needed and again when it ends.

Safe for threads.
"""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from rootsteward.domain.errors import RootstewardError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.root_session_work import in_sessions
from rootsteward.ports.aws_gateway import RootSessions

T = TypeVar("T")


class KeptSession:
    """A session of one account and task, shared by all who read in it."""

    def __init__(self, gateway: RootSessions, account: AccountId, task: TaskPolicy) -> None:
        self._gateway = gateway
        self._account = account
        self._task = task
        self._session: RootSession | None = None
        self._refused: RootstewardError | None = None
        self._lock = Lock()

    def read(
        self, work: Callable[[RootSession], T], no_session: Callable[[RootstewardError], T]
    ) -> T:
        """Read in the session, and again from the start in a new one when it has expired.

        Args:
            work: reads only; raises `SessionExpiredError` to be started again.
            no_session: makes the answer when no session was issued, or three ran out in a row.
        """
        return in_sessions(self._other_than, work, no_session)

    def _other_than(self, expired: RootSession | None) -> RootSession:
        """The session that is there, or a new one in place of one that has expired.

        WHY a refusal is kept: each of a thousand reads would only be refused again.
        """
        with self._lock:
            if self._refused is not None:
                raise self._refused
            if self._session is None or self._session is expired:
                try:
                    self._session = self._gateway.open_root_session(self._account, self._task)
                except RootstewardError as error:
                    self._refused = error
                    raise
            return self._session
