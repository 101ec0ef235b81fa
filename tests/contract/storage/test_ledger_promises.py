"""The ledger's promises, kept on SQLite and on a real PostgreSQL server alike."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, update

from rootsteward.aws.clock import SystemClock
from rootsteward.ledger.chain import EMPTY
from rootsteward.ledger.export import verify_export
from rootsteward.ledger.ledger import Ledger
from rootsteward.storage.database import Database, open_database
from rootsteward.storage.schema import CHAIN_ENTRY

APPEND = """
import sys
from threading import Thread
from rootsteward.aws.clock import SystemClock
from rootsteward.ledger.ledger import Ledger
from rootsteward.storage.database import open_database

def append(ledger, thread):
    for number in range(10):
        ledger.record("act", f"{sys.argv[2]}/{thread}", {"n": number})

with open_database(sys.argv[1]) as database:
    ledger = Ledger(database, SystemClock())
    threads = [Thread(target=append, args=(ledger, thread)) for thread in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, SystemClock())


def fill(ledger: Ledger, count: int) -> None:
    for number in range(count):
        ledger.record("act", "222222222222", {"n": number, "text": "Überall \x00 %s :x"})


def test_entries_come_back_in_order_and_the_chain_holds(ledger: Ledger) -> None:
    fill(ledger, 5)
    assert [entry.seq for entry in ledger.entries()] == [1, 2, 3, 4, 5]
    assert [entry.value["n"] for entry in ledger.entries(after=2)] == [2, 3, 4]
    assert {str(entry.value["text"]) for entry in ledger.entries()} == {"Überall \x00 %s :x"}
    verdict = ledger.verify()
    assert verdict.ok
    assert verdict.head == ledger.head()


def test_an_empty_ledger_holds(ledger: Ledger) -> None:
    assert ledger.head() == EMPTY
    assert ledger.verify().ok


def test_an_export_verifies_offline(ledger: Ledger) -> None:
    fill(ledger, 3)
    verdict = verify_export(ledger.export_lines())
    assert verdict.ok
    assert verdict.head == ledger.head()


def test_a_changed_entry_is_named(ledger: Ledger, database: Database) -> None:
    fill(ledger, 4)
    with database.writing() as connection:
        connection.execute(
            update(CHAIN_ENTRY).where(CHAIN_ENTRY.c.seq == 3).values(subject="333333333333")
        )
    assert ledger.verify().first_bad == 3


def test_a_removed_entry_is_named(ledger: Ledger, database: Database) -> None:
    fill(ledger, 4)
    with database.writing() as connection:
        connection.execute(delete(CHAIN_ENTRY).where(CHAIN_ENTRY.c.seq == 2))
    assert ledger.verify().first_bad == 3


def test_threads_append_without_a_gap(ledger: Ledger) -> None:
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(lambda n: ledger.record("act", f"{n % 7}", {"n": n}), range(200)))
    assert sorted(numbers) == list(range(1, 201))
    by_number = {entry.seq: entry.value["n"] for entry in ledger.entries()}
    assert [by_number[seq] for seq in numbers] == list(range(200))
    assert ledger.verify().head.seq == 200


def test_processes_append_to_one_ledger_from_its_first_opening_on(database_address: str) -> None:
    command = [sys.executable, "-c", APPEND, database_address]
    workers = [subprocess.Popen([*command, f"worker {n}"]) for n in range(4)]
    assert [worker.wait(100) for worker in workers] == [0, 0, 0, 0]
    with open_database(database_address) as database:
        ledger = Ledger(database, SystemClock())
        assert ledger.verify().head.seq == 120
        entries = list(ledger.entries())
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert set(Counter(entry.subject for entry in entries).values()) == {10}
    for subject in {entry.subject for entry in entries}:
        mine = [entry.value["n"] for entry in entries if entry.subject == subject]
        assert mine == list(range(10))
