from threading import Barrier, Lock

import pytest

from fake_gateway import DEV, PROD, SHOP, Fails, FakeAccount, FakeGateway
from rootsteward.campaigns.run import RunReport, run
from rootsteward.domain.outcome import Outcome, verdict_of_reading
from rootsteward.operations import audit


class Watcher:
    """A notifier that remembers, and that may press Ctrl-C after so many steps."""

    def __init__(self, interrupt_after: int | None = None) -> None:
        self.told: list[str] = []
        self.steps = 0
        self._interrupt_after = interrupt_after

    def started(self, what: str, total: int | None) -> None:
        self.told.append(f"started {what} {total}")

    def advanced(self, steps: int = 1) -> None:
        self.steps += steps
        if self._interrupt_after is not None and self.steps >= self._interrupt_after:
            self._interrupt_after = None
            raise KeyboardInterrupt

    def finished(self) -> None:
        self.told.append("finished")


def doubled(items: range, watcher: Watcher, in_flight: int = 4) -> RunReport[int, str]:
    def step(item: int) -> str:
        if item % 5 == 3:
            raise ValueError(f"odd {item}")
        return f"{item} done"

    return run(
        items, step, lambda item, error: f"{item} {error}", watcher, title="x", in_flight=in_flight
    )


def test_rows_come_in_the_order_of_the_items_and_none_is_lost() -> None:
    watcher = Watcher()
    report = doubled(range(9), watcher)
    assert report.rows == (
        "0 done",
        "1 done",
        "2 done",
        "3 odd 3",
        "4 done",
        "5 done",
        "6 done",
        "7 done",
        "8 odd 8",
    )
    assert not report.interrupted
    assert watcher.told == ["started x 9", "finished"]
    assert watcher.steps == 9


def test_nothing_to_do_is_done_at_once() -> None:
    assert doubled(range(0), Watcher()).rows == ()


@pytest.mark.parametrize("in_flight", [1, 3])
def test_an_interrupt_reports_each_item_as_done_or_not_started(in_flight: int) -> None:
    watcher = Watcher(interrupt_after=2)
    report = doubled(range(50), watcher, in_flight)
    assert report.interrupted
    assert len(report.rows) >= 2
    assert len(report.rows) + len(report.not_started) == 50
    done = {int(row.split()[0]) for row in report.rows}
    assert done.isdisjoint(report.not_started)
    assert watcher.told[-1] == "finished"


def test_no_more_than_the_bound_are_under_way() -> None:
    lock, together = Lock(), Barrier(3, timeout=20)
    under_way, most = 0, 0

    def step(_item: int) -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()
        with lock:
            under_way -= 1
        return 0

    report = run(range(9), step, lambda _i, _e: 1, Watcher(), title="x", in_flight=3)
    assert report.rows == (0,) * 9
    assert most == 3


def test_one_accounts_trouble_leaves_the_others_rows_alone() -> None:
    gateway = FakeGateway({DEV: FakeAccount(), PROD: FakeAccount(), SHOP: FakeAccount()})
    gateway.fail("iam:GetAccountSummary", Fails.DENIED, account=PROD, times=None)
    accounts = [gateway.tree.account(i) for i in (DEV, PROD, SHOP)]
    report = run(accounts, lambda a: audit.gather(gateway, a), audit.lost, Watcher(), title="audit")
    outcomes = [row.outcome for row in report.rows]
    assert outcomes == [Outcome.CLEAN, Outcome.DENIED, Outcome.CLEAN]
    assert verdict_of_reading(outcomes) == "unseen"
