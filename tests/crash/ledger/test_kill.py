"""Kill -9 while entries are written: what was acknowledged is there, and the chain holds.

On both databases: on PostgreSQL the client is killed, and the server finishes or forgets its work.
"""

import signal
import subprocess
import sys

import pytest

from rootsteward.aws.clock import SystemClock
from rootsteward.ledger.ledger import Ledger
from rootsteward.storage.database import open_database

WRITER = """
import sys
from threading import Thread
from rootsteward.aws.clock import SystemClock
from rootsteward.ledger.ledger import Ledger
from rootsteward.storage.database import open_database

ledger = Ledger(open_database(sys.argv[1]), SystemClock())

def write():
    while True:
        number = ledger.record("act", "222222222222", {"text": "x" * 500})
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()

for _ in range(4):
    Thread(target=write).start()
"""


def acknowledged_before_the_kill(address: str, after: int) -> set[int]:
    """Let a writer write, kill it after so many acknowledged entries, and say which they were."""
    command = [sys.executable, "-c", WRITER, address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [next(writer.stdout) for _ in range(after)]
        writer.kill()
        lines += writer.stdout.readlines()
    assert writer.returncode == -signal.SIGKILL
    # The very last line may have been cut while it was written.
    return {int(line) for line in lines if line.endswith("\n") and line.strip()}


@pytest.mark.parametrize("after", [1, 2, 7, 30, 75])
def test_every_acknowledged_entry_survives_and_the_chain_goes_on(
    database_address: str, after: int
) -> None:
    acknowledged = acknowledged_before_the_kill(database_address, after)
    assert len(acknowledged) >= after
    with open_database(database_address) as database:
        ledger = Ledger(database, SystemClock())
        written = {entry.seq for entry in ledger.entries()}
        assert acknowledged <= written
        # Each of the four threads may have written one entry that it could not tell of.
        assert len(written - acknowledged) <= 4
        assert ledger.verify().ok
        assert ledger.record("act", "after the crash", {}) == len(written) + 1
        assert ledger.verify().head.seq == len(written) + 1
