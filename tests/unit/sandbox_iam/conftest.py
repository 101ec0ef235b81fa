"""An IAM client of the management account's administrator."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox_bench import Bench, boto_client, small_organization


@pytest.fixture
def bench() -> Bench:
    made = small_organization()
    made.clock.at = datetime.now(UTC)
    return made


@pytest.fixture
def iam(bench: Bench) -> Any:  # noqa: ANN401 (boto3 makes its clients from data)
    return boto_client(bench.sandbox, "iam", bench.callers["management"].access_key_id)
