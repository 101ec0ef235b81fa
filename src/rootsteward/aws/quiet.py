"""Keeps credentials out of the SDK's debug log.

WHY: at level DEBUG botocore prints signed headers, canonical requests and whole response bodies,
among them the session tokens of every root session. The operator who switches debugging on wants
to see what the tool does, not to write valid credentials into a file.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CALLING: ContextVar[bool] = ContextVar("_CALLING", default=False)


def _outside_a_call_or_no_detail(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG or not _CALLING.get()


def keep_wire_logs_quiet() -> None:
    """Drop the SDK's debug records while one of our calls runs. Idempotent.

    Called after each client is made, when the modules that the client needs have been imported
    and their loggers exist; a filter does not apply to the children of a logger, so each gets its
    own. Other users of the SDK in the same process keep their debug log.
    """
    for name in tuple(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "botocore":
            logging.getLogger(name).addFilter(_outside_a_call_or_no_detail)


@contextmanager
def calling() -> Iterator[None]:
    """Marks this thread as inside one of our calls."""
    token = _CALLING.set(True)
    try:
        yield
    finally:
        _CALLING.reset(token)
