from datetime import UTC, datetime, timedelta
from pathlib import Path

from rootsteward.storage.database import open_database
from rootsteward.storage.executors import ExecutorStore, StoredExecutor

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


def test_executors_say_that_they_live_until_they_leave_or_fall_silent(tmp_path: Path) -> None:
    with open_database(tmp_path / "jobs.db") as database:
        executors = ExecutorStore(database)
        executors.say_alive(StoredExecutor("one", "host", 1, NOON))
        executors.say_alive(StoredExecutor("one", "host", 1, LATER))
        executors.say_alive(StoredExecutor("two", "host", 2, NOON))
        assert {one.id: one.seen_at for one in executors.all()} == {"one": LATER, "two": NOON}
        executors.forget_silent(LATER)
        assert [one.id for one in executors.all()] == ["one"]
        executors.forget("one")
        assert executors.all() == ()
