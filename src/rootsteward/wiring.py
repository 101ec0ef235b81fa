"""The only place that picks real AWS or the sandbox, the database and the clock."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rootsteward.aws.clock import SystemClock
from rootsteward.aws.gateway import BotoGateway, open_gateway
from rootsteward.aws.pace import AdaptivePace
from rootsteward.aws.settings import AwsSettings
from rootsteward.aws.watched_pace import WatchedPace
from rootsteward.campaigns.campaign import Campaign
from rootsteward.campaigns.recoveries import Recoveries
from rootsteward.campaigns.store import CampaignStore
from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import RootstewardError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.ledger.asked_by import AskedJournal, Asker
from rootsteward.ledger.backups import Backups
from rootsteward.ledger.ledger import Ledger
from rootsteward.operations import controls as control_facts
from rootsteward.operations.controls import Controls
from rootsteward.operations.observe import Blame
from rootsteward.operations.recorded_sessions import ASSUME_ROOT
from rootsteward.operations.statement_names import statement_names
from rootsteward.ports.journal import JsonValue
from rootsteward.ports.notifier import Notifier
from rootsteward.storage.database import Database, open_database
from rootsteward.storage.documents import DocumentStore

if TYPE_CHECKING:
    from rootsteward.campaigns.control import Control
    from rootsteward.campaigns.engine import CampaignEngine
    from rootsteward.campaigns.recovery_end import RecoveryEnd


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may be chosen; None leaves the choice to the standard configuration.

    `endpoint_url` sends every call to one address: a sandbox. `database` is a file or a URL.
    `credentials_file` is the only one to take profiles from.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    database: str | None = None
    credentials_file: Path | None = None


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
            credentials_file=self.settings.credentials_file,
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
        """The record of every act, to read."""
        return Ledger(self.database, self.clock)

    @cached_property
    def journal(self) -> AskedJournal:
        """The ledger to act under: it says in each entry who asked. Ask for it before acting.

        Raises:
            RootstewardError: when AWS does not say who we are; then nothing may be done.
        """
        asker = Asker(self.gateway.caller().arn, self.gateway.organization_id())
        return AskedJournal(self.ledger, asker)

    @cached_property
    def documents(self) -> DocumentStore:
        """The kept texts, to find them again."""
        return DocumentStore(self.database)

    @cached_property
    def backups(self) -> Backups:
        """Where policies are kept before they are changed."""
        return Backups(self.documents, self.clock)

    @cached_property
    def campaigns(self) -> CampaignStore:
        """The campaigns in the database."""
        return CampaignStore(self.database, self.clock)

    @cached_property
    def control(self) -> "Control":
        """Beginning, pausing, resuming and stopping campaigns."""
        from rootsteward.campaigns.control import Control  # noqa: PLC0415 (see `engine`)

        return Control(self.database, self.campaigns, _WhenActing(self), self.intents, self.clock)

    @cached_property
    def recoveries(self) -> Recoveries:
        """The recoveries in the database."""
        return Recoveries(self.database, _WhenActing(self), self.clock)

    def recovery_end(self, notifier: Notifier) -> "RecoveryEnd":
        """Ending recoveries; see `RecoveryEnd`."""
        from rootsteward.campaigns.recovery_end import RecoveryEnd  # noqa: PLC0415 (see `engine`)

        return RecoveryEnd(
            self.gateway,
            self.controls,
            self.campaigns,
            self.control,
            self.recoveries,
            self.statement_names,
            self.clock,
            notifier,
        )

    @cached_property
    def controls(self) -> Controls:
        """The organization and who may deny what in it, read once.

        Raises:
            RootstewardError: when they cannot be read.
        """
        return control_facts.gather(self.gateway, self.gateway.organization())

    def forget_controls(self) -> None:
        """Read them again when they are next needed: a process that lives long must."""
        self.__dict__.pop("controls", None)

    def intents(self, slug: str, plan_id: str, subject: str) -> tuple[Mapping[str, JsonValue], ...]:
        """What earlier attempts at one item of a plan set out to change, as the ledger has it.

        A root session that was opened has changed nothing.
        """
        bodies = (
            entry.value for entry in self.ledger.about(subject) if entry.kind == f"{slug}.intent"
        )
        return tuple(
            body
            for body in bodies
            if body.get("plan") == plan_id and body.get("act") != ASSUME_ROOT
        )

    def engine(
        self, organization_id: str, *, in_flight: int, only: Campaign | None = None
    ) -> "CampaignEngine":
        """Works on the organization's campaigns while it is entered; see `CampaignEngine`."""
        # WHY here: DBOS takes half a second to import, and most commands need none of it.
        from rootsteward.campaigns.engine import CampaignEngine  # noqa: PLC0415 (see above)
        from rootsteward.campaigns.verbs.verb import Tools  # noqa: PLC0415 (see above)
        from rootsteward.campaigns.work import Workshop  # noqa: PLC0415 (see above)

        tools = Tools(
            self.gateway,
            self.journal,
            self.backups,
            self.clock,
            self._blame_when_denied,
            self.statement_names,
        )
        workshop = Workshop(self.campaigns, tools, self.intents, self.clock, in_flight)
        return CampaignEngine(
            self.database,
            self.campaigns,
            workshop,
            self.journal,
            self.clock,
            organization_id,
            only=only,
        )

    def statement_names(self, blamed: Sequence[DecidedBy]) -> Sequence[str]:
        """Statements in the words of the organization; read only when there is one to name."""
        return statement_names(blamed, self.controls) if blamed else ()

    def _blame_when_denied(self, account: AccountId, task: TaskPolicy) -> Blame:
        """Reads the control policies at the first denial; blames nobody when they are shut."""

        def blame(action: str) -> tuple[DecidedBy, ...]:
            try:
                controls = self.controls
            except RootstewardError:
                return ()
            return control_facts.blame_for(controls)(account, task)(action)

        return blame

    def close(self) -> None:
        """Close what was opened."""
        if "gateway" in self.__dict__:
            self.gateway.close()
        if "database" in self.__dict__:
            self.database.close()


class _WhenActing:
    """The journal to act under, found out at the first entry: reading needs no AWS."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def record(self, kind: str, subject: str, body: Mapping[str, JsonValue]) -> int:
        """As `Runtime.journal` does."""
        return self._runtime.journal.record(kind, subject, body)


@contextmanager
def open_runtime(settings: Settings) -> Iterator[Runtime]:
    """A runtime that is closed at the end. Opens nothing by itself."""
    runtime = Runtime(settings)
    try:
        yield runtime
    finally:
        runtime.close()
