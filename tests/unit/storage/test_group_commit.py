from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event, Lock

import pytest

from rootsteward.domain.errors import OperatorError
from rootsteward.storage.group_commit import GroupCommit


class Disk:
    """Writes groups; the first one waits until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.busy, self.let_go = Event(), Event()
        self.fails: type[BaseException] | None = None
        self._lock = Lock()

    def write_all(self, items: Sequence[int]) -> Sequence[int]:
        assert self._lock.acquire(blocking=False), "two groups are written at the same time"
        try:
            self.groups.append(list(items))
            self.busy.set()
            assert self.let_go.wait(30)
            if self.fails is OperatorError:
                raise OperatorError("the disk is full", help="make room")
            if self.fails is not None:
                raise self.fails
            return [item * 10 for item in items]
        finally:
            self._lock.release()


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def commits(disk: Disk) -> GroupCommit[int, int]:
    return GroupCommit(disk.write_all)


def test_an_item_that_comes_alone_goes_alone(disk: Disk, commits: GroupCommit[int, int]) -> None:
    disk.let_go.set()
    assert [commits.write(item) for item in (1, 2)] == [10, 20]
    assert disk.groups == [[1], [2]]


def test_items_that_come_while_one_is_written_share_the_next_group(
    disk: Disk, commits: GroupCommit[int, int]
) -> None:
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(commits.write, 0)
        assert disk.busy.wait(30)
        others = [pool.submit(commits.write, item) for item in range(1, 9)]
        while len(commits._gathering.items) < 8:
            wait(others, timeout=0.001)
        assert not any(future.done() for future in (first, *others))
        disk.let_go.set()
        assert [future.result() for future in (first, *others)] == [n * 10 for n in range(9)]
    assert [len(group) for group in disk.groups] == [1, 8]


def test_every_caller_of_a_group_that_failed_is_told_and_the_next_group_is_written(
    disk: Disk, commits: GroupCommit[int, int]
) -> None:
    disk.fails = OperatorError
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(commits.write, item) for item in range(4)]
        disk.let_go.set()
        errors = [future.exception() for future in futures]
    assert {(str(error), getattr(error, "help", "")) for error in errors} == {
        ("the disk is full", "make room")
    }
    assert len({id(error) for error in errors}) == 4
    disk.fails = None
    assert commits.write(7) == 70


def test_nobody_takes_a_group_whose_writer_was_interrupted_for_written(
    disk: Disk, commits: GroupCommit[int, int]
) -> None:
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(commits.write, 0)
        assert disk.busy.wait(30)
        disk.fails = KeyboardInterrupt
        others = [pool.submit(commits.write, item) for item in (1, 2)]
        while len(commits._gathering.items) < 2:
            wait(others, timeout=0.001)
        disk.let_go.set()
        assert isinstance(first.exception(), KeyboardInterrupt)
        kinds = sorted(type(future.exception()).__name__ for future in others)
    assert kinds == ["KeyboardInterrupt", "OperatorError"]
    disk.fails = None
    assert commits.write(7) == 70
