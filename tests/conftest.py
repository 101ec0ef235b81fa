"""Fixtures that every kind of test may use."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgres import PostgresqlUnavailableError, Server, announce, server_of_this_run

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        announce()


def pytest_unconfigure(config: pytest.Config) -> None:
    # Workers have ended by now; this comes after a failed or interrupted run, too.
    if not hasattr(config, "workerinput"):
        server_of_this_run().stop()


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Corpora that may not be copied into the project, read in place."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the corpora in ../shared/data, which are not here")
    return folder


@pytest.fixture(scope="session")
def postgresql_server() -> Server:
    """A real PostgreSQL server, shared by the whole run."""
    server = server_of_this_run()
    try:
        server.start()
    except PostgresqlUnavailableError as error:
        pytest.skip(f"needs a PostgreSQL server: {error}")
    return server


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The address of a new, empty database on it."""
    name = f"test_{uuid.uuid4().hex}"
    postgresql_server.sql(f"CREATE DATABASE {name}")
    yield postgresql_server.url(name)
    postgresql_server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database, once of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "rootsteward.db")
    address: str = request.getfixturevalue("postgresql_url")
    return address
