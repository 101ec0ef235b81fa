from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import NoReturn

import pytest

from campaign_stage import CampaignStage, campaign_stage, plan_for, three_accounts
from fake_gateway import DEV, PROD, SHOP, Fails, FakeAccount, FakeGateway
from rootsteward.campaigns.campaign import REFUSED, Settings, State
from rootsteward.campaigns.planned import result_from_json
from rootsteward.campaigns.store import Item
from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import AccessKey
from rootsteward.domain.root_session import RootSession
from rootsteward.operations.removal import targets_in
from rootsteward.storage.jobs import ItemState

DELETES = ("iam:DeleteLoginProfile", "iam:DeleteAccessKey", "iam:DeactivateMFADevice")


@pytest.fixture
def open_stage(tmp_path: Path) -> Iterator[Callable[..., CampaignStage]]:
    opened: list[CampaignStage] = []

    def stage(*, full_after: int | None = None) -> CampaignStage:
        opened.append(campaign_stage(tmp_path, full_after=full_after))
        return opened[-1]

    yield stage
    for one in opened:
        one.close()


@pytest.fixture
def stage(open_stage: Callable[..., CampaignStage]) -> CampaignStage:
    return open_stage()


def everything(stage: CampaignStage, settings: Settings | None = None) -> str:
    """Begin a campaign over all accounts, and carry its items out."""
    campaign = stage.begin(plan_for(stage.gateway), settings)
    stage.workshop().work(campaign.id, stage.store.acting_positions(campaign.id))
    return campaign.id


def item(stage: CampaignStage, campaign_id: str, account: str) -> Item:
    return next(i for i in stage.store.items(campaign_id) if i.planned.key == account)


def test_every_item_ends_with_what_a_look_showed(stage: CampaignStage) -> None:
    campaign = stage.store.campaign(everything(stage))
    assert stage.outcomes(campaign) == {DEV: "deleted", PROD: "clean", SHOP: "deleted"}
    assert not any(account.holds_credentials for account in stage.gateway.accounts.values())
    progress = stage.store.progress(campaign.id)
    assert (progress.total, progress.ended, progress.remaining) == (3, 3, 0)
    assert progress.outcomes == {Outcome.CLEAN: 1, Outcome.DELETED: 2}


def test_a_clean_account_is_not_touched_again(stage: CampaignStage) -> None:
    campaign_id = stage.begin(plan_for(stage.gateway)).id
    stage.gateway.calls.clear()
    stage.workshop().work(campaign_id, stage.store.acting_positions(campaign_id))
    assert PROD not in {account for _, account in stage.gateway.calls}


def test_one_account_takes_one_session_the_looks_the_deletes_and_the_looks(
    stage: CampaignStage,
) -> None:
    campaign_id = stage.begin(plan_for(stage.gateway)).id
    stage.gateway.calls.clear()
    stage.workshop().work(campaign_id, stage.store.acting_positions(campaign_id))
    looks = [
        "iam:GetLoginProfile",
        "iam:ListAccessKeys",
        "iam:ListSigningCertificates",
        "iam:ListMFADevices",
    ]
    of_dev = [api for api, account in stage.gateway.calls if account == DEV]
    assert of_dev == ["sts:AssumeRoot", *looks, *DELETES, *looks]


def test_doing_it_again_does_nothing(stage: CampaignStage) -> None:
    campaign_id = everything(stage)
    stage.gateway.calls.clear()
    stage.workshop().work(campaign_id, stage.store.acting_positions(campaign_id))
    assert stage.gateway.calls == []


def test_a_paused_campaign_begins_no_step(stage: CampaignStage) -> None:
    campaign = stage.begin(plan_for(stage.gateway))
    stage.store.change_state(campaign.id, State.PAUSED, only_from={State.RUNNING})
    stage.gateway.calls.clear()
    stage.workshop().work(campaign.id, stage.store.acting_positions(campaign.id))
    assert stage.gateway.calls == []
    assert stage.outcomes(campaign) == {DEV: "waiting", PROD: "clean", SHOP: "waiting"}


