"""The machine's clock, behind the port."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Real time. Implements `rootsteward.ports.clock.Clock`."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; returns at once when `seconds` is not positive."""
        if seconds > 0:
            time.sleep(seconds)
