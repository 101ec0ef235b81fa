"""The only place that picks real AWS or the sandbox, the database and the clock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rootsteward.aws.clock import SystemClock
from rootsteward.aws.gateway import BotoGateway, open_gateway
from rootsteward.aws.pace import AdaptivePace
from rootsteward.aws.settings import AwsSettings
from rootsteward.aws.watched_pace import WatchedPace
from rootsteward.ledger.backups import Backups
from rootsteward.ledger.ledger import Ledger
from rootsteward.storage.database import Database, open_database
from rootsteward.storage.documents import DocumentStore


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may be chosen; None leaves the choice to the standard configuration.

    `endpoint_url` sends every call to one address: a sandbox. `database` is a file or a URL.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    database: str | None = None


def default_database() -> str:
    """Where the ledger is kept when nobody chose: the user's state folder (XDG)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return str(Path(state) / "rootsteward" / "rootsteward.db")


class Runtime:
    """The parts a command may need, each made when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()

    @cached_property
    def pace(self) -> WatchedPace:
        """The one pace of the process; long reading may be watched through it."""
        return WatchedPace(AdaptivePace(self.clock))

    @cached_property
    def gateway(self) -> BotoGateway:
        """AWS, or the sandbox behind `endpoint_url`.

        Raises:
            OperatorError: when profile, Region or endpoint are no good.
        """
        settings = AwsSettings(
            profile=self.settings.profile,
            region=self.settings.region,
            endpoint_url=self.settings.endpoint_url,
        )
        return open_gateway(settings, clock=self.clock, pace=self.pace)

    @cached_property
    def database(self) -> Database:
        """The ledger's and backups' database; created when it is not there.

        Raises:
            OperatorError: when it cannot be opened.
        """
        return open_database(self.settings.database or default_database())

    @cached_property
    def ledger(self) -> Ledger:
        """The record of every act."""
        return Ledger(self.database, self.clock)

    @cached_property
    def documents(self) -> DocumentStore:
        """The kept texts, to find them again."""
        return DocumentStore(self.database)

    @cached_property
    def backups(self) -> Backups:
        """Where policies are kept before they are changed."""
        return Backups(self.documents, self.clock)

    def close(self) -> None:
        """Close what was opened."""
        if "gateway" in self.__dict__:
            self.gateway.close()
        if "database" in self.__dict__:
            self.database.close()


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Runtime]:
    """A runtime that is closed at the end. Opens nothing by itself."""
    runtime = Runtime(settings)
    try:
        yield runtime
    finally:
        runtime.close()
