"""SQS's state: queues of every account and Region, their policies and their messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId


@dataclass(slots=True)
class Message:
    """One message. It cannot be received before `visible_at`; `receipts` are its open handles."""

    id: str
    body: str
    sender_id: str
    sent_at: datetime
    visible_at: datetime
    receipts: set[str] = field(default_factory=set)
    receive_count: int = 0
    first_received_at: datetime | None = None


@dataclass(slots=True)
class Queue:
    """One queue. `attributes` holds what was set, `policy` the document's text or None."""

    name: str
    owner: AccountId
    region: str
    created_at: datetime
    modified_at: datetime
    policy: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The queue's ARN."""
        return f"arn:aws:sqs:{self.region}:{self.owner}:{self.name}"


@dataclass(slots=True)
class Queues:
    """Queues by Region, account and name."""

    _by_place: dict[tuple[str, AccountId, str], Queue] = field(default_factory=dict)

    def add(self, queue: Queue) -> None:
        """Keep a new queue.

        Raises:
            OperatorError: when the account has a queue of that name in the Region.
        """
        place = (queue.region, queue.owner, queue.name)
        if place in self._by_place:
            raise OperatorError(
                f"queue `{queue.name}` exists already in account {queue.owner}, {queue.region}",
                help="queue names are unique within an account and Region",
            )
        self._by_place[place] = queue

    def find(self, region: str, owner: AccountId, name: str) -> Queue | None:
        """A queue, or None when the Region does not have it."""
        return self._by_place.get((region, owner, name))

    def owned_by(self, account: AccountId, region: str) -> Iterator[Queue]:
        """An account's queues in one Region, by name."""
        mine = (q for q in self._by_place.values() if (q.owner, q.region) == (account, region))
        return iter(sorted(mine, key=lambda queue: queue.name))

    def remove(self, queue: Queue) -> None:
        """Forget a queue and its messages."""
        del self._by_place[queue.region, queue.owner, queue.name]

    def __iter__(self) -> Iterator[Queue]:
        return iter(self._by_place.values())
