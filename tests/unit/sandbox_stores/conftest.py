"""Fixtures: a small organization with centralized root access switched on."""

import pytest

from sandbox_bench import Bench, small_organization


@pytest.fixture
def bench() -> Bench:
    made = small_organization()
    made.switch_on()
    return made
