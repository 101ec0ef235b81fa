"""Progress and remarks, for whoever is watching."""

from typing import Protocol


class Notifier(Protocol):
    """Told about long work; shows it or not."""

    def started(self, what: str, total: int | None) -> None:
        """Long work begins; `total` steps, or None when nobody knows."""

    def advanced(self, steps: int = 1) -> None:
        """Some of it is done."""

    def finished(self) -> None:
        """It ended."""
