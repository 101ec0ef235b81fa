from collections.abc import Iterator

import pytest

from rootsteward.storage.database import Database, open_database


@pytest.fixture
def database(database_address: str) -> Iterator[Database]:
    with open_database(database_address) as database:
        yield database