def test_a_closed_workshop_begins_no_step(stage: CampaignStage) -> None:
    campaign = stage.begin(plan_for(stage.gateway))
    workshop = stage.workshop()
    workshop.close()
    stage.gateway.calls.clear()
    workshop.work(campaign.id, stage.store.acting_positions(campaign.id))
    assert stage.gateway.calls == []
    assert stage.outcomes(campaign)[DEV] == "waiting"


def test_a_stop_rule_pauses_after_so_many_refusals(stage: CampaignStage) -> None:
    stage.gateway.fail("iam:DeleteLoginProfile", Fails.DENIED, times=None)
    campaign = stage.store.campaign(everything(stage, Settings(stop_after_refusals=1)))
    assert campaign.state is State.PAUSED
    assert campaign.reason == "1 refused; the rule was to stop after 1"
    assert stage.outcomes(campaign) == {DEV: "denied", PROD: "clean", SHOP: "begun"}
    assert stage.gateway.accounts[SHOP].keys


def test_a_stop_rule_pauses_after_so_many_errors(stage: CampaignStage) -> None:
    stage.gateway.fail("sts:AssumeRoot", Fails.UNREACHABLE, account=DEV, times=None, after=1)
    campaign = stage.store.campaign(everything(stage, Settings(stop_after_errors=1)))
    assert campaign.state is State.PAUSED
    assert campaign.reason == "1 ended unknown; the rule was to stop after 1"


def test_without_a_rule_nothing_pauses(stage: CampaignStage) -> None:
    stage.gateway.fail("iam:DeleteLoginProfile", Fails.DENIED, times=None)
    campaign = stage.store.campaign(everything(stage))
    assert campaign.state is State.RUNNING
    assert stage.outcomes(campaign) == {DEV: "denied", PROD: "clean", SHOP: "deleted"}


def test_what_the_plan_knew_it_could_not_do_does_not_count(stage: CampaignStage) -> None:
    stage.gateway.fail("sts:AssumeRoot", Fails.DENIED, account=DEV)
    plan = plan_for(stage.gateway)
    campaign = stage.begin(plan, Settings(stop_after_refusals=1))
    assert stage.outcomes(campaign)[DEV] == "denied"
    stage.workshop().work(campaign.id, stage.store.acting_positions(campaign.id))
    assert stage.store.campaign(campaign.id).state is State.RUNNING
    assert stage.outcomes(campaign)[SHOP] == "deleted"


@pytest.mark.parametrize("full_after", range(6))
def test_nothing_is_done_that_cannot_be_written_down(
    open_stage: Callable[..., CampaignStage], full_after: int
) -> None:
    stage = open_stage(full_after=full_after)
    campaign = stage.store.campaign(everything(stage))
    assert campaign.state is State.PAUSED
    assert campaign.reason == "the ledger cannot be written"
    assert stage.outcomes(campaign)[DEV] == "begun"
    assert stage.gateway.accounts[SHOP].keys
    intents = sum(kind.endswith(".intent") for kind, _, _ in stage.journal.entries)
    assert len(stage.gateway.mutations) <= intents


def killed_after(stage: CampaignStage, deletions: int) -> str:
    """A campaign whose process died in DEV after so many deletions, before it could say so."""
    campaign_id = stage.begin(plan_for(stage.gateway)).id
    # Two for the root session, two for each deletion.
    entries_before = 2 + 2 * deletions
    full = stage.journal._full_after
    stage.journal._full_after = entries_before + len(stage.journal.entries)
    stage.workshop().work(campaign_id, [0])
    stage.journal._full_after = full
    stage.store.change_state(campaign_id, State.RUNNING, only_from={State.PAUSED})
    return campaign_id


