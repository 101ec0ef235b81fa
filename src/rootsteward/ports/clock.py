"""Time, as a port: rules never look at a clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Now, and waiting."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
