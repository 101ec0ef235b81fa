from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from rootsteward.storage.database import Database, open_database
from rootsteward.storage.jobs import (
    ClaimTakenError,
    ItemState,
    JobStore,
    NewItem,
    StoredItem,
    StoredJob,
)

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
WAITING, BEGUN, ENDED = ItemState.WAITING, ItemState.BEGUN, ItemState.ENDED


def a_job(job_id: str, scope: str = "o-one", at: datetime = NOON) -> StoredJob:
    return StoredJob(job_id, "delete", scope, "running", "", at, at, '{"x": "ü"}')


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "jobs.db") as opened:
        yield opened


@pytest.fixture
def jobs(database: Database) -> JobStore:
    return JobStore(database)


def states(jobs: JobStore, job_id: str = "j") -> list[ItemState]:
    return [item.state for item in jobs.items(job_id)]


def test_a_job_comes_back_as_it_was_stored(jobs: JobStore) -> None:
    items = [NewItem("a", "{}"), NewItem("b", "{}", "clean", "seen")]
    jobs.create(a_job("j"), items, ["o/a"])
    assert jobs.job("j") == a_job("j")
    assert jobs.job("k") is None
    assert jobs.items("j") == (
        StoredItem(0, "a", WAITING, "", None, None, "{}", None),
        StoredItem(1, "b", ENDED, "clean", None, NOON, "{}", "seen"),
    )


def test_jobs_are_listed_newest_first_and_by_scope(jobs: JobStore) -> None:
    jobs.create(a_job("old"), [], [])
    jobs.create(a_job("new", at=LATER), [], [])
    jobs.create(a_job("else", "o-two"), [], [])
    assert [job.id for job in jobs.jobs("o-one")] == ["new", "old"]
    assert len(jobs.jobs()) == 3


def test_what_one_job_holds_no_other_begins_with(jobs: JobStore) -> None:
    jobs.create(a_job("j"), [NewItem("a", "")], ["o/a", "o/b"])
    with pytest.raises(ClaimTakenError) as raised:
        jobs.create(a_job("k"), [NewItem("a", "")], ["o/c", "o/a"])
    assert raised.value.holders == {"o/a": "j"}
    assert jobs.job("k") is None
    assert jobs.items("k") == ()
    # Nothing of the refused one is held.
    jobs.create(a_job("l"), [], ["o/c"])


def test_more_claims_than_one_statement_takes(jobs: JobStore) -> None:
    many = [f"o/{number}" for number in range(1201)]
    jobs.create(a_job("j"), [], many)
    with pytest.raises(ClaimTakenError) as raised:
        jobs.create(a_job("k"), [], many)
    assert len(raised.value.holders) == 1201


def test_of_many_that_want_the_same_one_gets_it(database: Database) -> None:
    ended: list[str] = []
    start = Barrier(6)

    def want(name: str) -> None:
        start.wait()
        try:
            JobStore(database).create(a_job(name), [NewItem("a", "")], ["o/a"])
            ended.append("got it")
        except ClaimTakenError:
            ended.append("taken")

    threads = [Thread(target=want, args=(f"j{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["got it", *["taken"] * 5]


def test_a_state_changes_only_from_where_it_may(jobs: JobStore) -> None:
    jobs.create(a_job("j"), [], ["o/a"])
    assert not jobs.change_state("j", "done", "", LATER, only_from=["paused"])
    assert jobs.job("j") == a_job("j")
    assert jobs.change_state("j", "paused", "why", LATER, only_from=["running", "paused"])
    job = jobs.job("j")
    assert job is not None
    assert (job.state, job.reason, job.changed_at) == ("paused", "why", LATER)
    assert not jobs.change_state("none", "paused", "", LATER, only_from=["running"])


def test_claims_are_given_back_with_the_last_state_and_not_by_a_refused_change(
    jobs: JobStore,
) -> None:
    jobs.create(a_job("j"), [], ["o/a"])
    assert not jobs.change_state("j", "done", "", LATER, only_from=["paused"], release=True)
    with pytest.raises(ClaimTakenError):
        jobs.create(a_job("k"), [], ["o/a"])
    assert jobs.change_state("j", "done", "", LATER, only_from=["running"], release=True)
    jobs.create(a_job("k"), [], ["o/a"])


def test_beginning_returns_what_was_before_and_leaves_out_what_has_ended(jobs: JobStore) -> None:
    jobs.create(a_job("j"), [NewItem(key, "") for key in "abcd"], [])
    assert [item.state for item in jobs.begin_items("j", [0, 1], NOON)] == [WAITING, WAITING]
    assert jobs.end_items("j", [0], "deleted", "{}", NOON)
    again = jobs.begin_items("j", [0, 1, 2], LATER)
    assert [(item.position, item.state) for item in again] == [(1, BEGUN), (2, WAITING)]
    assert states(jobs) == [ENDED, BEGUN, BEGUN, WAITING]
    # The first beginning is the one that counts.
    assert jobs.items("j")[1].begun_at == NOON


def test_an_item_ends_once(jobs: JobStore) -> None:
    jobs.create(a_job("j"), [NewItem(key, "") for key in "ab"], [])
    assert jobs.end_items("j", [0], "deleted", "first", NOON)
    assert not jobs.end_items("j", [0], "clean", "second", LATER)
    assert not jobs.end_items("j", [9], "clean", "nowhere", LATER)
    assert jobs.end_items("j", [0, 1], "skipped", "third", LATER) == 1
    assert [(i.outcome, i.result) for i in jobs.items("j")] == [
        ("deleted", "first"),
        ("skipped", "third"),
    ]


def test_many_end_in_one_go(jobs: JobStore) -> None:
    jobs.create(a_job("j"), [NewItem(str(number), "") for number in range(1201)], [])
    assert jobs.end_items("j", range(1201), "skipped", "{}", NOON) == 1201
    assert jobs.count("j") == {(ENDED, "skipped"): 1201}
    assert jobs.end_items("j", [], "skipped", "{}", NOON) == 0


def test_positions_tell_what_is_open_and_what_had_to_be_done(jobs: JobStore) -> None:
    items = [NewItem("a", ""), NewItem("b", "", "clean", "{}"), NewItem("c", "")]
    jobs.create(a_job("j"), items, [])
    jobs.begin_items("j", [0], NOON)
    jobs.end_items("j", [0], "deleted", "{}", NOON)
    assert jobs.positions("j", [WAITING, BEGUN]) == (2,)
    assert jobs.positions_to_do("j") == (0, 2)
    assert jobs.count("j") == {(ENDED, "deleted"): 1, (ENDED, "clean"): 1, (WAITING, ""): 1}
    assert jobs.count("j", only_begun=True) == {(ENDED, "deleted"): 1}


def test_items_of_another_job_are_left_alone(jobs: JobStore) -> None:
    for job_id in ("j", "k"):
        jobs.create(a_job(job_id), [NewItem("a", "")], [])
    jobs.begin_items("j", [0], NOON)
    jobs.end_items("j", [0], "deleted", "{}", NOON)
    assert states(jobs, "k") == [WAITING]
