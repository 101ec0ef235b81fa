"""Long work as rows: a job, its items, and what it holds.

No business words: `kind`, `scope`, `state`, `outcome` and the bodies belong to whoever uses it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.database import Database
from rootsteward.storage.group_commit import GroupCommit
from rootsteward.storage.schema import CLAIM, JOB, JOB_ITEM

T = TypeVar("T")

# SQLite takes a bounded number of parameters in one statement.
_AT_ONCE = 500


class ItemState(StrEnum):
    """`BEGUN` says that an act may have been made; only a look can tell."""

    WAITING = "waiting"
    BEGUN = "begun"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class StoredJob:
    """One job. `scope` tells jobs of different worlds apart; `reason` says why this state."""

    id: str
    kind: str
    scope: str
    state: str
    reason: str
    created_at: datetime
    changed_at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item of a job. `outcome` is empty and `result` None until it has ended."""

    position: int
    key: str
    state: ItemState
    outcome: str
    begun_at: datetime | None
    ended_at: datetime | None
    planned: str
    result: str | None


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to be stored; with a result it has ended before it began."""

    key: str
    planned: str
    outcome: str = ""
    result: str | None = None


@dataclass(frozen=True, slots=True)
class _Ending:
    """Items that ended in the same way."""

    job_id: str
    positions: Sequence[int]
    outcome: str
    result: str
    at: datetime

    @property
    def values(self) -> dict[str, str]:
        """What `_END` asks for, but for the position."""
        return {
            "of_job": self.job_id,
            "with_outcome": self.outcome,
            "with_result": self.result,
            "at_time": self.at.isoformat(),
        }


# INVARIANT: what has ended never ends again; its result stays the first.
# WHY here: made once, it is compiled once.
_END = (
    update(JOB_ITEM)
    .where(
        JOB_ITEM.c.job_id == bindparam("of_job"),
        JOB_ITEM.c.position == bindparam("at_position"),
        JOB_ITEM.c.state != ItemState.ENDED,
    )
    .values(
        state=ItemState.ENDED,
        outcome=bindparam("with_outcome"),
        result=bindparam("with_result"),
        ended_at=bindparam("at_time"),
    )
)


class ClaimTakenError(OperatorError):
    """Another job holds what a new one wants. `holders` maps the key to the job's id."""

    def __init__(self, holders: Mapping[str, str]) -> None:
        super().__init__(f"{len(holders)} items are held by another job")
        self.holders = holders


