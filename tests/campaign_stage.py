"""A campaign over the fake gateway: a real database, real steps, a clock that only sleep moves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock

from fake_gateway import (
    DEV,
    NO_RCPS,
    NOW,
    PROD,
    SHOP,
    FakeAccount,
    FakeGateway,
    MemoryBackups,
    MemoryJournal,
)
from rootsteward.campaigns.campaign import Campaign, Settings
from rootsteward.campaigns.facts import facts_about
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.store import CampaignStore
from rootsteward.campaigns.verbs import delete_credentials as verb
from rootsteward.campaigns.verbs.verb import Tools
from rootsteward.campaigns.work import Workshop
from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import AccessKey, MfaDevice, Password
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.operations import delete_credentials as operation
from rootsteward.operations.controls import Controls
from rootsteward.operations.observe import blame_nobody
from rootsteward.ports.journal import JsonValue
from rootsteward.storage.database import Database, open_database

CALLER = CallerIdentity(AccountId("100000000000"), "arn:aws:iam::100000000000:role/Ops", "AROA")
MADE = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class StillClock:
    """Time stands still but for sleep; safe for threads."""

    moment: datetime = NOW
    _lock: RLock = field(default_factory=RLock)

    def now(self) -> datetime:
        with self._lock:
            return self.moment

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.moment += timedelta(seconds=seconds)


def three_accounts() -> dict[AccountId, FakeAccount]:
    """DEV holds three credentials, SHOP one, PROD none."""
    return {
        DEV: FakeAccount(
            password=Password(MADE), keys=(AccessKey("AKIA1"),), mfa=(MfaDevice("M1"),)
        ),
        PROD: FakeAccount(),
        SHOP: FakeAccount(keys=(AccessKey("AKIA2"),)),
    }


def plan_for(gateway: FakeGateway, *, at: datetime = NOW) -> Plan:
    """What `delete-credentials` would do in every account that the gateway knows."""
    controls = Controls(gateway.tree, gateway.scps, NO_RCPS)
    accounts = [gateway.tree.account(account) for account in gateway.accounts]
    planned = operation.plan(operation.gather(gateway, account) for account in accounts)
    return Plan(
        slug=operation.SLUG,
        made_at=at,
        made_by=CALLER,
        organization_id=gateway.tree.id,
        asked="rootsteward delete-credentials --all",
        facts=facts_about(controls, [account.id for account in accounts]),
        items=tuple(verb.item(account) for account in planned.accounts),
    )


def no_names(_blamed: Sequence[DecidedBy]) -> Sequence[str]:
    return ()


@dataclass
class CampaignStage:
    """Everything that a campaign needs, each part to be looked into."""

    database: Database
    gateway: FakeGateway
    journal: MemoryJournal
    clock: StillClock = field(default_factory=StillClock)
    opened: list[Workshop] = field(default_factory=list)

    @property
    def store(self) -> CampaignStore:
        return CampaignStore(self.database, self.clock)

    def begin(self, plan: Plan, settings: Settings | None = None) -> Campaign:
        return self.store.begin(plan, verb.VERB, settings or Settings(), CALLER, no_names)

    def intents(self, slug: str, plan_id: str, subject: str) -> tuple[Mapping[str, JsonValue], ...]:
        return tuple(
            body
            for kind, about, body in self.journal.entries
            if kind == f"{slug}.intent" and about == subject and body["plan"] == plan_id
            if body["act"] != "sts:AssumeRoot"
        )

    def workshop(
        self,
        *,
        in_flight: int = 1,
        names: Callable[[Sequence[DecidedBy]], Sequence[str]] = no_names,
    ) -> Workshop:
        tools = Tools(self.gateway, self.journal, MemoryBackups(), self.clock, blame_nobody, names)
        self.opened.append(Workshop(self.store, tools, self.intents, self.clock, in_flight))
        return self.opened[-1]

    def outcomes(self, campaign: Campaign) -> dict[str, str]:
        return {
            item.planned.key: item.state.value if item.result is None else item.result.outcome.value
            for item in self.store.items(campaign.id)
        }

    def close(self) -> None:
        for workshop in self.opened:
            workshop.close()
        self.database.close()


def campaign_stage(
    folder: Path, gateway: FakeGateway | None = None, *, full_after: int | None = None
) -> CampaignStage:
    """A stage whose database is a new file in a folder."""
    gateway = gateway or FakeGateway(three_accounts())
    return CampaignStage(
        open_database(folder / "campaigns.db"), gateway, MemoryJournal(full_after=full_after)
    )
