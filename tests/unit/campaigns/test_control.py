"""What operators say to campaigns. Nobody works on these: no engine runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign_stage import CALLER, CampaignStage, campaign_stage, no_names, plan_for
from fake_gateway import DEV, PROD, SHOP
from rootsteward.campaigns.campaign import Campaign, Settings, State
from rootsteward.campaigns.control import Control
from rootsteward.campaigns.executors import Heartbeat
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.queue import queue_of, work_queue
from rootsteward.domain.errors import OperatorError


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[CampaignStage]:
    opened = campaign_stage(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def control(stage: CampaignStage) -> Control:
    return Control(stage.database, stage.store, stage.journal, stage.intents, stage.clock)


@pytest.fixture
def plan(stage: CampaignStage) -> Plan:
    return plan_for(stage.gateway)


def begun(control: Control, plan: Plan) -> Campaign:
    return control.begin(plan, Settings(), CALLER, no_names)


def said(stage: CampaignStage) -> list[str]:
    return [kind for kind, _, _ in stage.journal.entries if kind.startswith("campaign.")]


def queued(stage: CampaignStage, plan: Plan) -> int:
    with work_queue(stage.database, plan.organization_id) as queue:
        return len(queue._undone(plan.id))


def test_a_plan_that_was_begun_is_on_record_and_queued_once(
    stage: CampaignStage, control: Control, plan: Plan
) -> None:
    campaign = begun(control, plan)
    assert (campaign.id, campaign.state) == (plan.id, State.RUNNING)
    assert stage.outcomes(campaign) == {DEV: "waiting", PROD: "clean", SHOP: "waiting"}
    kind, subject, body = stage.journal.entries[-1]
    assert (kind, subject) == ("campaign.started", plan.id)
    assert body["made_by"] == plan.made_by.arn
    assert queued(stage, plan) == 1
    again = begun(control, plan)
    assert again.state is State.RUNNING
    assert queued(stage, plan) == 1
    assert said(stage) == ["campaign.started", "campaign.resumed"]


def test_a_second_campaign_on_the_same_account_names_the_first(
    stage: CampaignStage, control: Control, plan: Plan
) -> None:
    begun(control, plan)
    later = plan_for(stage.gateway, at=stage.clock.now().replace(hour=10))
    with pytest.raises(OperatorError) as raised:
        begun(control, later)
    assert (
        f"`{DEV}` and 1 more is in campaign {plan.id} (delete-credentials), which is running"
        in (raised.value.message)
    )
    assert f"campaign stop {plan.id}" in raised.value.help
    assert stage.store.find(later.id) is None
    control.stop(stage.store.campaign(plan.id), CALLER)
    assert begun(control, later).state is State.RUNNING


def test_a_paused_campaign_goes_on_and_its_record_says_who_asked(
    stage: CampaignStage, control: Control, plan: Plan
) -> None:
    campaign = control.pause(begun(control, plan), "lunch")
    assert (campaign.state, campaign.reason) == (State.PAUSED, "lunch")
    with pytest.raises(OperatorError, match="is paused, so it cannot be paused"):
        control.pause(campaign, "again")
    assert control.resume(campaign).state is State.RUNNING
    assert said(stage) == ["campaign.started", "campaign.paused", "campaign.resumed"]
    assert stage.journal.entries[-1][2]["was"] == "paused"
    assert queued(stage, plan) == 1


def test_stopping_skips_what_was_not_begun_and_is_for_good(
    stage: CampaignStage, control: Control, plan: Plan
) -> None:
    campaign = control.stop(begun(control, plan), CALLER)
    assert (campaign.state, campaign.reason) == (State.STOPPED, f"by {CALLER.arn}")
    assert stage.outcomes(campaign) == {DEV: "skipped", PROD: "clean", SHOP: "skipped"}
    assert queued(stage, plan) == 0
    with pytest.raises(OperatorError, match="is stopped"):
        control.resume(campaign)
    with pytest.raises(OperatorError, match="is stopped"):
        control.stop(campaign, CALLER)
    assert begun(control, plan).state is State.STOPPED
    assert said(stage) == ["campaign.started", "campaign.stopped"]


@pytest.mark.parametrize(
    ("entries", "outcome"), [(0, "skipped"), (2, "skipped"), (3, "unknown"), (4, "unknown")]
)
def test_an_item_that_may_have_been_acted_on_is_unknown_and_never_skipped(
    stage: CampaignStage, control: Control, plan: Plan, entries: int, outcome: str
) -> None:
    campaign = begun(control, plan)
    # The first two tell of the root session, which changes nothing.
    stage.journal._full_after = len(stage.journal.entries) + entries
    stage.workshop().work(campaign.id, [0])
    stage.journal._full_after = None
    stopped = control.stop(stage.store.campaign(campaign.id), CALLER)
    assert stage.outcomes(stopped) == {DEV: outcome, PROD: "clean", SHOP: "skipped"}


def test_stopping_that_was_interrupted_cannot_be_resumed_and_is_done_again(
    stage: CampaignStage, control: Control, plan: Plan
) -> None:
    begun(control, plan)
    stage.store.change_state(plan.id, State.STOPPING, only_from={State.RUNNING})
    campaign = stage.store.campaign(plan.id)
    with pytest.raises(OperatorError, match="is being stopped") as raised:
        control.resume(campaign)
    assert f"campaign stop {plan.id}" in raised.value.help
    with pytest.raises(OperatorError, match="is being stopped"):
        begun(control, plan)
    assert control.stop(campaign, CALLER).state is State.STOPPED


def test_a_campaign_that_somebody_works_on_is_not_queued_again(
    stage: CampaignStage, control: Control, plan: Plan
) -> None:
    campaign = begun(control, plan)
    heart = Heartbeat(stage.store.executors, stage.clock, "test/")
    heart.start()
    try:
        with work_queue(stage.database, plan.organization_id) as queue:
            # What a process that takes the work writes.
            (workflow,) = queue._undone(plan.id)
            taken = (
                "UPDATE workflow_status SET status='PENDING', executor_id=? WHERE workflow_uuid=?"
            )
            with stage.database.writing() as connection:
                connection.exec_driver_sql(taken, (heart.id, workflow.workflow_id))
            assert queue.workers_on(plan.id) == {heart.id}
        assert control.workers(campaign) == {heart.id}
        assert control.resume(campaign).state is State.RUNNING
        paused = control.pause(campaign, "x")
        with pytest.raises(OperatorError, match="last steps are under way"):
            control.resume(paused)
        # Nobody says any more that it lives, so after a while the stopping goes on without it.
        asked_at = stage.clock.now()
        assert control.stop(paused, CALLER).state is State.STOPPED
        assert 20 < (stage.clock.now() - asked_at).total_seconds() < 22
    finally:
        heart.end()


def test_a_stopped_campaign_leaves_no_queue_behind(
    stage: CampaignStage, control: Control, plan: Plan
) -> None:
    campaign = begun(control, plan)
    with work_queue(stage.database, plan.organization_id) as queue:
        assert queue._client.retrieve_queue(queue_of(plan.id)) is not None
        control.stop(campaign, CALLER)
        assert queue._client.retrieve_queue(queue_of(plan.id)) is None
