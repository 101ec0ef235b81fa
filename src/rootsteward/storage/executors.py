"""The processes that work on jobs, as rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from rootsteward.storage.database import Database
from rootsteward.storage.schema import EXECUTOR


@dataclass(frozen=True, slots=True)
class StoredExecutor:
    """A process that works on jobs. `seen_at` is when it last said that it lives."""

    id: str
    host: str
    pid: int
    seen_at: datetime


class ExecutorStore:
    """Who works; safe for threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def say_alive(self, executor: StoredExecutor) -> None:
        """Store a process, or that it still lives."""
        values = {
            "host": executor.host,
            "pid": executor.pid,
            "seen_at": executor.seen_at.isoformat(),
        }
        with self._database.writing() as connection:
            changed = connection.execute(
                update(EXECUTOR).where(EXECUTOR.c.id == executor.id).values(**values)
            )
            if changed.rowcount == 0:
                connection.execute(insert(EXECUTOR).values(id=executor.id, **values))

    def all(self) -> tuple[StoredExecutor, ...]:
        """Every process that has not said good-bye."""
        with self._database.reading() as connection:
            rows = connection.execute(select(EXECUTOR)).mappings().all()
        return tuple(
            StoredExecutor(
                row["id"], row["host"], row["pid"], datetime.fromisoformat(row["seen_at"])
            )
            for row in rows
        )

    def forget_silent(self, since: datetime) -> None:
        """Forget processes that have not said for a long time that they live."""
        with self._database.reading() as connection:
            silent = select(EXECUTOR.c.id).where(EXECUTOR.c.seen_at < since.isoformat())
            ids = connection.execute(silent).scalars().all()
        for executor_id in ids:
            self.forget(executor_id)

    def forget(self, executor_id: str) -> None:
        """A process has ended; nothing of its work is left behind."""
        with self._database.writing() as connection:
            connection.execute(delete(EXECUTOR).where(EXECUTOR.c.id == executor_id))
