import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cli.served import STAGE, Served, served

_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def console_blocks(text: str) -> list[list[str]]:
    """The commands of each console block, in order."""
    return [
        [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
        for block in _CONSOLE.findall(text)
    ]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Served]:
    with served(STAGE, tmp_path) as running:
        yield running
