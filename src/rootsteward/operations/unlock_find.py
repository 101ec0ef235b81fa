"""`unlock find`: the buckets and queues of an account, and which of them lock their owner out.

Reads only. First every place is listed (all buckets; the queues of each Region), then every policy
is read and examined. "Could not look" is an answer for a place and for a resource.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import AwsRefusedError, RootstewardError, SessionExpiredError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Observation, Seen
from rootsteward.domain.root_session import RootSession
from rootsteward.operations import unlock_bucket, unlock_queue
from rootsteward.operations.kept_session import KeptSession
from rootsteward.operations.observe import BlameFor, blame_nobody, not_seen, outcome_of_unseen
from rootsteward.operations.unlock import LockedResource, ResourceKind, looked
from rootsteward.operations.unlock_bucket import BucketReader, a_bucket
from rootsteward.operations.unlock_queue import QueueReader, a_queue
from rootsteward.policy.lockout.mend import NOTHING_LEFT
from rootsteward.policy.lockout.report import LockReport, examine

T = TypeVar("T")

# How a Region that is not enabled for an account answers (rule card STS-08).
_UNKNOWN_CREDENTIALS = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})
_LIST_API = {ResourceKind.BUCKET: "s3:ListAllMyBuckets", ResourceKind.QUEUE: "sqs:ListQueues"}
_READ_API = {
    ResourceKind.BUCKET: unlock_bucket.READ_API,
    ResourceKind.QUEUE: unlock_queue.READ_API,
}


class FindGateway(BucketReader, QueueReader, Protocol):
    """What finding calls."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to list: all buckets of the account (`region` empty), or the queues of a Region.

    `named`: the operator asked for this Region; it is never left out.
    """

    kind: ResourceKind
    region: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Handle:
    """One bucket or queue, before its policy is read."""

    kind: ResourceKind
    name: str
    region: str
    handle: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a place holds. `knows_nobody`: the Region did not know the session's credentials."""

    place: Place
    found: Observation[tuple[Handle, ...]]
    knows_nobody: bool = False


class Standing(StrEnum):
    """How a resource stands. `UNCLEAR`: its policy was read and cannot be understood."""

    LOCKED = "locked"
    NOT_LOCKED = "not locked"
    UNCLEAR = "unclear"
    COULD_NOT_LOOK = "could not look"


@dataclass(frozen=True, slots=True)
class FoundResource:
    """One bucket or queue. `report` is None when its policy could not be read."""

    resource: LockedResource
    report: LockReport | None

    @property
    def standing(self) -> Standing:
        """In one word."""
        return Standing.COULD_NOT_LOOK if self.report is None else Standing(self.report.state.value)

    @property
    def outcome(self) -> Outcome:
        """As a run counts it: a lock is a finding, what is not known was not seen."""
        if isinstance(self.resource.policy, NotSeen):
            return outcome_of_unseen(self.resource.policy)
        return _OUTCOMES[self.standing]


