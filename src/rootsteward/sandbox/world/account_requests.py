"""Requests to create accounts, and how far they are."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rootsteward.domain.identifiers import AccountId

# SOURCE: recording org_account_creation: the job ended 1.8 s after it began.
CREATION_TIME = timedelta(seconds=2)


class RequestState(StrEnum):
    """The states of a request."""

    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """One request. `failure_reason` is set once it failed, `account` once it succeeded.

    `role_name` is the role that the management account shall have in the new account.
    """

    id: str
    name: str
    email: str
    requested_at: datetime
    role_name: str
    tags: tuple[tuple[str, str], ...] = ()
    state: RequestState = RequestState.IN_PROGRESS
    completed_at: datetime | None = None
    account: AccountId | None = None
    failure_reason: str | None = None

    def due(self, now: datetime) -> bool:
        """Whether the request is ready to be settled."""
        return self.state is RequestState.IN_PROGRESS and now >= self.requested_at + CREATION_TIME


@dataclass(slots=True)
class AccountRequests:
    """Requests by id, newest last. A settled request never changes again."""

    _by_id: dict[str, AccountRequest] = field(default_factory=dict)
    _open: dict[str, None] = field(default_factory=dict)

    def __iter__(self) -> Iterator[AccountRequest]:
        return iter(self._by_id.values())

    def get(self, request_id: str) -> AccountRequest | None:
        """One request."""
        return self._by_id.get(request_id)

    def in_progress(self) -> Iterator[AccountRequest]:
        """The requests that are not settled, oldest first."""
        return (self._by_id[request_id] for request_id in self._open)

    def open(self, request: AccountRequest) -> None:
        """Note a new request."""
        self._by_id[request.id] = request
        self._open[request.id] = None

    def succeed(self, request_id: str, account: AccountId, at: datetime) -> None:
        """Settle a request: the account exists."""
        del self._open[request_id]
        self._by_id[request_id] = replace(
            self._by_id[request_id],
            state=RequestState.SUCCEEDED,
            completed_at=at,
            account=account,
        )

    def fail(self, request_id: str, reason: str, at: datetime) -> None:
        """Settle a request: there is no account, for one of AWS's reasons."""
        del self._open[request_id]
        self._by_id[request_id] = replace(
            self._by_id[request_id],
            state=RequestState.FAILED,
            completed_at=at,
            failure_reason=reason,
        )
