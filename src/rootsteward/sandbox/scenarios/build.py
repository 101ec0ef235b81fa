"""From a checked scenario to a world."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, OrganizationalUnit
from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.behaviour import Behaviour
from rootsteward.sandbox.scenarios.contents import Furnisher
from rootsteward.sandbox.scenarios.generate import (
    add_generated_accounts,
    add_generated_policies,
)
from rootsteward.sandbox.scenarios.meaning import ORG_ROOT, unit_paths
from rootsteward.sandbox.scenarios.schema import (
    AccountSpec,
    ControlPolicySpec,
    GuardDutySpec,
    ManagementSpec,
    Scenario,
    document_text,
)
from rootsteward.sandbox.services.organizations.arns import new_policy_arn
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.control_policies import FULL_ACCESS, SCP
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World


def build_world(scenario: Scenario, *, now: Callable[[], datetime], seed: int) -> World:
    """Make a world. The same scenario and seed make the same world, but for its dates.

    Raises:
        OperatorError: when the world refuses something that the checks let pass.
    """
    return _Builder(scenario, now, seed).build()


@dataclass
class _Builder:
    scenario: Scenario
    now: Callable[[], datetime]
    seed: int

    def build(self) -> World:
        random = Random(self.seed)  # noqa: S311 (a made-up world, the same for the same seed)
        started_at = self.now()
        furnisher = Furnisher(random, started_at)
        management = self.scenario.organization.management
        organization = OrganizationState.found(random, _account(management, "", furnisher))
        world = World(self.now, random, tuple(self.scenario.regions), organization)
        world.behaviour = Behaviour(
            faults=self.scenario.faults,
            throttle=self.scenario.throttle,
            realistic=self.scenario.realistic,
        )
        furnisher.world = world
        targets = self._add_tree(world, furnisher)
        generated = self.scenario.generated
        units = add_generated_accounts(world, generated, started_at) if generated else []
        self._add_policies(world, targets)
        if generated is not None:
            add_generated_policies(world, generated, units)
        self._set_switches(world, targets, started_at)
        for account in (management, *self.scenario.accounts):
            furnisher.furnish(account)
        for role in self.scenario.member_roles:
            furnisher.add_to_members(role, targets)
        furnisher.add_roles((management, *self.scenario.accounts), targets)
        if self.scenario.guardduty is not None:
            _switch_guardduty_on(world, self.scenario.guardduty, targets, started_at)
        return world

    def _add_tree(self, world: World, furnisher: Furnisher) -> dict[str, str]:
        """Add units and accounts; returns the id of every name a scenario can use."""
        organization = world.organization
        targets = {ORG_ROOT: organization.org_root_id}
        for path, unit in unit_paths(self.scenario.organization.units):
            parent_id = targets[path.rpartition("/")[0] or ORG_ROOT]
            unit_id = ids.unit_id(world.random, organization.org_root_id)
            organization.add_unit(OrganizationalUnit(unit_id, unit.name, parent_id))
            targets[path] = unit_id
        for spec in self.scenario.accounts:
            parent_id = targets[spec.unit or ORG_ROOT]
            organization.add_account(_account(spec, parent_id, furnisher))
        for account in organization.accounts.values():
            targets[account.name] = targets[account.id] = account.id
        return targets

    def _add_policies(self, world: World, targets: dict[str, str]) -> None:
        organization = world.organization
        for policy_type in self.scenario.organization.policy_types:
            organization.policies.enable(policy_type, organization.targets())
        for spec in self.scenario.organization.policies:
            policy = _policy(world, spec)
            organization.policies.put(policy)
            for name in spec.attach:
                organization.policies.attach(policy.id, targets[name])
        for name in self.scenario.organization.without_full_access:
            organization.policies.detach(FULL_ACCESS[SCP].id, targets[name])

    def _set_switches(self, world: World, targets: dict[str, str], at: datetime) -> None:
        spec, organization = self.scenario.organization, world.organization
        for service in spec.trusted_services:
            organization.services.trust(service, at)
        for service, delegates in spec.delegated_administrators.items():
            for name in delegates:
                organization.services.delegate(AccountId(targets[name]), service, at)
        for feature in spec.root_features:
            organization.root_features.enable(RootFeature(feature))


def _account(spec: ManagementSpec, parent_id: str, furnisher: Furnisher) -> Account:
    state = spec.state if isinstance(spec, AccountSpec) else "ACTIVE"
    return Account(
        id=AccountId(spec.id),
        name=spec.name,
        email=spec.email,
        state=AccountState(state),
        parent_id=parent_id,
        joined_at=furnisher.before(spec.joined_days_ago),
        tags=dict(spec.tags),
    )


def _policy(world: World, spec: ControlPolicySpec) -> ControlPolicy:
    policy_id = ids.policy_id(world.random)
    return ControlPolicy(
        id=policy_id,
        name=spec.name,
        arn=new_policy_arn(world.organization, spec.type, policy_id),
        description=spec.description,
        type=spec.type,
        aws_managed=False,
        content=document_text(spec.content),
    )


def _switch_guardduty_on(
    world: World, spec: GuardDutySpec, targets: dict[str, str], at: datetime
) -> None:
    world.findings.delay_seconds = spec.delay_seconds
    for region in spec.regions:
        watched = list(_watched(world, spec, targets))
        for account in watched:
            world.findings.switch_on(account, region, at)
        if spec.administrator is not None:
            administrator = AccountId(targets[spec.administrator])
            world.findings.administration.name(administrator, region)
            world.findings.enrol((administrator, *watched), region, at)


def _watched(world: World, spec: GuardDutySpec, targets: dict[str, str]) -> Iterator[AccountId]:
    if spec.accounts is None:
        yield from filter(world.organization.is_active, world.organization.accounts)
    else:
        yield from dict.fromkeys(AccountId(targets[name]) for name in spec.accounts)