_OUTCOMES = {
    Standing.LOCKED: Outcome.PRESENT,
    Standing.NOT_LOCKED: Outcome.CLEAN,
    Standing.UNCLEAR: Outcome.UNKNOWN,
    Standing.COULD_NOT_LOOK: Outcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Unseen:
    """A place that could not be listed."""

    place: Place
    reason: NotSeen


@dataclass(frozen=True, slots=True)
class Sorted:
    """The places, sorted: what they hold, what was not seen, and Regions that are not enabled."""

    handles: tuple[Handle, ...]
    unseen: tuple[Unseen, ...]
    not_enabled: tuple[str, ...]


def places(
    kinds: Iterable[ResourceKind], named_regions: Sequence[str], all_regions: Sequence[str]
) -> tuple[Place, ...]:
    """Where to list. Buckets need one call for all Regions, queues one for each."""
    found: list[Place] = []
    for kind in kinds:
        if kind is ResourceKind.BUCKET:
            found.append(Place(kind))
        else:
            named = bool(named_regions)
            found += [Place(kind, region, named) for region in named_regions or all_regions]
    return tuple(found)


def sort_listings(listings: Sequence[Listing], named_regions: Sequence[str]) -> Sorted:
    """What was listed, in order.

    A Region that does not know the credentials is taken as not enabled for the account when the
    same session was known in another Region, and nobody asked for it by name; else it was not seen.
    """
    known = any(
        isinstance(one.found, Seen) and one.place.kind is ResourceKind.QUEUE for one in listings
    )
    handles: list[Handle] = []
    unseen: list[Unseen] = []
    off: list[str] = []
    for one in listings:
        if isinstance(one.found, Seen):
            handles += [
                h for h in one.found.value if not named_regions or h.region in named_regions
            ]
        elif one.knows_nobody and known and not one.place.named:
            off.append(one.place.region)
        else:
            unseen.append(Unseen(one.place, one.found))
    return Sorted(tuple(handles), tuple(unseen), tuple(off))


class Finder:
    """Lists and reads in one account, with one root session per kind. Safe for threads."""

    def __init__(
        self, gateway: FindGateway, account: AccountId, blame_for: BlameFor = blame_nobody
    ) -> None:
        self._gateway = gateway
        self._account = account
        self._blame_for = blame_for
        self._sessions = {kind: KeptSession(gateway, account, kind.task) for kind in ResourceKind}

    def list(self, place: Place) -> Listing:
        """What a place holds. Never raises for AWS's answers."""

        def listed(session: RootSession) -> Listing:
            try:
                return Listing(place, Seen(self._handles(session, place), Basis.LISTED))
            except SessionExpiredError:
                raise
            except AwsRefusedError as error:
                if error.refusal.code in _UNKNOWN_CREDENTIALS:
                    return Listing(place, not_seen(error), knows_nobody=True)
                return Listing(place, not_seen(error, self._blamed(place.kind, _LIST_API)))
            except RootstewardError as error:
                return Listing(place, not_seen(error))

        return self._sessions[place.kind].read(
            listed, lambda error: Listing(place, not_seen(error))
        )

    def look(self, handle: Handle) -> FoundResource:
        """One policy, read and examined. Never raises for AWS's answers."""
        kind = handle.kind
        policy = self._sessions[kind].read(
            lambda session: looked(
                session, self._reading(handle), lambda: self._blamed(kind, _READ_API)
            ),
            not_seen,
        )
        resource = self._resource(handle, policy)
        if isinstance(policy, NotSeen):
            return FoundResource(resource, None)
        text = policy.value
        report = NOTHING_LEFT if text is None else examine(text, resource.protectee())
        return FoundResource(resource, report)

    def lost(self, handle: Handle, error: Exception) -> FoundResource:
        """The row of a resource whose look failed in a way nobody foresaw."""
        unseen = NotSeen(NotSeenReason.UNKNOWN, f"{type(error).__name__}: {error}")
        return FoundResource(self._resource(handle, unseen), None)

    def lost_listing(self, place: Place, error: Exception) -> Listing:
        """The same for a place."""
        return Listing(place, NotSeen(NotSeenReason.UNKNOWN, f"{type(error).__name__}: {error}"))

    def _handles(self, session: RootSession, place: Place) -> tuple[Handle, ...]:
        if place.kind is ResourceKind.BUCKET:
            pairs = self._gateway.buckets(session)
            return tuple(Handle(place.kind, name, region, name) for name, region in pairs)
        urls = self._gateway.queues(session, place.region)
        return tuple(Handle(place.kind, url.rpartition("/")[2], place.region, url) for url in urls)

    def _reading(self, handle: Handle) -> Callable[[RootSession], str | None]:
        if handle.kind is ResourceKind.BUCKET:
            return lambda session: self._gateway.bucket_policy(session, handle.handle)
        return lambda session: self._gateway.queue_policy(session, handle.region, handle.handle)

    def _resource(self, handle: Handle, policy: Observation[str | None]) -> LockedResource:
        partition = self._gateway.partition
        if handle.kind is ResourceKind.BUCKET:
            return a_bucket(self._account, handle.name, handle.region, partition, policy)
        return a_queue(self._account, handle.name, handle.region, handle.handle, partition, policy)

    def _blamed(self, kind: ResourceKind, apis: dict[ResourceKind, str]) -> tuple[DecidedBy, ...]:
        return self._blame_for(self._account, kind.task)(apis[kind])
