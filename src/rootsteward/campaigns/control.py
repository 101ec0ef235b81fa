"""Beginning, pausing, resuming and stopping campaigns. Does none of their work."""

from collections.abc import Mapping

from rootsteward.campaigns.campaign import Campaign, Settings, State
from rootsteward.campaigns.executors import living
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult
from rootsteward.campaigns.queue import WorkQueue, work_queue
from rootsteward.campaigns.store import CampaignStore, Item
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.campaigns.verbs.verb import NameStatements
from rootsteward.campaigns.work import Intents
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import Journal, JsonValue
from rootsteward.storage.database import Database
from rootsteward.storage.jobs import ItemState

_GOING = frozenset({State.RUNNING, State.PAUSED})
_STOPPABLE = _GOING | {State.STOPPING}
_NOT_BEGUN = ItemResult(Outcome.SKIPPED, "the campaign was stopped before it")
_MAY_HAVE_ACTED = ItemResult(
    Outcome.UNKNOWN, "the campaign was stopped while an act may have been made"
)
_STOP_WAIT_SECONDS = 180.0
_LOOK_SECONDS = 0.5


class Control:
    """What operators say to campaigns."""

    def __init__(
        self,
        database: Database,
        store: CampaignStore,
        journal: Journal,
        intents: Intents,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._journal = journal
        self._intents = intents
        self._clock = clock

    def begin(
        self,
        plan: Plan,
        settings: Settings,
        caller: CallerIdentity,
        names: NameStatements,
        *,
        held_already: bool = False,
    ) -> Campaign:
        """Begin a plan; one that was begun before is resumed, one that ended stays as it is.

        `held_already` says that a recovery holds its accounts.

        Raises:
            OperatorError: another campaign holds one of its items; nothing was begun.
        """
        known = self._store.find(plan.id)
        if known is not None:
            return self.resume(known) if known.state in _STOPPABLE else known
        verb = verb_of(plan.slug)
        campaign = self._store.begin(plan, verb, settings, caller, names, held_already=held_already)
        self._write(
            campaign,
            "started",
            {"asked": plan.asked, "made_by": plan.made_by.arn, "items": len(plan.items)},
        )
        self._queue(campaign)
        return self._store.campaign(campaign.id)

    def resume(self, campaign: Campaign) -> Campaign:
        """Go on with a campaign that is paused, or whose processes have died.

        Raises:
            OperatorError: it has ended, or the steps under way have not ended yet.
        """
        _check_can_be_resumed(campaign)
        working = self._working(campaign)
        if working and campaign.state is State.PAUSED:
            raise OperatorError(
                f"campaign {campaign.id} is being paused; its last steps are under way",
                help="try again in a few seconds",
            )
        if not working:
            # WHY before anything else: nothing is done of which the ledger does not say who asked.
            self._write(campaign, "resumed", {"was": campaign.state.value})
            if not self._store.change_state(campaign.id, State.RUNNING, only_from=_GOING):
                _check_can_be_resumed(self._store.campaign(campaign.id))
            self._queue(campaign)
        return self._store.campaign(campaign.id)

    def pause(self, campaign: Campaign, reason: str) -> Campaign:
        """Begin no further item; those under way end.

        Raises:
            OperatorError: it does not run.
        """
        if not self._store.change_state(
            campaign.id, State.PAUSED, reason, only_from=frozenset({State.RUNNING})
        ):
            state = self._store.campaign(campaign.id).state
            raise OperatorError(
                f"campaign {campaign.id} is {state.value}, so it cannot be paused",
                help=f"`rootsteward campaign show {campaign.id}` says more",
            )
        self._write(campaign, "paused", {"reason": reason})
        return self._store.campaign(campaign.id)

    def stop(self, campaign: Campaign, caller: CallerIdentity) -> Campaign:
        """Give a campaign up: what was not begun is skipped, for good.

        An item of which nobody knows how it ended is `unknown`, never `skipped`. From the first
        word on it cannot be resumed any more; stopping that was interrupted is done again.

        Raises:
            OperatorError: it has ended already, or steps under way do not end.
        """
        if not self._store.change_state(
            campaign.id, State.STOPPING, f"by {caller.arn}", only_from=_STOPPABLE
        ):
            state = self._store.campaign(campaign.id).state
            raise OperatorError(
                f"campaign {campaign.id} is {state.value} already",
                help=f"`rootsteward campaign show {campaign.id}` says how it ended",
            )
        with work_queue(self._database, campaign.organization_id) as queue:
            self._wait_for_steps(queue, campaign)
            queue.remove(campaign.id)
        not_done = self._end_what_is_left(campaign)
        self._write(campaign, "stopped", {"not_done": not_done})
        self._store.change_state(
            campaign.id, State.STOPPED, f"by {caller.arn}", only_from=frozenset({State.STOPPING})
        )
        return self._store.campaign(campaign.id)

    def workers(self, campaign: Campaign) -> frozenset[str]:
        """The living processes that have work of a campaign under way."""
        return self._working(campaign)

    def _queue(self, campaign: Campaign) -> None:
        with work_queue(self._database, campaign.organization_id) as queue:
            queue.put(campaign, [len(wave) for wave in self._store.waves(campaign)])

    def _working(self, campaign: Campaign) -> frozenset[str]:
        with work_queue(self._database, campaign.organization_id) as queue:
            return self._living_on(queue, campaign)

    def _living_on(self, queue: WorkQueue, campaign: Campaign) -> frozenset[str]:
        alive = living(self._store.executors.all(), self._clock.now())
        return queue.workers_on(campaign.id) & alive

    def _wait_for_steps(self, queue: WorkQueue, campaign: Campaign) -> None:
        waited = 0.0
        while self._living_on(queue, campaign):
            if waited >= _STOP_WAIT_SECONDS:
                raise OperatorError(
                    f"steps of campaign {campaign.id} are still under way; no other begins",
                    help="stop it again later",
                )
            self._clock.sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS

    def _end_what_is_left(self, campaign: Campaign) -> int:
        left = self._store.open_items(campaign.id)
        unknown = [item.position for item in left if self._may_have_acted(campaign, item)]
        skipped = sorted({item.position for item in left} - set(unknown))
        for positions, result in ((unknown, _MAY_HAVE_ACTED), (skipped, _NOT_BEGUN)):
            self._store.end_items(campaign.id, positions, result)
        return len(left)

    def _may_have_acted(self, campaign: Campaign, item: Item) -> bool:
        """INVARIANT: every act has its intent on record first, so without one there was none."""
        subjects = verb_of(campaign.slug).subjects(item.planned)
        return item.state is ItemState.BEGUN and any(
            self._intents(campaign.slug, campaign.id, subject) for subject in subjects
        )

    def _write(self, campaign: Campaign, what: str, body: Mapping[str, JsonValue]) -> None:
        about = {"operation": campaign.slug, "plan": campaign.id}
        self._journal.record(f"campaign.{what}", campaign.id, {**about, **body})


def _check_can_be_resumed(campaign: Campaign) -> None:
    if campaign.state is State.STOPPING:
        raise OperatorError(
            f"campaign {campaign.id} is being stopped; there is nothing to resume",
            help=f"`rootsteward campaign stop {campaign.id}` ends the stopping",
        )
    if campaign.state not in _GOING:
        raise OperatorError(
            f"campaign {campaign.id} is {campaign.state.value}; there is nothing to resume",
            help=f"`rootsteward campaign show {campaign.id}` says how it ended",
        )
