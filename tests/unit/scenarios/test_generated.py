"""Generated worlds: the same for the same seed, valid, and of the size asked for."""

import json
from collections.abc import Callable
from pathlib import Path

from rootsteward.domain.organization import AccountState
from rootsteward.sandbox.scenarios.identities import listing
from rootsteward.sandbox.scenarios.load import scenario_names
from rootsteward.sandbox.world.world import World

Load = Callable[..., World]


def fingerprint(world: World) -> str:
    organization = world.organization
    root_users = [
        (
            user.account,
            user.holdings.password is not None,
            [
                (key.id, key.secret.reveal(), key.active)
                for key in user.holdings.access_keys.values()
            ],
            list(user.holdings.certificates),
            list(user.holdings.mfa_devices),
        )
        for user in world.root_users
    ]
    return json.dumps(
        [
            organization.id,
            organization.org_root_id,
            [str(unit) for unit in organization.units.values()],
            [str(account) for account in organization.accounts.values()],
            list(organization.policies.policies),
            root_users,
            listing(world),
        ]
    )


def test_the_same_seed_makes_the_same_world(load: Load) -> None:
    assert fingerprint(load("generated:300:42")) == fingerprint(load("generated:300:42"))
    assert fingerprint(load("article")) == fingerprint(load("article"))


def test_another_seed_makes_another_world(load: Load) -> None:
    assert fingerprint(load("generated:300:42")) != fingerprint(load("generated:300:43"))
    assert fingerprint(load("article")) != fingerprint(load("article", seed=7))


def test_a_seed_given_apart_is_the_seed_in_the_name(load: Load) -> None:
    assert fingerprint(load("generated:20", seed=9)) == fingerprint(load("generated:20:9"))


def test_as_many_members_as_asked_for(load: Load) -> None:
    world = load("generated:600:1")
    accounts = [a for a in world.organization.accounts.values() if a.name.startswith("generated-")]
    assert len(accounts) == 600
    assert {len(world.organization.path_to(account.id)) for account in accounts} == {4}
    assert len({account.parent_id for account in accounts}) == 3


def test_a_generated_world_has_every_kind_of_account(load: Load) -> None:
    world = load("generated:600:1")
    held = [world.root_users.of(a).holdings for a in world.organization.accounts]
    assert 300 < sum(not holdings for holdings in held) < 450
    assert any(h.access_keys and not h.password for h in held)
    assert any(h.password and h.mfa_devices for h in held)
    states = [account.state for account in world.organization.accounts.values()]
    assert 0 < states.count(AccountState.SUSPENDED) < 30


def test_access_key_ids_look_like_awss(load: Load) -> None:
    world = load("generated:300:42")
    keys = [key for user in world.root_users for key in user.holdings.access_keys.values()]
    assert keys
    for key in keys:
        assert key.id.startswith("AKIA")
        assert len(key.id) == 20
        assert len(key.secret.reveal()) == 40


def test_a_file_may_ask_for_generated_accounts_beside_its_own(
    load: Load, write: Callable[[str], Path], small: str
) -> None:
    world = load(write(small + "generated: {accounts: 5, seed: 3}\n"))
    names = [account.name for account in world.organization.accounts.values()]
    assert names == ["management", "payments", *(f"generated-{n:05d}" for n in range(1, 6))]


def test_every_shipped_scenario_loads(load: Load) -> None:
    assert {"article", "generated"} <= set(scenario_names())
    for name in scenario_names():
        assert load(name).organization.accounts
