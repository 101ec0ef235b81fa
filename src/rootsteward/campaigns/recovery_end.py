"""Ending a recovery: look at its accounts, delete again what is there, look that it is gone."""

from collections.abc import Sequence
from dataclasses import dataclass

from rootsteward.campaigns.campaign import Campaign, Settings, State
from rootsteward.campaigns.control import Control
from rootsteward.campaigns.facts import facts_about
from rootsteward.campaigns.plan import Plan
from rootsteward.campaigns.recoveries import OpenAccount, Recoveries, Recovery, RecoveryState
from rootsteward.campaigns.run import run
from rootsteward.campaigns.store import CampaignStore
from rootsteward.campaigns.verbs import delete_credentials as verb
from rootsteward.campaigns.verbs.verb import NameStatements
from rootsteward.domain.identifiers import AccountId
from rootsteward.operations import audit as audit_operation
from rootsteward.operations import controls as control_facts
from rootsteward.operations import delete_credentials as operation
from rootsteward.operations.audit import AccountAudit
from rootsteward.operations.controls import Controls
from rootsteward.operations.recovery_progress import taken_up
from rootsteward.ports.aws_gateway import AwsGateway
from rootsteward.ports.clock import Clock
from rootsteward.ports.notifier import Notifier


@dataclass(frozen=True, slots=True)
class RecoveryEnd:
    """What ending recoveries works with; it works on nothing itself."""

    gateway: AwsGateway
    controls: Controls
    store: CampaignStore
    control: Control
    recoveries: Recoveries
    names: NameStatements
    clock: Clock
    notifier: Notifier

    def look(self, recovery: Recovery) -> Sequence[tuple[OpenAccount, AccountAudit]]:
        """How it stands with the accounts that are, or may be, open. Writes down what is new."""
        accounts = self.recoveries.still_open(recovery)
        by_id = {AccountId(account.planned.key): account for account in accounts}
        organization = self.controls.organization
        report = run(
            [organization.account(account_id) for account_id in by_id],
            lambda account: audit_operation.gather(
                self.gateway, account, blame_for=control_facts.blame_for(self.controls)
            ),
            audit_operation.lost,
            self.notifier,
            title="looking at recoveries",
        )
        looked = [(by_id[audit.account.id], audit) for audit in report.rows]
        for account, audit in looked:
            signs = taken_up(audit)
            if signs:
                self.recoveries.was_taken_up(recovery, account, ", ".join(signs))
        return looked

    def begin(self, recovery: Recovery) -> Campaign | None:
        """Begin to delete again what is there; None when there is nothing, or nothing to be seen.

        A campaign that was begun before and whose processes died is gone on with.
        """
        if recovery.state is RecoveryState.CLOSING:
            begun = self.store.find(recovery.closing)
            if begun is not None and begun.state in {State.RUNNING, State.PAUSED}:
                return self.control.resume(begun)
        looked = self.look(recovery)
        plan = self._plan(recovery, [audit for _, audit in looked])
        if not plan.acting:
            rests = ((item.key, verb.VERB.rest(item)) for item in plan.items)
            self.recoveries.settle(recovery, rests)
            return None
        campaign = self.control.begin(
            plan, Settings(), self.gateway.caller(), self.names, held_already=True
        )
        self.recoveries.closing(recovery, campaign.id)
        return campaign

    def settle(self, recovery: Recovery) -> Recovery:
        """Take over how the closing campaign ended, once it has."""
        campaign = self.store.find(recovery.closing) if recovery.closing else None
        if campaign is None or campaign.state is State.RUNNING:
            return recovery
        ended = (
            (item.planned.key, item.result)
            for item in self.store.items(campaign.id)
            if item.result is not None
        )
        return self.recoveries.settle(recovery, ended)

    def _plan(self, recovery: Recovery, audits: Sequence[AccountAudit]) -> Plan:
        """Everything that is there: before the recovery there was nothing."""
        planned = operation.plan(audits)
        return Plan(
            slug=operation.SLUG,
            made_at=self.clock.now(),
            made_by=self.gateway.caller(),
            organization_id=self.controls.organization.id,
            asked=f"end of recovery {recovery.id}",
            facts=facts_about(self.controls, [audit.account.id for audit in audits]),
            items=tuple(verb.item(one) for one in planned.accounts),
        )