class JobStore:
    """Jobs in the database; safe for threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._endings = GroupCommit(self._end_all)

    def create(self, job: StoredJob, items: Sequence[NewItem], claims: Collection[str]) -> None:
        """Store a job with its items and take its claims, all or nothing.

        Raises:
            ClaimTakenError: another job holds one of the claims; nothing was stored.
        """
        with self._database.writing() as connection:
            taken = _holders(connection, claims)
            if taken:
                raise ClaimTakenError(taken)
            connection.execute(insert(JOB).values(**_job_row(job)))
            rows = [_item_row(job, position, item) for position, item in enumerate(items)]
            if rows:
                connection.execute(insert(JOB_ITEM), rows)
            if claims:
                held = [{"key": key, "job_id": job.id} for key in claims]
                connection.execute(insert(CLAIM), held)

    def job(self, job_id: str) -> StoredJob | None:
        """One job, or None when there is none of that id."""
        with self._database.reading() as connection:
            row = connection.execute(select(JOB).where(JOB.c.id == job_id)).mappings().first()
        return None if row is None else _job(row)

    def jobs(self, scope: str | None = None) -> tuple[StoredJob, ...]:
        """All jobs, or those of one scope, newest first."""
        query = select(JOB).order_by(JOB.c.created_at.desc(), JOB.c.id)
        if scope is not None:
            query = query.where(JOB.c.scope == scope)
        with self._database.reading() as connection:
            return tuple(_job(row) for row in connection.execute(query).mappings())

    def change_state(
        self,
        job_id: str,
        state: str,
        reason: str,
        at: datetime,
        *,
        only_from: Collection[str],
        release: bool = False,
    ) -> bool:
        """Compare and set; whether the job was in one of the states `only_from`.

        With `release` it gives back everything it holds, in the same transaction: a job that has
        ended can never be left holding something.
        """
        with self._database.writing() as connection:
            changed = connection.execute(
                update(JOB)
                .where(JOB.c.id == job_id, JOB.c.state.in_(only_from))
                .values(state=state, reason=reason, changed_at=at.isoformat())
            )
            if changed.rowcount == 1 and release:
                connection.execute(delete(CLAIM).where(CLAIM.c.job_id == job_id))
            return changed.rowcount == 1

    def items(
        self,
        job_id: str,
        *,
        states: Collection[ItemState] = tuple(ItemState),
        positions: Sequence[int] | None = None,
    ) -> tuple[StoredItem, ...]:
        """Items in order: all, or those of some states, or those at some positions."""
        query = _in_order(job_id).where(JOB_ITEM.c.state.in_(states))
        with self._database.reading() as connection:
            return tuple(_read_items(connection, query, positions))

    def positions(self, job_id: str, states: Collection[ItemState]) -> tuple[int, ...]:
        """Where the items of some states are; cheaper than the items."""
        query = (
            select(JOB_ITEM.c.position)
            .where(JOB_ITEM.c.job_id == job_id, JOB_ITEM.c.state.in_(states))
            .order_by(JOB_ITEM.c.position)
        )
        with self._database.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def positions_to_do(self, job_id: str) -> tuple[int, ...]:
        """Where the items are that had not ended before they began, done or not."""
        query = (
            select(JOB_ITEM.c.position)
            .where(
                JOB_ITEM.c.job_id == job_id,
                or_(JOB_ITEM.c.state != ItemState.ENDED, JOB_ITEM.c.begun_at.is_not(None)),
            )
            .order_by(JOB_ITEM.c.position)
        )
        with self._database.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def begin_items(
        self, job_id: str, positions: Sequence[int], at: datetime
    ) -> tuple[StoredItem, ...]:
        """Mark items as begun, and return those that have not ended as they were before.

        An item returned as `BEGUN` was begun by somebody earlier, who did not end it.
        """
        with self._database.writing() as connection:
            query = _in_order(job_id).where(JOB_ITEM.c.state != ItemState.ENDED)
            found = tuple(_read_items(connection, query, positions))
            waiting = [i.position for i in found if i.state is ItemState.WAITING]
            for some in _batches(waiting):
                connection.execute(
                    update(JOB_ITEM)
                    .where(JOB_ITEM.c.job_id == job_id, JOB_ITEM.c.position.in_(some))
                    .values(state=ItemState.BEGUN, begun_at=at.isoformat())
                )
        return found

    def end_items(
        self, job_id: str, positions: Sequence[int], outcome: str, result: str, at: datetime
    ) -> int:
        """Write down how items ended, each once; how many had not ended before."""
        return self._endings.write(_Ending(job_id, positions, outcome, result, at))

    def _end_all(self, endings: Sequence[_Ending]) -> list[int]:
        """WHY together: threads that end items at the same time wait for the disk once."""
        with self._database.writing() as connection:
            return [
                sum(
                    connection.execute(_END, {**ending.values, "at_position": position}).rowcount
                    for position in ending.positions
                )
                for ending in endings
            ]

    def count(self, job_id: str, *, only_begun: bool = False) -> Counter[tuple[ItemState, str]]:
        """How many items are in which state with which outcome; or only of those once begun."""
        query = (
            select(JOB_ITEM.c.state, JOB_ITEM.c.outcome, func.count())
            .where(JOB_ITEM.c.job_id == job_id)
            .group_by(JOB_ITEM.c.state, JOB_ITEM.c.outcome)
        )
        if only_begun:
            query = query.where(JOB_ITEM.c.begun_at.is_not(None))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return Counter({(ItemState(state), outcome): count for state, outcome, count in rows})


def _holders(connection: Connection, claims: Collection[str]) -> dict[str, str]:
    holders: dict[str, str] = {}
    for some in _batches(sorted(claims)):
        query = select(CLAIM.c.key, CLAIM.c.job_id).where(CLAIM.c.key.in_(some))
        holders.update((row.key, row.job_id) for row in connection.execute(query))
    return holders


def _in_order(job_id: str) -> Select[Any]:
    return select(JOB_ITEM).where(JOB_ITEM.c.job_id == job_id).order_by(JOB_ITEM.c.position)


def _read_items(
    connection: Connection, query: Select[Any], positions: Sequence[int] | None
) -> Iterable[StoredItem]:
    if positions is None:
        yield from (_item(row) for row in connection.execute(query).mappings())
        return
    for some in _batches(positions):
        rows = connection.execute(query.where(JOB_ITEM.c.position.in_(some))).mappings()
        yield from (_item(row) for row in rows)


def _batches(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _job_row(job: StoredJob) -> dict[str, str]:
    return {
        "id": job.id,
        "kind": job.kind,
        "scope": job.scope,
        "state": job.state,
        "reason": job.reason,
        "created_at": job.created_at.isoformat(),
        "changed_at": job.changed_at.isoformat(),
        "body": job.body,
    }


def _item_row(job: StoredJob, position: int, item: NewItem) -> dict[str, object]:
    ended = item.result is not None
    return {
        "job_id": job.id,
        "position": position,
        "key": item.key,
        "state": ItemState.ENDED if ended else ItemState.WAITING,
        "outcome": item.outcome,
        "begun_at": None,
        "ended_at": job.created_at.isoformat() if ended else None,
        "planned": item.planned,
        "result": item.result,
    }


def _job(row: RowMapping) -> StoredJob:
    return StoredJob(
        id=row["id"],
        kind=row["kind"],
        scope=row["scope"],
        state=row["state"],
        reason=row["reason"],
        created_at=datetime.fromisoformat(row["created_at"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        body=row["body"],
    )


def _item(row: RowMapping) -> StoredItem:
    return StoredItem(
        position=row["position"],
        key=row["key"],
        state=ItemState(row["state"]),
        outcome=row["outcome"],
        begun_at=_moment(row["begun_at"]),
        ended_at=_moment(row["ended_at"]),
        planned=row["planned"],
        result=row["result"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
