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
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Self
from uuid import uuid4

from rootsteward.domain.errors import RootstewardError
from rootsteward.ports.clock import Clock
from rootsteward.storage.jobs import JobStore, StoredExecutor

_BEAT_SECONDS = 2.0
_DEAD_AFTER = timedelta(seconds=20)


class Heartbeat:
    """Says that this process lives, from entering to leaving."""

    def __init__(self, jobs: JobStore, clock: Clock) -> None:
        self.id = uuid4().hex
        self._jobs = jobs
        self._clock = clock
        self._ended = Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._say()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._jobs.forget_executor(self.id)

    def _beat(self) -> None:
        while not self._ended.wait(_BEAT_SECONDS):
            try:
                self._say()
            except RootstewardError:
                # The database may be back at the next beat; if not, the steps say so themselves.
                continue

    def _say(self) -> None:
        here = StoredExecutor(self.id, socket.gethostname(), os.getpid(), self._clock.now())
        self._jobs.say_alive(here)


def living(executors: Iterable[StoredExecutor], now: datetime) -> frozenset[str]:
    """The ids of the processes that live."""
    here = socket.gethostname()
    return frozenset(
        executor.id
        for executor in executors
        if now - executor.seen_at <= _DEAD_AFTER
        and (executor.host != here or _process_lives(executor.pid))
    )


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
