"""Where the recordings are. They are no part of the project and are read in place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RECORDINGS = Path(__file__).parents[4] / "shared" / "data" / "recordings"


@pytest.fixture
def recording() -> Callable[[str], list[dict[str, Any]]]:
    """Reads one recording by name."""

    def read(name: str) -> list[dict[str, Any]]:
        path = RECORDINGS / f"{name}.json"
        if not path.exists():
            pytest.skip(f"the recordings are not at {RECORDINGS}")
        cases: list[dict[str, Any]] = json.loads(path.read_text())
        return cases

    return read
