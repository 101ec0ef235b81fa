"""Fixtures: a clock that stands still, and scenario files with one thing changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rootsteward.sandbox.scenarios.load import load_scenario
from rootsteward.sandbox.world.world import World

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

SMALL = """\
regions: [us-east-1]
organization:
  management:
    id: "111111111111"
    name: management
    email: aws@example.com
    users:
      - name: administrator
        managed_policies: [AdministratorAccess]
        access_keys:
          - profile: management
  units:
    - name: Workloads
accounts:
  - id: "222222222222"
    name: payments
    email: aws+payments@example.com
    unit: Workloads
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a scenario file."""

    def to_file(text: str) -> Path:
        path = tmp_path / "world.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


@pytest.fixture
def load() -> Callable[..., World]:
    """Loads a scenario at a fixed time."""

    def at_noon(name: str | Path, seed: int | None = None) -> World:
        return load_scenario(name, now=lambda: NOW, seed=seed)

    return at_noon


@pytest.fixture
def small() -> str:
    return SMALL


@pytest.fixture
def article(load: Callable[..., World]) -> World:
    return load("article")
