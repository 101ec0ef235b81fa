"""How fast we may ask."""

from contextlib import AbstractContextManager
from typing import Protocol


class Pace(Protocol):
    """Hands out turns per API, and learns from throttling."""

    def turn(self, api: str) -> AbstractContextManager[None]:
        """Wait for a turn to call an API named `service:Operation`."""

    def throttled(self, api: str) -> None:
        """Report that AWS asked us to slow down."""
