"""How many entries a second the ledger takes, each on disk before `record` returns.

`python bench/bench_ledger.py [FOLDER]`: SQLite in the folder, then PostgreSQL with its cluster
there, both with all syncs on. The folder must be on a real disk, not in memory.
"""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from postgres import PostgresqlUnavailableError, Server
from rootsteward.aws.clock import SystemClock
from rootsteward.ledger.ledger import Ledger
from rootsteward.ports.journal import JsonValue
from rootsteward.storage.database import open_database

BODY: dict[str, JsonValue] = {
    "plan": "0123456789abcdef",
    "session": "ASIAEXAMPLEEXAMPLE00",
    "act": "iam:DeleteAccessKey",
    "kind": "access_keys",
    "target": "AKIAEXAMPLEEXAMPLE00",
    "answer": "done",
    "request_id": "01234567-89ab-cdef-0123-456789abcdef",
    "asked_by": "arn:aws:sts::100000000000:assumed-role/Operator/somebody",
    "organization": "o-exampleorg",
}
RUNS = ((1, 1_000), (16, 4_000), (64, 8_000))


def record(ledger: Ledger, count: int, threads: int) -> float:
    """Entries a second."""
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(
            lambda _: ledger.record("bench.result", "222222222222", BODY), range(count)
        ):
            pass
    return count / (time.perf_counter() - started)


def measure(name: str, address: str) -> None:
    with open_database(address) as database:
        ledger = Ledger(database, SystemClock())
        for threads, count in RUNS:
            rate = record(ledger, count, threads)
            print(f"{name}: record, {threads:>2} threads: {rate:>8,.0f} entries/s")
        started = time.perf_counter()
        verdict = ledger.verify()
        seconds = time.perf_counter() - started
        assert verdict.ok
        print(f"{name}: verify: {verdict.head.seq / seconds:>8,.0f} entries/s")


def main() -> None:
    base = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("/var/tmp")  # noqa: S108 (a real disk)
    with tempfile.TemporaryDirectory(dir=base) as folder:
        measure("SQLite    ", f"{folder}/ledger.db")
    server = Server(Path(tempfile.mkdtemp(dir=base, prefix="rootsteward-bench-")), durable=True)
    try:
        server.start()
        measure("PostgreSQL", server.url("postgres"))
    except PostgresqlUnavailableError as error:
        print(f"PostgreSQL: not measured: {error}")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
