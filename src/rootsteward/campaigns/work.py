"""The work on items of a campaign in one process: bounded, stoppable, written down.

Nothing here decides what happens in an account; that is the verb's step.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event, Lock

from rootsteward.campaigns.campaign import ERRORS, REFUSED, Campaign, State, stop_reason
from rootsteward.campaigns.planned import ItemResult
from rootsteward.campaigns.store import CampaignStore, Item
from rootsteward.campaigns.verbs.all_verbs import verb_of
from rootsteward.campaigns.verbs.verb import Tools, Work
from rootsteward.domain.errors import OperatorError, RootstewardError
from rootsteward.domain.outcome import Outcome
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import JsonValue
from rootsteward.storage.jobs import ItemState

# How stale the knowledge may be that a campaign still runs.
_STATE_LASTS = timedelta(seconds=0.5)

# How long an account that ended unknown is given before it is looked at again.
_TRY_AGAIN_SECONDS = 2.0

# The intents that earlier attempts left in the journal: operation, plan id, subject.
Intents = Callable[[str, str, str], tuple[Mapping[str, JsonValue], ...]]


@dataclass
class _KnownState:
    """Whether a campaign ran when somebody last looked."""

    lock: Lock = field(default_factory=Lock)
    running: bool = False
    at: datetime | None = None


class Workshop:
    """Carries out items with a pool of threads; one for each process."""

    def __init__(
        self, store: CampaignStore, tools: Tools, intents: Intents, clock: Clock, in_flight: int
    ) -> None:
        self._store = store
        self._tools = tools
        self._intents = intents
        self._clock = clock
        self._pool = ThreadPoolExecutor(max_workers=in_flight, thread_name_prefix="account")
        self._closing = Event()
        self._states: dict[str, _KnownState] = {}

    def work(self, campaign_id: str, positions: Sequence[int]) -> None:
        """Carry out items that have not ended; returns when those that were begun have ended.

        Items are left undone when the campaign no longer runs or the workshop closes. Doing the
        same positions again does nothing where they have ended, and begins with a look elsewhere.
        """
        if self._closing.is_set() or not self._runs(campaign_id):
            return
        campaign = self._store.campaign(campaign_id)
        items = self._store.begin_items(campaign_id, positions)
        futures = [f for f in (self._submit(campaign, item) for item in items) if f is not None]
        wait(futures)
        for future in futures:
            future.result()

    def close(self) -> None:
        """Begin nothing any more, and wait for the steps under way."""
        self._closing.set()
        self._pool.shutdown(wait=True)

    def _submit(self, campaign: Campaign, item: Item) -> Future[None] | None:
        try:
            return self._pool.submit(self._one, campaign, item)
        except RuntimeError:
            # The pool was closed meanwhile: the item is left undone.
            if self._closing.is_set():
                return None
            raise

    def _one(self, campaign: Campaign, item: Item) -> None:
        if self._closing.is_set() or not self._runs(campaign.id):
            return
        try:
            begun_at = self._clock.now()
            result = self._step(campaign, item)
            took = (self._clock.now() - begun_at).total_seconds()
            result = replace(result, seconds=round(took, 3))
            self._store.end_item(campaign.id, item.position, result)
        except Exception as error:  # noqa: BLE001 (see below)
            # WHY: the journal or the database failed, or we did; nothing may be done that cannot
            # be written down. The item stays begun, so whoever resumes looks at it first.
            self._pause(campaign, _text_of(error))
            return
        if result.outcome in REFUSED | ERRORS:
            self._keep_stop_rules(campaign)

    def _keep_stop_rules(self, campaign: Campaign) -> None:
        if not campaign.settings.has_stop_rules:
            return
        reason = stop_reason(campaign.settings, self._store.progress(campaign.id, only_begun=True))
        if reason:
            self._pause(campaign, reason)

    def _step(self, campaign: Campaign, item: Item) -> ItemResult:
        tried = self._tried(campaign, item) if item.state is ItemState.BEGUN else ()
        result = self._try(campaign, item, tried)
        if result.outcome is Outcome.UNKNOWN and not self._closing.is_set():
            return self._try_again(campaign, item, result)
        # WHY: nothing was there and this attempt sent nothing. Where another process set out to
        # delete it meanwhile, believing this one dead, `clean` would be a lie: look once more,
        # and knowing that.
        if result.outcome is Outcome.CLEAN and not tried:
            tried = self._tried(campaign, item)
            return self._try(campaign, item, tried) if tried else result
        return result

    def _try_again(self, campaign: Campaign, item: Item, first: ItemResult) -> ItemResult:
        """A second attempt, after a while. It begins with a look, as that of a killed process does.

        WHY: AWS may show what was deleted for some seconds more, and may be out of reach for some.
        """
        self._clock.sleep(_TRY_AGAIN_SECONDS)
        second = self._try(campaign, item, self._tried(campaign, item))
        return replace(
            second,
            before=first.before or second.before,
            sessions=(*first.sessions, *second.sessions),
        )

    def _try(
        self, campaign: Campaign, item: Item, tried: tuple[Mapping[str, JsonValue], ...]
    ) -> ItemResult:
        try:
            result = verb_of(campaign.slug).step(
                self._tools, Work(campaign.id, item.planned, tried)
            )
        except OperatorError:
            raise
        except Exception as error:  # noqa: BLE001 (one account's failure never loses the others)
            return ItemResult(Outcome.UNKNOWN, f"broke off: {_text_of(error)}")
        return replace(result, denied_by=self._named(result))

    def _named(self, result: ItemResult) -> tuple[str, ...]:
        """The statements in the organization's words; when those cannot be read, none."""
        try:
            return tuple(self._tools.names(result.blamed))
        except RootstewardError:
            return ()

    def _tried(self, campaign: Campaign, item: Item) -> tuple[Mapping[str, JsonValue], ...]:
        subjects = verb_of(campaign.slug).subjects(item.planned)
        return tuple(
            intent
            for subject in subjects
            for intent in self._intents(campaign.slug, campaign.id, subject)
        )

    def _pause(self, campaign: Campaign, reason: str) -> None:
        self._store.change_state(
            campaign.id, State.PAUSED, reason, only_from=frozenset({State.RUNNING})
        )
        self._states.pop(campaign.id, None)

    def _runs(self, campaign_id: str) -> bool:
        known = self._states.setdefault(campaign_id, _KnownState())
        with known.lock:
            now = self._clock.now()
            if known.at is None or now - known.at > _STATE_LASTS:
                known.running, known.at = self._store.is_running(campaign_id), now
            return known.running


def _text_of(error: Exception) -> str:
    return error.message if isinstance(error, RootstewardError) else repr(error)