@pytest.mark.parametrize("deletions", [0, 1, 2, 3])
def test_what_an_earlier_attempt_deleted_is_reported_as_deleted(
    stage: CampaignStage, deletions: int
) -> None:
    campaign_id = killed_after(stage, deletions)
    assert item(stage, campaign_id, DEV).state is ItemState.BEGUN
    stage.workshop().work(campaign_id, stage.store.acting_positions(campaign_id))
    result = item(stage, campaign_id, DEV).result
    assert result is not None
    assert result.outcome is Outcome.DELETED
    assert not stage.gateway.accounts[DEV].holds_credentials
    assert [api for api, account in stage.gateway.mutations if account == DEV] == [*DELETES]


def test_what_an_earlier_attempt_deleted_counts_as_deleted_though_a_look_shows_the_past(
    stage: CampaignStage,
) -> None:
    campaign_id = killed_after(stage, 3)
    stage.gateway.fail("iam:ListMFADevices", Fails.SHOWS_THE_PAST, account=DEV)
    stage.workshop().work(campaign_id, [0])
    assert stage.gateway.apis().count("iam:DeactivateMFADevice") == 2
    result = item(stage, campaign_id, DEV).result
    assert result is not None
    assert result.outcome is Outcome.DELETED


def test_a_deletion_whose_answer_was_lost_counts_though_a_look_shows_the_past(
    stage: CampaignStage,
) -> None:
    campaign = stage.begin(plan_for(stage.gateway))
    stage.gateway.fail("iam:DeleteAccessKey", Fails.LOST_AFTER_IT_WAS_DONE, account=SHOP)
    stage.gateway.fail("iam:ListAccessKeys", Fails.SHOWS_THE_PAST, account=SHOP, after=1)
    stage.workshop().work(campaign.id, stage.store.acting_positions(campaign.id))
    assert stage.gateway.apis().count("iam:DeleteAccessKey") == 3
    assert stage.outcomes(campaign)[SHOP] == "deleted"


def test_an_account_that_ends_unknown_is_looked_at_again_after_a_while(
    stage: CampaignStage,
) -> None:
    """AWS shows what was deleted for longer than one attempt looks."""
    campaign = stage.begin(plan_for(stage.gateway))
    stage.gateway.fail("iam:ListAccessKeys", Fails.SHOWS_THE_PAST, account=SHOP, after=1, times=3)
    before = stage.clock.now()
    stage.workshop().work(campaign.id, [2])
    result = item(stage, campaign.id, SHOP).result
    assert result is not None
    assert result.outcome is Outcome.DELETED
    assert result.before is not None
    assert len(targets_in(result.before)) == 1
    assert len(result.sessions) == 2
    assert (stage.clock.now() - before).total_seconds() == 2


def test_an_empty_account_that_nobody_tried_is_clean(stage: CampaignStage) -> None:
    campaign_id = killed_after(stage, 0)
    stage.gateway.accounts[DEV] = FakeAccount()
    stage.workshop().work(campaign_id, [0])
    result = item(stage, campaign_id, DEV).result
    assert result is not None
    assert result.outcome is Outcome.CLEAN


def test_an_account_that_another_process_empties_meanwhile_is_never_called_clean(
    stage: CampaignStage,
) -> None:
    """The other was believed dead: its intents come after this attempt has looked for them."""
    campaign = stage.begin(plan_for(stage.gateway))
    plan, gateway = campaign.id, stage.gateway
    opened = gateway.open_root_session

    class Slow(FakeGateway):
        def open_root_session(self, *args: object, **options: object) -> RootSession:
            session = opened(*args, **options)  # type: ignore[arg-type] # passed on as they are
            if len(self.late) == 0:
                self.late.append(True)
                intent = {"plan": plan, "act": DELETES[0], "kind": "password", "target": "x"}
                stage.journal.record("delete-credentials.intent", DEV, intent)
                gateway.accounts[DEV] = self.accounts[DEV] = FakeAccount()
            return session

        late: list[bool]

    slow = Slow(gateway.accounts)
    slow.late = []
    stage.gateway = slow
    stage.workshop().work(campaign.id, [0])
    result = item(stage, campaign.id, DEV).result
    assert result is not None
    assert result.outcome is Outcome.DELETED
    assert "an earlier attempt of this plan" in result.detail


