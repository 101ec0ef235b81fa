"""Member accounts made up from a seed, thousands at a time."""

from datetime import datetime, timedelta
from random import Random

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState, OrganizationalUnit
from rootsteward.domain.secret import Secret
from rootsteward.sandbox.scenarios.schema import GeneratedSpec
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.credentials import (
    AccessKeyRecord,
    LoginProfile,
    MfaRecord,
    virtual_mfa_serial,
)
from rootsteward.sandbox.world.world import World

_ACCOUNTS_PER_UNIT = 250
_TOP_UNIT = "Generated"
_OLDEST_DAYS = 3000
# How often each set of root credentials occurs, in hundredths: most accounts have none.
_HOLDINGS = {
    (): 62,
    ("password",): 14,
    ("password", "mfa"): 15,
    ("password", "key"): 4,
    ("key",): 3,
    ("password", "key", "mfa"): 2,
}
_SUSPENDED_SHARE = 0.01


def add_generated_accounts(world: World, spec: GeneratedSpec, at: datetime) -> None:
    """Add `spec.accounts` accounts in units below one of its own. Same seed, same accounts."""
    random = Random(spec.seed)  # noqa: S311 (a made-up world, the same for the same seed)
    units = _add_units(world, random, spec.accounts)
    for number in range(1, spec.accounts + 1):
        unit_id = units[(number - 1) // _ACCOUNTS_PER_UNIT]
        _add_account(world, random, number, unit_id, at)


def _add_units(world: World, random: Random, accounts: int) -> list[str]:
    organization = world.organization
    top_id = ids.unit_id(random, organization.org_root_id)
    organization.add_unit(OrganizationalUnit(top_id, _TOP_UNIT, organization.org_root_id))
    units = []
    for number in range(1, -(-accounts // _ACCOUNTS_PER_UNIT) + 1):
        unit_id = ids.unit_id(random, organization.org_root_id)
        organization.add_unit(OrganizationalUnit(unit_id, f"Group {number:03d}", top_id))
        units.append(unit_id)
    return units


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
    (held,) = random.choices(list(_HOLDINGS), weights=list(_HOLDINGS.values()))
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
            active=random.random() < 0.5,  # noqa: PLR2004 (every other one)
        )
        world.root_users.add_access_key(account, key)
    if "mfa" in held:
        world.root_users.add_mfa_device(account, MfaRecord(virtual_mfa_serial(account), made_at))
