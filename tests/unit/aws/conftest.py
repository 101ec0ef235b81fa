import os
from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture(autouse=True)
def _no_aws_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own AWS settings and credentials take no part in these tests."""
    for name in tuple(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


class SteppedClock:
    """Moves only when somebody waits, and remembers the waits."""

    def __init__(self) -> None:
        self.started_at = datetime(2026, 10, 5, 12, tzinfo=UTC)
        self.at = self.started_at
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.waits.append(seconds)
            self.at += timedelta(seconds=seconds)

    @property
    def passed_seconds(self) -> float:
        return (self.at - self.started_at).total_seconds()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()
