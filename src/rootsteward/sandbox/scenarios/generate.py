"""Member accounts made up from a seed, thousands at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from random import Random

from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, OrganizationalUnit
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.scenarios.inventions import ACTIVE_SHARE, draw_holdings
from rootsteward.sandbox.scenarios.schema import (
    GeneratedPolicySpec,
    GeneratedSpec,
    document_text,
)
from rootsteward.sandbox.services.organizations.arns import new_policy_arn
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.control_policies import MOST_ATTACHED, SCP
from rootsteward.sandbox.world.credentials import (
    AccessKeyRecord,
    LoginProfile,
    MfaRecord,
    virtual_mfa_serial,
)
from rootsteward.sandbox.world.world import World

_TOP_UNIT = "Generated"
_OLDEST_DAYS = 3000
_SUSPENDED_SHARE = 0.01


def add_generated_accounts(world: World, spec: GeneratedSpec, at: datetime) -> list[str]:
    """Add `spec.accounts` accounts in units below one of its own. Same seed, same accounts.

    Returns the ids of the units, parents before their children.
    """
    random = Random(spec.seed)  # noqa: S311 (a made-up world, the same for the same seed)
    leaves = -(-spec.accounts // spec.accounts_per_unit)
    units = _add_units(world, random, leaves, spec.unit_levels)
    holders = units[-leaves:]
    for number in range(1, spec.accounts + 1):
        unit_id = holders[(number - 1) // spec.accounts_per_unit]
        _add_account(world, random, number, unit_id, at)
    return units


def _add_units(world: World, random: Random, leaves: int, levels: int) -> list[str]:
    """A tree whose levels widen evenly from one unit to `leaves`; the leaves come last."""
    organization = world.organization
    units: list[str] = []
    above = [organization.org_root_id]
    for level in range(1, levels + 1):
        width = ceil(leaves ** ((level - 1) / (levels - 1)))
        here = []
        for number in range(width):
            unit_id = ids.unit_id(random, organization.org_root_id)
            parent_id = above[number * len(above) // width]
            name = _unit_name(level, levels, number + 1)
            organization.add_unit(OrganizationalUnit(unit_id, name, parent_id))
            here.append(unit_id)
        units += here
        above = here
    return units


def _unit_name(level: int, levels: int, number: int) -> str:
    if level == 1:
        return _TOP_UNIT
    return f"Group {number:03d}" if level == levels else f"Branch {level}-{number:02d}"


def add_generated_policies(world: World, spec: GeneratedSpec, units: Sequence[str]) -> None:
    """Add the copies of every policy and attach each to its number of units.

    A unit that has as many SCPs as AWS allows is passed over. Same seed, same places.
    """
    random = Random(spec.seed)  # noqa: S311 (a made-up world, the same for the same seed)
    policies = world.organization.policies
    for policy in spec.policies:
        for number in range(1, policy.copies + 1):
            copy = _copy(world, random, policy, number)
            policies.put(copy)
            room = [u for u in units if len(policies.attached_to(u, SCP)) < MOST_ATTACHED[SCP]]
            for unit_id in random.sample(room, min(policy.units, len(room))):
                policies.attach(copy.id, unit_id)


def _copy(world: World, random: Random, spec: GeneratedPolicySpec, number: int) -> ControlPolicy:
    policy_id = ids.policy_id(random)
    return ControlPolicy(
        id=policy_id,
        name=f"{spec.name}-{number:03d}",
        arn=new_policy_arn(world.organization, SCP, policy_id),
        description="",
        type=SCP,
        aws_managed=False,
        content=document_text(spec.content),
    )


def _add_account(world: World, random: Random, number: int, unit_id: str, at: datetime) -> None:
    account_id = ids.account_id(random)
    while account_id in world.organization.accounts:
        account_id = ids.account_id(random)
    suspended = random.random() < _SUSPENDED_SHARE
    joined_at = at - timedelta(days=random.randrange(_OLDEST_DAYS))
    world.organization.add_account(
        Account(
            id=account_id,
            name=f"generated-{number:05d}",
            email=f"aws+{number:05d}@generated.example.com",
            state=AccountState.SUSPENDED if suspended else AccountState.ACTIVE,
            parent_id=unit_id,
            joined_at=joined_at,
        )
    )
    held = draw_holdings(random)
    if held:
        _give(world, random, account_id, held, joined_at)


def _give(
    world: World, random: Random, account: AccountId, held: tuple[str, ...], made_at: datetime
) -> None:
    if "password" in held:
        world.root_users.of(account).holdings.password = LoginProfile(created_at=made_at)
    if "key" in held:
        key = AccessKeyRecord(
            id=ids.long_term_key_id(random),
            secret=Secret(ids.secret_access_key(random)),
            created_at=made_at,
            active=random.random() < ACTIVE_SHARE,
        )
        world.root_users.add_access_key(account, key)
    if "mfa" in held:
        world.root_users.add_mfa_device(account, MfaRecord(virtual_mfa_serial(account), made_at))
