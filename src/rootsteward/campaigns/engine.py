"""Campaigns as DBOS workflows: one for the campaign, and one for every slice of its items.

DBOS hands the slices to any number of processes and goes on where one of them died. What is left
to do is read from our own tables each time, so a workflow that is run again repeats nothing.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from dbos import DBOS, DBOSConfig, EnqueueOptions, WorkflowStatus, WorkflowStatusString

from rootsteward.campaigns.campaign import Campaign, State
from rootsteward.campaigns.executors import FORGOTTEN_AFTER, Heartbeat, living
from rootsteward.campaigns.queue import (
    CAMPAIGN_WORKFLOW,
    POLL_SECONDS,
    SLICE_WORKFLOW,
    UNDONE,
    application_of,
    helpers_of,
    keep_the_library_quiet,
    queue_of,
    version_of,
    workers_of,
    workflow_prefix,
)
from rootsteward.campaigns.store import CampaignStore
from rootsteward.campaigns.waves import slice_size
from rootsteward.campaigns.work import Workshop
from rootsteward.domain.errors import RootstewardError
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import Journal
from rootsteward.storage.database import Database
from rootsteward.storage.errors import translated

_CAN_FINISH = frozenset({State.RUNNING, State.PAUSED})
# How long leaving waits for a workflow to notice that nothing goes on.
_DRAIN_SECONDS = 3.0
_DRAIN_LOOK_SECONDS = 0.05
# How long beginning a campaign takes at most.
_QUEUED_WITHIN = timedelta(seconds=30)
# How long to wait before handing out work again of which nothing was done.
_NO_PROGRESS_SECONDS = 1.0


class CampaignEngine:
    """Works on campaigns of one organization while it is entered. One in a process at a time.

    LIMIT: DBOS keeps its state in module variables, hence one.
    """

    def __init__(
        self,
        database: Database,
        store: CampaignStore,
        workshop: Workshop,
        journal: Journal,
        clock: Clock,
        organization_id: str,
        *,
        only: Campaign | None = None,
    ) -> None:
        """Nothing is done before it is entered. `only` keeps it to one campaign's work."""
        self._store = store
        self._workshop = workshop
        self._journal = journal
        self._clock = clock
        self._organization_id = organization_id
        self._application = application_of(organization_id)
        self._only = only
        prefix = workers_of(organization_id) if only is None else helpers_of(only.id)
        self._heartbeat = Heartbeat(store.executors, clock, prefix)
        self._sql_engine = database.engine_for_a_library()
        self._database_name = database.name

    def __enter__(self) -> Self:
        try:
            keep_the_library_quiet()
            DBOS(config=self._config())
            self._define_workflows()
            if self._only is not None:
                DBOS.listen_queues([queue_of(self._only.id)])
            self._heartbeat.start()
            DBOS.launch()
        except BaseException:
            # Ctrl-C, or a database that cannot be reached: leave nothing running behind.
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._workshop.close()
            self._drain()
        finally:
            self._leave()

    def _drain(self) -> None:
        """Let workflows that have nothing left to do write down that they ended."""
        for _ in range(round(_DRAIN_SECONDS / _DRAIN_LOOK_SECONDS)):
            if not self._undone(executor_id=self._heartbeat.id):
                return
            self._clock.sleep(_DRAIN_LOOK_SECONDS)

    def _leave(self) -> None:
        DBOS.destroy(destroy_registry=True)
        self._heartbeat.end()
        self._sql_engine.dispose()

    def rescue(self) -> None:
        """Hand on the work of processes that died; of one campaign, when kept to one.

        Raises:
            OperatorError: the database cannot be read.
        """
        alive = living(self._store.executors.all(), self._clock.now())
        self._store.executors.forget_silent(self._clock.now() - FORGOTTEN_AFTER)
        if not self._is_first_of(alive):
            return
        with translated(self._database_name):
            for workflow in self._undone():
                if workflow.executor_id not in alive:
                    DBOS.resume_workflow(workflow.workflow_id, queue_name=workflow.queue_name)
        self._pause_what_is_lost()

    def _is_first_of(self, alive: frozenset[str]) -> bool:
        """Whether it is for this process to hand on work.

        WHY one only: two that handed on the same work could begin it twice. Processes that work
        for the whole organization come first; those kept to another campaign, or working for
        another organization, do not count.
        """
        workers = [one for one in alive if one.startswith(workers_of(self._organization_id))]
        if self._only is None:
            return self._heartbeat.id == min(workers, default=self._heartbeat.id)
        helpers = [one for one in alive if one.startswith(helpers_of(self._only.id))]
        return not workers and self._heartbeat.id == min(helpers, default=self._heartbeat.id)

    def _undone(self, *, executor_id: str | None = None) -> list[WorkflowStatus]:
        """What some process has taken and not ended; of one campaign, when kept to one."""
        return DBOS.list_workflows(
            status=WorkflowStatusString.PENDING.value,
            workflow_id_prefix=None if self._only is None else workflow_prefix(self._only.id),
            application_name=self._application,
            executor_id=executor_id,
            load_input=False,
            load_output=False,
        )

    def _pause_what_is_lost(self) -> None:
        """Pause campaigns whose workflow broke off, so that nobody waits for them for ever."""
        for campaign in self._store.campaigns(self._organization_id):
            # WHY the time: whoever begins a campaign stores it first, and queues it then.
            if campaign.state is not State.RUNNING or (
                self._clock.now() - campaign.changed_at < _QUEUED_WITHIN
            ):
                continue
            with translated(self._database_name):
                undone = DBOS.list_workflows(
                    status=UNDONE,
                    workflow_id_prefix=workflow_prefix(campaign.id),
                    limit=1,
                    load_input=False,
                    load_output=False,
                )
            if not undone:
                self._store.change_state(
                    campaign.id,
                    State.PAUSED,
                    "its work broke off",
                    only_from=frozenset({State.RUNNING}),
                )

    def _config(self) -> DBOSConfig:
        return {
            "name": self._application,
            "system_database_engine": self._sql_engine,
            "application_version": version_of(self._organization_id),
            "executor_id": self._heartbeat.id,
            "log_level": "CRITICAL",
            "notification_listener_polling_interval_sec": POLL_SECONDS,
        }

    def _define_workflows(self) -> None:
        @DBOS.workflow(name=SLICE_WORKFLOW)
        def work_on_slice(campaign_id: str, positions: Sequence[int]) -> None:
            # WHY it does not raise: what was not done is handed out again, whatever the reason.
            with suppress(RootstewardError):
                self._workshop.work(campaign_id, positions)

        @DBOS.workflow(name=CAMPAIGN_WORKFLOW)
        def carry_out(campaign_id: str, attempt: str) -> None:
            waves = DBOS.run_step({"name": "count waves"}, self._count_waves, campaign_id)
            for wave in range(waves):
                self._carry_out_wave(campaign_id, attempt, wave)
            DBOS.run_step({"name": "finish"}, self._finish, campaign_id)

    def _carry_out_wave(self, campaign_id: str, attempt: str, wave: int) -> None:
        """Hand out what is left of a wave until nothing is, or the campaign no longer runs."""
        turn, before = 0, None
        while slices := DBOS.run_step({"name": "left"}, self._left, campaign_id, wave):
            if slices == before:
                DBOS.sleep(_NO_PROGRESS_SECONDS)
            handles = [
                DBOS.enqueue_workflow_with_options(
                    self._slice_options(campaign_id, f"{attempt}.{wave}.{turn}.{number}"),
                    campaign_id,
                    positions,
                )
                for number, positions in enumerate(slices)
            ]
            for handle in handles:
                handle.get_result(polling_interval_sec=POLL_SECONDS)
            turn, before = turn + 1, slices

    def _slice_options(self, campaign_id: str, workflow_id: str) -> EnqueueOptions:
        return {
            "workflow_name": SLICE_WORKFLOW,
            "queue_name": queue_of(campaign_id),
            "workflow_id": workflow_id,
            "app_version": version_of(self._organization_id),
        }

    def _count_waves(self, campaign_id: str) -> int:
        return len(self._store.waves(self._store.campaign(campaign_id)))

    def _left(self, campaign_id: str, wave: int) -> list[list[int]]:
        """The slices of a wave that have not ended; none when the campaign does not run."""
        campaign = self._store.campaign(campaign_id)
        if campaign.state is not State.RUNNING:
            return []
        unended = frozenset(self._store.open_positions(campaign_id))
        waves = self._store.waves(campaign)
        size = slice_size([len(positions) for positions in waves], campaign.settings.in_flight)
        left = [position for position in waves[wave] if position in unended]
        return [left[start : start + size] for start in range(0, len(left), size)]

    def _finish(self, campaign_id: str) -> None:
        """Finished when nothing is left; otherwise it was paused or stopped.

        WHY the ledger first: a process that dies between the two finds the campaign running and
        writes a second such entry; the other way round there would be none.
        """
        campaign = self._store.campaign(campaign_id)
        if self._store.open_positions(campaign_id) or campaign.state not in _CAN_FINISH:
            return
        outcomes = self._store.progress(campaign_id).outcomes
        self._journal.record(
            "campaign.finished",
            campaign_id,
            {
                "operation": campaign.slug,
                "plan": campaign_id,
                "outcomes": {outcome.value: number for outcome, number in outcomes.items()},
            },
        )
        self._store.change_state(campaign_id, State.FINISHED, only_from=_CAN_FINISH)
        # WHY: workers look at every queue there is.
        DBOS.delete_queue(queue_of(campaign_id))
