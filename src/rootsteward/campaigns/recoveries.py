"""Recovery that ends: which accounts are open for how long, why, and who is to close them.

A recovery is a row, not a process: whoever looks after the time is up closes it, after a restart
as before. While it is open it holds its accounts, so that no other campaign touches them.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.planned import ItemResult, PlannedItem, item_from_json, result_from_json
from rootsteward.domain.errors import InputError
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.operations.json_fields import Fields, moment, text
from rootsteward.operations.record import time_as_json
from rootsteward.ports.clock import Clock
from rootsteward.ports.journal import Journal
from rootsteward.storage.database import Database
from rootsteward.storage.jobs import JobStore, NewItem, StoredItem, StoredJob

KIND = "recovery"
TAKEN_UP = "recovery.taken-up"
_GONE = frozenset({Outcome.DELETED, Outcome.CLEAN})


class RecoveryState(StrEnum):
    """`closing` while a campaign deletes again; `closed` when nothing is open any more."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """One account of a recovery. `result` is None while it is, or may be, open."""

    position: int
    planned: PlannedItem
    result: ItemResult | None


@dataclass(frozen=True, slots=True)
class Recovery:
    """Accounts whose root password may be set anew `until` a moment.

    `reason` is what the operator said; `closing` the campaign that closes it, or empty.
    """

    id: str
    organization_id: str
    state: RecoveryState
    closing: str
    opened_at: datetime
    changed_at: datetime
    until: datetime
    reason: str
    opened_by: str

    def is_due(self, now: datetime) -> bool:
        """Whether it should have been closed."""
        return self.state is not RecoveryState.CLOSED and now >= self.until

    def may_try(self, now: datetime, pause: timedelta) -> bool:
        """Whether closing was never tried, or long enough ago: each look raises findings."""
        return self.changed_at == self.opened_at or now - self.changed_at >= pause


class Recoveries:
    """Recoveries in the database."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._jobs = JobStore(database)
        self._journal = journal
        self._clock = clock

    def open(self, plan: Plan, until: datetime, reason: str, caller: CallerIdentity) -> Recovery:
        """Hold the accounts of a recovery plan. Nothing is open before its campaign begins.

        Raises:
            ClaimTakenError: a campaign or another recovery holds one of them.
        """
        now = self._clock.now()
        body = {"until": time_as_json(until), "reason": reason, "opened_by": caller.arn}
        job = StoredJob(
            f"{plan.id}-recovery",
            KIND,
            plan.organization_id,
            RecoveryState.OPEN,
            "",
            now,
            now,
            json.dumps(body),
        )
        items = [NewItem(item.key, json.dumps(item.as_json())) for item in plan.acting]
        self._jobs.create(job, items, {f"{plan.organization_id}/{i.key}" for i in plan.acting})
        accounts: list[str] = [item.key for item in plan.acting]
        self._journal.record(
            "recovery.opened", job.id, {"plan": plan.id, "accounts": [*accounts], **body}
        )
        return _recovery(job)

    def recoveries(self, organization_id: str | None = None) -> tuple[Recovery, ...]:
        """All recoveries, or those of one organization, newest first."""
        return tuple(_recovery(j) for j in self._jobs.jobs(organization_id) if j.kind == KIND)

    def recovery(self, recovery_id: str) -> Recovery:
        """A recovery by its id or the beginning of it.

        Raises:
            InputError: when there is none, or more than one.
        """
        found = [r for r in self.recoveries() if recovery_id and r.id.startswith(recovery_id)]
        if len(found) == 1:
            return found[0]
        problem = "several recoveries begin with" if found else "there is no recovery"
        raise InputError(
            f"{problem} `{recovery_id}`", help="`rootsteward recovery list` shows them"
        )

    def accounts(self, recovery: Recovery) -> tuple[OpenAccount, ...]:
        """Its accounts, open and closed."""
        return tuple(_account(item) for item in self._jobs.items(recovery.id))

    def still_open(self, recovery: Recovery) -> tuple[OpenAccount, ...]:
        """The accounts that are, or may be, open."""
        return tuple(account for account in self.accounts(recovery) if account.result is None)

    def was_taken_up(self, recovery: Recovery, account: OpenAccount, what: str) -> None:
        """Write down that somebody really set a password or an MFA device."""
        self._journal.record(TAKEN_UP, account.planned.key, {"recovery": recovery.id, "seen": what})

    def closing(self, recovery: Recovery, campaign_id: str) -> None:
        """A campaign deletes again what is open."""
        self._jobs.change_state(
            recovery.id,
            RecoveryState.CLOSING,
            campaign_id,
            self._clock.now(),
            only_from={RecoveryState.OPEN, RecoveryState.CLOSING},
        )

    def settle(self, recovery: Recovery, results: Iterable[tuple[str, ItemResult]]) -> Recovery:
        """Take over how accounts ended; closed when nothing is open any more.

        Only `deleted` and `clean`, which rest on a look, end an account; all else stays open.
        """
        by_account = dict(results)
        for account in self.still_open(recovery):
            result = by_account.get(account.planned.key)
            if result is not None and result.outcome in _GONE:
                self._end(recovery, account, result)
        left = self.still_open(recovery)
        state = RecoveryState.OPEN if left else RecoveryState.CLOSED
        if not left:
            self._journal.record("recovery.closed", recovery.id, {})
        self._jobs.change_state(
            recovery.id,
            state,
            "",
            self._clock.now(),
            only_from=frozenset(RecoveryState),
            release=not left,
        )
        return self.recovery(recovery.id)

    def drop(self, recovery: Recovery, account: OpenAccount, result: ItemResult) -> None:
        """An account that was never opened is none of this recovery."""
        self._end(recovery, account, result)

    def _end(self, recovery: Recovery, account: OpenAccount, result: ItemResult) -> None:
        self._jobs.end_items(
            recovery.id,
            [account.position],
            result.outcome.value,
            json.dumps(result.as_json()),
            self._clock.now(),
        )


def _recovery(job: StoredJob) -> Recovery:
    fields = Fields(json.loads(job.body))
    return Recovery(
        id=job.id,
        organization_id=job.scope,
        state=RecoveryState(job.state),
        closing=job.reason,
        opened_at=job.created_at,
        changed_at=job.changed_at,
        until=fields.read("until", moment),
        reason=fields.read("reason", text),
        opened_by=fields.read("opened_by", text),
    )


def _account(item: StoredItem) -> OpenAccount:
    result = result_from_json(json.loads(item.result)) if item.result is not None else None
    return OpenAccount(item.position, item_from_json(json.loads(item.planned)), result)
