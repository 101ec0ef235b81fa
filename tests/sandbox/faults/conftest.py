"""One served sandbox for the folder; every test begins with its scenario's start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from rootsteward.sandbox.served import ServedSandbox, served_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ONE_TRY = Config(retries={"total_max_attempts": 1}, read_timeout=10)
_Client = "Callable[..., Any]"


@pytest.fixture(scope="module")
def _served() -> Iterator[ServedSandbox]:
    with served_sandbox("article") as served:
        yield served


@pytest.fixture
def organization(_served: ServedSandbox) -> ServedSandbox:
    _served.reset()
    return _served


@pytest.fixture
def client(organization: ServedSandbox) -> Iterator[Callable[..., Any]]:
    """Makes unmodified boto3 clients that try once."""
    made: list[Any] = []

    def make(service: str, profile: str = "management", **options: Any) -> Any:  # noqa: ANN401 (boto3's own)
        options.setdefault("config", ONE_TRY)
        made.append(organization.session(profile).client(service, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
