"""Campaigns as DBOS workflows: one for the campaign, and one for every slice of its items.

DBOS hands the slices to any number of processes and goes on where one of them died. What is left
to do is read from our own tables each time, so a workflow that is run again repeats nothing.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from dbos import DBOS, DBOSConfig, EnqueueOptions, WorkflowStatusString

from rootsteward.campaigns.campaign import Campaign, State
from rootsteward.campaigns.executors import Heartbeat, living
from rootsteward.campaigns.queue import (
    CAMPAIGN_WORKFLOW,
    POLL_SECONDS,
    SLICE,
    SLICE_WORKFLOW,
    VERSION,
    application_of,
    keep_the_library_quiet,
    queue_of,
    workflow_prefix,
)
from rootsteward.campaigns.store import CampaignStore
from rootsteward.campaigns.waves import split, wave_sizes
from rootsteward.campaigns.work import Workshop
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import Journal
from rootsteward.storage.database import Database

# How long leaving waits for a workflow to notice that nothing goes on.
_DRAIN_SECONDS = 3
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
        self._application = application_of(organization_id)
        self._only = only
        self._heartbeat = Heartbeat(store.jobs, clock)
        self._sql_engine = database.engine_for_a_library()

    def __enter__(self) -> Self:
        keep_the_library_quiet()
        DBOS(config=self._config())
        self._define_workflows()
        if self._only is not None:
            DBOS.listen_queues([queue_of(self._only.id)])
        self._heartbeat.__enter__()
        DBOS.launch()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._workshop.close()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=_DRAIN_SECONDS)
        self._heartbeat.__exit__(kind, error, traceback)
        self._sql_engine.dispose()

    def rescue(self) -> None:
        """Hand on the work of processes that died; of one campaign, when kept to one.

        WHY only the first of the living: two that handed on the same work could begin it twice.
        """
        alive = living(self._store.jobs.executors(), self._clock.now())
        if self._heartbeat.id != min(alive, default=self._heartbeat.id):
            return
        for workflow in DBOS.list_workflows(
            status=WorkflowStatusString.PENDING.value,
            workflow_id_prefix=None if self._only is None else workflow_prefix(self._only.id),
            application_name=self._application,
            load_input=False,
            load_output=False,
        ):
            if workflow.executor_id not in alive:
                DBOS.resume_workflow(workflow.workflow_id, queue_name=workflow.queue_name)

    def _config(self) -> DBOSConfig:
        return {
            "name": self._application,
            "system_database_engine": self._sql_engine,
            "application_version": VERSION,
            "executor_id": self._heartbeat.id,
            "log_level": "CRITICAL",
            "notification_listener_polling_interval_sec": POLL_SECONDS,
        }

    def _define_workflows(self) -> None:
        @DBOS.workflow(name=SLICE_WORKFLOW)
        def work_on_slice(campaign_id: str, positions: Sequence[int]) -> None:
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
            "app_version": VERSION,
        }

    def _waves(self, campaign_id: str) -> tuple[tuple[int, ...], ...]:
        positions = self._store.acting_positions(campaign_id)
        waves = self._store.campaign(campaign_id).settings.waves
        return split(positions, wave_sizes(waves, len(positions)))

    def _count_waves(self, campaign_id: str) -> int:
        return len(self._waves(campaign_id))

    def _left(self, campaign_id: str, wave: int) -> list[list[int]]:
        """The slices of a wave that have not ended; none when the campaign does not run."""
        if not self._store.is_running(campaign_id):
            return []
        unended = frozenset(self._store.open_positions(campaign_id))
        left = [p for p in self._waves(campaign_id)[wave] if p in unended]
        return [left[start : start + SLICE] for start in range(0, len(left), SLICE)]

    def _finish(self, campaign_id: str) -> None:
        """Finished when nothing is left; otherwise it was paused or stopped."""
        if self._store.open_positions(campaign_id):
            return
        if self._store.change_state(
            campaign_id, State.FINISHED, only_from=frozenset({State.RUNNING, State.PAUSED})
        ):
            outcomes = self._store.progress(campaign_id).outcomes
            self._journal.record(
                "campaign.finished",
                campaign_id,
                {
                    "plan": campaign_id,
                    "outcomes": {outcome.value: number for outcome, number in outcomes.items()},
                },
            )