def test_what_the_plan_does_not_name_is_left_alone(stage: CampaignStage) -> None:
    campaign = stage.begin(plan_for(stage.gateway))
    held = stage.gateway.accounts[SHOP]
    held.keys = (*held.keys, AccessKey("AKIALATE"))
    stage.workshop().work(campaign.id, stage.store.acting_positions(campaign.id))
    assert stage.outcomes(campaign)[SHOP] == "changed meanwhile"
    assert Outcome.CHANGED_MEANWHILE in REFUSED
    assert len(stage.gateway.accounts[SHOP].keys) == 2


def test_a_denial_stays_one_when_its_statement_cannot_be_named(stage: CampaignStage) -> None:
    def shut(_blamed: Sequence[DecidedBy]) -> Sequence[str]:
        raise OperatorError("the organization cannot be read")

    stage.gateway.fail("iam:DeleteLoginProfile", Fails.DENIED, times=None)
    campaign = stage.begin(plan_for(stage.gateway))
    stage.workshop(names=shut).work(campaign.id, [0])
    assert stage.outcomes(campaign)[DEV] == "denied"
    assert stage.store.campaign(campaign.id).state is State.RUNNING


def test_a_defect_in_one_account_is_unknown_and_loses_no_other(stage: CampaignStage) -> None:
    class Defective(FakeGateway):
        def delete_access_key(self, session: RootSession, access_key_id: str) -> NoReturn:
            raise KeyError(access_key_id, session.account)

    campaign = stage.begin(plan_for(stage.gateway))
    healthy, stage.gateway = stage.gateway, Defective(stage.gateway.accounts)
    stage.workshop().work(campaign.id, [0])
    result = item(stage, campaign.id, DEV).result
    assert result is not None
    assert result.outcome is Outcome.UNKNOWN
    assert result.detail == f"broke off: KeyError('AKIA1', '{DEV}')"
    stage.gateway = healthy
    stage.workshop().work(campaign.id, stage.store.acting_positions(campaign.id))
    assert stage.outcomes(campaign)[SHOP] == "deleted"


def test_no_more_accounts_are_under_way_than_it_is_allowed(tmp_path: Path) -> None:
    gateway = FakeGateway(three_accounts())
    stage = campaign_stage(tmp_path, gateway)
    under_way, go = Event(), Event()
    looked = gateway.open_root_session

    class Waiting(FakeGateway):
        def open_root_session(self, *args: object, **options: object) -> RootSession:
            under_way.set()
            assert go.wait(30)
            return looked(*args, **options)  # type: ignore[arg-type] # passed on as they are

    campaign = stage.begin(plan_for(gateway))
    gateway.calls.clear()
    stage.gateway = Waiting(gateway.accounts)
    workshop = stage.workshop(in_flight=1)
    positions = stage.store.acting_positions(campaign.id)
    working = Thread(target=workshop.work, args=(campaign.id, positions))
    working.start()
    assert under_way.wait(30)
    closing = Thread(target=workshop.close)
    closing.start()
    go.set()
    working.join()
    closing.join()
    # The one under way ended; the other was not begun, and nobody says that it was done.
    assert [api for api, _ in gateway.calls] == ["sts:AssumeRoot"]
    assert stage.outcomes(campaign)[SHOP] == "begun"
    assert stage.outcomes(campaign)[DEV] == "deleted"
    stage.close()


def test_results_come_back_from_the_database_as_they_were(stage: CampaignStage) -> None:
    campaign_id = everything(stage)
    result = item(stage, campaign_id, DEV).result
    assert result is not None
    assert result.before is not None
    assert len(targets_in(result.before)) == 3
    assert result.after is not None
    assert targets_in(result.after) == ()
    assert len(result.sessions) == 1
    assert result_from_json(result.as_json()) == result
