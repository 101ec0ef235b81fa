"""The processes that work on campaigns: which of them live.

A process says every few seconds that it lives, and is dead when it has been silent for a while; one
of the same machine as soon as there is no such process.

LIMIT: a machine that was asleep for longer than that and wakes up may still be in a step that
somebody else has begun anew. Both begin with a look and delete only what is planned, so the world
ends up the same; the item keeps the result that was written first.
"""

import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

from rootsteward.domain.errors import RootstewardError
from rootsteward.ports.clock import Clock
from rootsteward.storage.executors import ExecutorStore, StoredExecutor

_BEAT_SECONDS = 2.0
_DEAD_AFTER = timedelta(seconds=20)
# Rows of processes that died are kept so long, for people who look.
FORGOTTEN_AFTER = timedelta(days=1)


class Heartbeat:
    """Says that this process lives, from its start to its end."""

    def __init__(self, store: ExecutorStore, clock: Clock, prefix: str) -> None:
        """`prefix` says what the process works on; its id begins with it."""
        self.id = prefix + uuid4().hex
        self._store = store
        self._clock = clock
        self._ended = Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Say so for the first time, and then every few seconds.

        Raises:
            OperatorError: the database cannot be written.
        """
        self._say()
        self._thread.start()

    def end(self) -> None:
        """Say good-bye; where that cannot be written, the silence says it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        with suppress(RootstewardError):
            self._store.forget(self.id)

    def _beat(self) -> None:
        while not self._ended.wait(_BEAT_SECONDS):
            try:
                self._say()
            except RootstewardError:
                # The database may be back at the next beat; if not, the steps say so themselves.
                continue

    def _say(self) -> None:
        here = StoredExecutor(self.id, this_host(), os.getpid(), self._clock.now())
        self._store.say_alive(here)


def living(executors: Iterable[StoredExecutor], now: datetime) -> frozenset[str]:
    """The ids of the processes that live."""
    here = this_host()
    return frozenset(
        executor.id
        for executor in executors
        if now - executor.seen_at <= _DEAD_AFTER
        and (executor.host != here or _process_lives(executor.pid))
    )


@cache
def this_host() -> str:
    """Where a process id means something: the machine, its start, and the container in it.

    WHY not only the name: two containers may have the same, and none sees the other's processes.
    """
    parts = [socket.gethostname()]
    # These are only there on Linux; elsewhere the name must do.
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
