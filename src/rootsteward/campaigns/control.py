"""Beginning, pausing, resuming and stopping campaigns. Does none of their work."""

from collections.abc import Mapping

from rootsteward.campaigns.campaign import Campaign, Settings, State
from rootsteward.campaigns.executors import living
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult
from rootsteward.campaigns.queue import WorkQueue, work_queue
from rootsteward.campaigns.store import CampaignStore
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
            return self.resume(known) if known.state in _GOING else known
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
        if campaign.state not in _GOING:
            raise OperatorError(
                f"campaign {campaign.id} is {campaign.state.value}; there is nothing to resume",
                help=f"`rootsteward campaign show {campaign.id}` says how it ended",
            )
        working = self._working(campaign)
        if campaign.state is State.PAUSED:
            if working:
                raise OperatorError(
                    f"campaign {campaign.id} is being paused; its last steps are under way",
                    help="try again in a few seconds",
                )
            self._store.change_state(
                campaign.id, State.RUNNING, only_from=frozenset({State.PAUSED})
            )
            self._write(campaign, "resumed", {})
        if not working:
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

        An item of which nobody knows how it ended is `unknown`, never `skipped`.

        Raises:
            OperatorError: it has ended already, or steps under way do not end.
        """
        if not self._store.change_state(
            campaign.id, State.PAUSED, "being stopped", only_from=_GOING
        ):
            state = self._store.campaign(campaign.id).state
            raise OperatorError(
                f"campaign {campaign.id} is {state.value} already",
                help=f"`rootsteward campaign show {campaign.id}` says how it ended",
            )
        self._wait_for_steps(campaign)
        with work_queue(self._database, campaign.organization_id) as queue:
            queue.take_off(campaign.id)
        skipped = self._end_what_is_left(campaign)
        self._store.change_state(
            campaign.id, State.STOPPED, f"by {caller.arn}", only_from=frozenset({State.PAUSED})
        )
        self._write(campaign, "stopped", {"not done": skipped})
        return self._store.campaign(campaign.id)

    def workers(self, campaign: Campaign) -> frozenset[str]:
        """The living processes that have work of a campaign under way."""
        return self._working(campaign)

    def _queue(self, campaign: Campaign) -> None:
        with work_queue(self._database, campaign.organization_id) as queue:
            queue.put(campaign)

    def _working(self, campaign: Campaign) -> frozenset[str]:
        with work_queue(self._database, campaign.organization_id) as queue:
            return self._living_on(queue, campaign)

    def _living_on(self, queue: WorkQueue, campaign: Campaign) -> frozenset[str]:
        alive = living(self._store.jobs.executors(), self._clock.now())
        return queue.workers_on(campaign.id) & alive

    def _wait_for_steps(self, campaign: Campaign) -> None:
        with work_queue(self._database, campaign.organization_id) as queue:
            waited = 0.0
            while self._living_on(queue, campaign):
                if waited >= _STOP_WAIT_SECONDS:
                    raise OperatorError(
                        f"steps of campaign {campaign.id} are still under way; it is paused",
                        help="stop it again later",
                    )
                self._clock.sleep(_LOOK_SECONDS)
                waited += _LOOK_SECONDS

    def _end_what_is_left(self, campaign: Campaign) -> int:
        left = [item for item in self._store.items(campaign.id) if item.result is None]
        for item in left:
            result = ItemResult(Outcome.SKIPPED, "the campaign was stopped before it")
            if item.state is ItemState.BEGUN and self._intents(
                campaign.slug, campaign.id, item.planned.key
            ):
                result = ItemResult(
                    Outcome.UNKNOWN, "the campaign was stopped while an act may have been made"
                )
            self._store.end_item(campaign.id, item.position, result)
        return len(left)

    def _write(self, campaign: Campaign, what: str, body: Mapping[str, JsonValue]) -> None:
        about = {"operation": campaign.slug, "plan": campaign.id}
        self._journal.record(f"campaign.{what}", campaign.id, {**about, **body})
