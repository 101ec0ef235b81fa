"""Recovery with an end: it holds its accounts, and only a look ends it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rootsteward.campaigns.campaign import Settings
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult
from rootsteward.campaigns.recoveries import Recoveries, Recovery, RecoveryState
from rootsteward.campaigns.store import CampaignStore
from rootsteward.campaigns.verbs import allow_recovery as verb
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import Basis, Holding, RootCredentials, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.ledger.ledger import Ledger
from rootsteward.operations import allow_recovery as operation
from rootsteward.operations.audit import AccountAudit
from rootsteward.storage.database import open_database
from rootsteward.storage.jobs import ClaimTakenError

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
OPS = CallerIdentity(AccountId("100000000000"), "arn:aws:iam::100000000000:user/ops", "AIDAOPS")
NOTHING = RootCredentials(
    Seen(Holding(0), Basis.SUMMARY),
    Seen(Holding(0), Basis.SUMMARY),
    Seen(Holding(0), Basis.SUMMARY),
    Seen(Holding(0), Basis.SUMMARY),
)
SHOP, BANK = "111111111111", "222222222222"


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def plan(*accounts: str, made_at: datetime = NOW) -> Plan:
    audits = [
        AccountAudit(
            Account(AccountId(a), a, f"{a}@example.com", AccountState.ACTIVE, "r-1"), NOTHING
        )
        for a in accounts
    ]
    items = tuple(verb.item(one) for one in operation.plan(audits).accounts)
    return Plan(operation.SLUG, made_at, OPS, "o-example", "as typed", {}, items)


class Parts:
    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.database = open_database(path)
        self.ledger = Ledger(self.database, self.clock)
        self.store = CampaignStore(self.database, self.clock)
        self.recoveries = Recoveries(self.database, self.ledger, self.clock)

    def open(self, *accounts: str, made_at: datetime = NOW) -> Recovery:
        until = NOW + timedelta(hours=4)
        return self.recoveries.open(plan(*accounts, made_at=made_at), until, "lost phone", OPS)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.ledger.entries()]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = Parts(tmp_path / "rootsteward.db")
    yield made
    made.database.close()


def test_it_is_due_when_its_time_is_up_and_not_before(parts: Parts) -> None:
    recovery = parts.open(SHOP)
    assert not recovery.is_due(recovery.until - timedelta(seconds=1))
    assert recovery.is_due(recovery.until)
    assert parts.recoveries.recoveries() == (recovery,)
    assert (recovery.reason, recovery.opened_by) == ("lost phone", OPS.arn)


def test_its_accounts_belong_to_no_other_campaign_until_it_is_closed(parts: Parts) -> None:
    recovery = parts.open(SHOP, BANK)
    later = plan(BANK, made_at=NOW + timedelta(hours=1))
    with pytest.raises(OperatorError) as caught:
        parts.store.begin(later, verb.VERB, Settings(), OPS, lambda _: ())
    assert f"`{BANK}` is in recovery {recovery.id}" in str(caught.value)
    assert f"recovery close {recovery.id}" in caught.value.help
    with pytest.raises(ClaimTakenError):
        parts.open(BANK, made_at=NOW + timedelta(hours=1))
    parts.recoveries.settle(
        recovery, [(SHOP, ItemResult(Outcome.DELETED)), (BANK, ItemResult(Outcome.CLEAN))]
    )
    assert parts.store.begin(later, verb.VERB, Settings(), OPS, lambda _: ()).id == later.id


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in {Outcome.DELETED, Outcome.CLEAN}]
)
def test_only_a_look_that_saw_nothing_ends_an_account(parts: Parts, outcome: Outcome) -> None:
    recovery = parts.open(SHOP, BANK)
    ended = parts.recoveries.settle(
        recovery, [(SHOP, ItemResult(outcome)), (BANK, ItemResult(Outcome.DELETED))]
    )
    assert ended.state is RecoveryState.OPEN
    assert [a.planned.key for a in parts.recoveries.still_open(ended)] == [SHOP]
    assert "recovery.closed" not in parts.kinds()


def test_an_account_without_a_result_stays_open(parts: Parts) -> None:
    recovery = parts.open(SHOP)
    assert parts.recoveries.settle(recovery, []).state is RecoveryState.OPEN


def test_a_failed_attempt_is_repeated_after_a_while_only(parts: Parts) -> None:
    recovery = parts.open(SHOP)
    pause = timedelta(minutes=15)
    assert recovery.may_try(recovery.until, pause)
    parts.clock.at = recovery.until
    tried = parts.recoveries.settle(recovery, [(SHOP, ItemResult(Outcome.DENIED))])
    assert not tried.may_try(recovery.until + timedelta(minutes=14), pause)
    assert tried.may_try(recovery.until + timedelta(minutes=15), pause)


def test_opening_taking_up_and_closing_are_on_record(parts: Parts) -> None:
    recovery = parts.open(SHOP)
    (account,) = parts.recoveries.accounts(recovery)
    parts.recoveries.was_taken_up(recovery, account, "an MFA device is registered")
    parts.recoveries.settle(recovery, [(SHOP, ItemResult(Outcome.DELETED))])
    assert parts.kinds() == ["recovery.opened", "recovery.taken-up", "recovery.closed"]
    opened, taken_up, _ = parts.ledger.entries()
    assert opened.value["reason"] == "lost phone"
    assert taken_up.value == {"recovery": recovery.id, "seen": "an MFA device is registered"}


def test_a_recovery_that_is_not_there_is_named(parts: Parts) -> None:
    with pytest.raises(InputError, match="there is no recovery `nope`"):
        parts.recoveries.recovery("nope")
