"""Campaigns in the database: what is left, what ended how. Everything else can be lost.

INVARIANT: an item has ended when its result is stored here, and only then; what the workflow
engine remembers beside it only says who works on what.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rootsteward.campaigns.campaign import (
    Campaign,
    Progress,
    Settings,
    State,
    progress_of,
    settings_from_json,
)
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult, PlannedItem, item_from_json, result_from_json
from rootsteward.campaigns.verbs.all_verbs import VERBS
from rootsteward.campaigns.verbs.verb import NameStatements, Verb
from rootsteward.campaigns.waves import split, wave_sizes
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.operations.json_fields import Fields, text
from rootsteward.ports.clock import Clock
from rootsteward.storage.database import Database
from rootsteward.storage.executors import ExecutorStore
from rootsteward.storage.jobs import (
    ClaimTakenError,
    ItemState,
    JobStore,
    NewItem,
    StoredItem,
    StoredJob,
)

_OPEN = frozenset({ItemState.WAITING, ItemState.BEGUN})
_NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a campaign. `result` is None until it has ended."""

    position: int
    planned: PlannedItem
    state: ItemState
    begun_at: datetime | None
    ended_at: datetime | None
    result: ItemResult | None


class CampaignStore:
    """Reads and changes campaigns; safe for threads and processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.jobs = JobStore(database)
        self.executors = ExecutorStore(database)
        self._clock = clock

    def begin(
        self,
        plan: Plan,
        verb: Verb,
        settings: Settings,
        started_by: CallerIdentity,
        names: NameStatements,
        *,
        held_already: bool = False,
    ) -> Campaign:
        """Store a plan as a running campaign. Items that do not act have ended at once.

        `held_already` says that the caller holds the items by other means.

        Raises:
            OperatorError: another campaign holds one of the items; nothing was stored.
        """
        now = self._clock.now()
        body = {
            "asked": plan.asked,
            "started_by": started_by.arn,
            "settings": settings.as_json(),
        }
        job = StoredJob(
            plan.id, plan.slug, plan.organization_id, State.RUNNING, "", now, now, json.dumps(body)
        )
        acting = () if held_already else plan.acting
        claims = {f"{plan.organization_id}/{item.key}" for item in acting}
        try:
            self.jobs.create(job, [_new_item(verb, item, names) for item in plan.items], claims)
        except ClaimTakenError as error:
            raise self.held(error) from error
        return _campaign(job)

    def find(self, campaign_id: str) -> Campaign | None:
        """A campaign, or None when there is none of that id."""
        job = self.jobs.job(campaign_id)
        return None if job is None or job.kind not in VERBS else _campaign(job)

    def campaign(self, campaign_id: str) -> Campaign:
        """A campaign by its id, or by the beginning of one that no other has.

        Raises:
            InputError: when there is none, or more than one.
        """
        exact = self.find(campaign_id)
        if exact is not None:
            return exact
        found = [c for c in self.campaigns() if campaign_id and c.id.startswith(campaign_id)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"{len(found)} campaigns begin with `{campaign_id}`",
                help="give more of the id: " + ", ".join(c.id for c in found[:_NAMED_AT_MOST]),
            )
        raise InputError(
            f"there is no campaign `{campaign_id}` in this database",
            help="`rootsteward campaign list` shows them; --database names another database",
        )

    def campaigns(self, organization_id: str | None = None) -> tuple[Campaign, ...]:
        """All campaigns, or those of one organization, newest first."""
        return tuple(_campaign(j) for j in self.jobs.jobs(organization_id) if j.kind in VERBS)

    def progress(self, campaign_id: str, *, only_begun: bool = False) -> Progress:
        """How far it is; `only_begun` leaves out what did not have to act."""
        return progress_of(self.jobs.count(campaign_id, only_begun=only_begun))

    def items(self, campaign_id: str) -> tuple[Item, ...]:
        """Every item, in order."""
        return tuple(_item(stored) for stored in self.jobs.items(campaign_id))

    def acting_positions(self, campaign_id: str) -> tuple[int, ...]:
        """Where the items are that have to act, whether they have ended or not."""
        return self.jobs.positions_to_do(campaign_id)

    def waves(self, campaign: Campaign) -> tuple[tuple[int, ...], ...]:
        """Where the items of each wave are that have to act, whether they have ended or not."""
        positions = self.acting_positions(campaign.id)
        return split(positions, wave_sizes(campaign.settings.waves, len(positions)))

    def open_positions(self, campaign_id: str) -> tuple[int, ...]:
        """Where the items are that have not ended."""
        return self.jobs.positions(campaign_id, _OPEN)

    def begin_items(self, campaign_id: str, positions: Sequence[int]) -> tuple[Item, ...]:
        """Mark items as begun; returns those that have not ended, as they were before."""
        begun = self.jobs.begin_items(campaign_id, positions, self._clock.now())
        return tuple(_item(stored) for stored in begun)

    def end_item(self, campaign_id: str, position: int, result: ItemResult) -> bool:
        """Write down how an item ended; whether nobody had before."""
        return self.end_items(campaign_id, [position], result) == 1

    def end_items(self, campaign_id: str, positions: Sequence[int], result: ItemResult) -> int:
        """Write down that items ended in the same way; how many had not ended before."""
        return self.jobs.end_items(
            campaign_id,
            positions,
            result.outcome.value,
            json.dumps(result.as_json()),
            self._clock.now(),
        )

    def open_items(self, campaign_id: str) -> tuple[Item, ...]:
        """The items that have not ended, in order."""
        return tuple(_item(stored) for stored in self.jobs.items(campaign_id, states=_OPEN))

    def is_running(self, campaign_id: str) -> bool:
        """Whether steps may begin."""
        job = self.jobs.job(campaign_id)
        return job is not None and job.state == State.RUNNING

    def change_state(
        self, campaign_id: str, state: State, reason: str = "", *, only_from: Collection[State]
    ) -> bool:
        """Compare and set; whether it was in one of the states `only_from`.

        A campaign that is stopped or finished holds nothing any more.
        """
        return self.jobs.change_state(
            campaign_id,
            state,
            reason,
            self._clock.now(),
            only_from=only_from,
            release=state in {State.STOPPED, State.FINISHED},
        )

    def held(self, error: ClaimTakenError) -> OperatorError:
        """The same error in the operator's words: who holds what, and what to do about it."""
        key, campaign_id = next(iter(sorted(error.holders.items())))
        name = key.partition("/")[2]
        more = len(error.holders) - 1
        others = f" and {more} more" if more else ""
        campaign = self.find(campaign_id)
        if campaign is None:
            return OperatorError(
                f"`{name}`{others} is in recovery {campaign_id}",
                help=f"leave it out, or end it with `rootsteward recovery close {campaign_id}`",
            )
        return OperatorError(
            f"`{name}`{others} is in campaign {campaign_id} ({campaign.slug}), "
            f"which is {campaign.state.value}",
            help=f"`rootsteward campaign resume {campaign_id}` ends it, "
            f"`rootsteward campaign stop {campaign_id}` gives it up",
        )


def _new_item(verb: Verb, item: PlannedItem, names: NameStatements) -> NewItem:
    planned = json.dumps(item.as_json())
    if item.acts:
        return NewItem(item.key, planned)
    rest = verb.rest(item)
    rest = replace(rest, denied_by=tuple(names(rest.blamed)))
    return NewItem(item.key, planned, rest.outcome.value, json.dumps(rest.as_json()))


def _campaign(job: StoredJob) -> Campaign:
    fields = Fields(json.loads(job.body))
    return Campaign(
        id=job.id,
        slug=job.kind,
        organization_id=job.scope,
        state=State(job.state),
        reason=job.reason,
        created_at=job.created_at,
        changed_at=job.changed_at,
        asked=fields.read("asked", text),
        started_by=fields.read("started_by", text),
        settings=fields.read("settings", settings_from_json),
    )


def _item(stored: StoredItem) -> Item:
    return Item(
        position=stored.position,
        planned=item_from_json(json.loads(stored.planned)),
        state=stored.state,
        begun_at=stored.begun_at,
        ended_at=stored.ended_at,
        result=None if stored.result is None else result_from_json(json.loads(stored.result)),
    )
