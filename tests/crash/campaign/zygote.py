"""Runs the real command line in forked processes, and kills them where it is told to.

A program: it reads one order a line from standard input (JSON) and answers each with a line.
Everything heavy is imported once, before the first fork; a fork then costs milliseconds. A process
is killed with SIGKILL, either by itself at its n-th write to a database or by this one after a
time. A write is a commit of a transaction that changed something, of our own tables or of DBOS's:
`before` is the moment before the database is told to commit, `after` the moment it has.
"""

import json
import mmap
import os
import signal
import struct
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import Pool

import rootsteward.campaigns.control
import rootsteward.campaigns.engine
import rootsteward.cli.commands.apply
import rootsteward.cli.commands.campaign
import rootsteward.cli.commands.delete_credentials  # noqa: F401 (imported before the first fork)
from rootsteward.cli.main import run

_READS = ("SELECT", "PRAGMA", "EXPLAIN")


class Writes:
    """Counts commits that changed something, and ends the process at one of them."""

    def __init__(self, counter: mmap.mmap, at: int | None, when: str) -> None:
        self._counter = counter
        self._at = at
        self._when = when

    def watch(self) -> None:
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)
        event.listen(Engine, "rollback", self._rollback)
        event.listen(Pool, "reset", self._given_back)

    def _statement(
        self, connection: Connection, _cursor: object, text: str, *_rest: object
    ) -> None:
        if not text.lstrip().upper().startswith(_READS):
            connection.info["wrote"] = True

    def _rollback(self, connection: Connection) -> None:
        connection.info.pop("wrote", None)

    def _commit(self, connection: Connection) -> None:
        if not connection.info.pop("wrote", False):
            return
        number = count(self._counter) + 1
        self._counter[:8] = struct.pack("q", number)
        if number == self._at and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if number == self._at:
            connection.info["dies"] = True

    def _given_back(self, _connection: object, record: Any, _state: object) -> None:  # noqa: ANN401 (SQLAlchemy's own)
        """The connection goes back to its pool: the commit before it is done."""
        if record.info.get("dies"):
            os.kill(os.getpid(), signal.SIGKILL)


def count(counter: mmap.mmap) -> int:
    return int(struct.unpack("q", counter[:8])[0])


def carry_out(order: dict[str, Any], counter: mmap.mmap) -> NoReturn:
    """The forked process: become the command line."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    said = os.open(Path(order["folder"]) / "said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    Writes(counter, order["at"], order["when"]).watch()
    code = run(order["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    # WHY the proper way out: threads are waited for as in a process that was started.
    sys.exit(code)


def wait_for(pid: int, seconds: float | None) -> int:
    """The process's status; after so many seconds it is killed."""
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, 0 if end is None else os.WNOHANG)
        if ended:
            return status
        if end is not None and time.monotonic() >= end:
            os.kill(pid, signal.SIGKILL)
            end = None
        time.sleep(0.002)


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        counter = mmap.mmap(-1, 8)
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            carry_out(order, counter)
        status = wait_for(pid, order["seconds"])
        answer = {
            "killed": os.WIFSIGNALED(status),
            "code": None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status),
            "writes": count(counter),
            "seconds": time.monotonic() - began,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
