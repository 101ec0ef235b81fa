"""Work inside a root session that may be refused, and may run out."""

from collections.abc import Callable
from typing import TypeVar

from rootsteward.domain.errors import RootstewardError, SessionExpiredError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_session import RootSession
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.ports.aws_gateway import RootSessions

T = TypeVar("T")

_MAX_SESSIONS = 3


def in_root_session(
    gateway: RootSessions,
    account: AccountId,
    task: TaskPolicy,
    work: Callable[[RootSession], T],
    no_session: Callable[[RootstewardError], T],
) -> T:
    """Do work in a session, and again from its start in a new one when the session expires.

    INVARIANT: work that acts begins with a look, so that starting again repeats nothing blindly.

    Args:
        gateway: opens sessions.
        account: the member account.
        task: what the session may do.
        work: raises `SessionExpiredError` to be started again; what else it raises gets out.
        no_session: makes the answer when no session was issued, or three ran out in a row.
    """
    return in_sessions(lambda _expired: gateway.open_root_session(account, task), work, no_session)


def in_sessions(
    session_after: Callable[[RootSession | None], RootSession],
    work: Callable[[RootSession], T],
    no_session: Callable[[RootstewardError], T],
) -> T:
    """The same with sessions from anywhere.

    Args:
        session_after: gives a session other than the expired one, which is None at first.
        work: as in `in_root_session`.
        no_session: as in `in_root_session`.
    """
    expired: RootSession | None = None
    attempt = 1
    while True:
        try:
            session = session_after(expired)
        except RootstewardError as error:
            return no_session(error)
        try:
            return work(session)
        except SessionExpiredError as error:
            if attempt == _MAX_SESSIONS:
                return no_session(error)
        expired = session
        attempt += 1
