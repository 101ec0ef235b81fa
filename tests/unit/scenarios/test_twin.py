"""What a twin is made of: what was seen, and what is made up by a seed."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fake_gateway import MANAGEMENT, NO_RCPS, an_organization, control_policies
from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account, AccountState
from rootsteward.domain.root_credentials import (
    AccessKey,
    Basis,
    Holding,
    MfaDevice,
    NotSeen,
    NotSeenReason,
    Password,
    RootCredentials,
    Seen,
    SigningCertificate,
)
from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.scenarios.twin import Furnishing, Original, build_twin
from rootsteward.sandbox.world.root_access import IAM_SERVICE
from rootsteward.sandbox.world.world import World

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LONG_AGO = datetime(2020, 2, 29, tzinfo=UTC)
NOBODY_LOOKED = NotSeen(NotSeenReason.DENIED, "")


def an_original() -> Original:
    return Original(
        organization=an_organization(),
        scps=control_policies(),
        rcps=NO_RCPS,
        iam_trusted=True,
        root_features=frozenset(RootFeature),
        delegates=(),
        partition="aws",
        region="eu-west-1",
    )


def twin(original: Original | None = None, furnishing: Furnishing | None = None) -> World:
    return build_twin(original or an_original(), furnishing or Furnishing(), now=lambda: NOW)


def of_many(number: int) -> Original:
    original = an_original()
    tree = original.organization
    parent_id = tree.accounts[-1].parent_id
    many = tuple(
        Account(
            AccountId(str(7 * 10**11 + n)),
            f"a-{n}",
            f"{n}@b.example",
            AccountState.ACTIVE,
            parent_id,
        )
        for n in range(number)
    )
    return replace(original, organization=replace(tree, accounts=(*tree.accounts, *many)))


def holdings(world: World) -> dict[AccountId, tuple[bool, int, int, int]]:
    return {
        user.account: (
            user.holdings.password is not None,
            len(user.holdings.access_keys),
            len(user.holdings.certificates),
            len(user.holdings.mfa_devices),
        )
        for user in world.root_users
        if user.holdings
    }


def test_the_tree_the_policies_and_the_switches_are_the_original_s() -> None:
    original = an_original()
    world = twin(original)
    organization = world.organization
    assert (organization.id, organization.org_root_id) == (
        original.organization.id,
        original.organization.org_root.id,
    )
    assert tuple(organization.accounts.values()) == original.organization.accounts
    assert tuple(organization.units.values()) == original.organization.units
    for account in original.organization.accounts:
        assert organization.scp_chain(account.id) == original.scps.levels(
            original.organization, account.id
        )
    assert organization.services.is_trusted(IAM_SERVICE)
    assert set(organization.root_features.listed()) == {feature.value for feature in RootFeature}
    assert world.regions == ("eu-west-1", "us-east-1")


def test_most_invented_root_users_hold_nothing_and_the_rest_hold_what_people_leave_behind() -> None:
    held = Counter(holdings(twin(of_many(2000))).values())
    assert 0.25 < held.total() / 2000 < 0.5
    assert held[True, 0, 0, 1] > held[False, 1, 0, 0] > 0


def test_the_same_seed_invents_the_same_whatever_is_known_of_other_accounts() -> None:
    known = {AccountId(str(7 * 10**11)): RootCredentials(*[Seen(Holding(0), Basis.SUMMARY)] * 4)}
    first, again = twin(of_many(300)), twin(of_many(300), Furnishing(root_credentials=known))
    other = twin(of_many(300), Furnishing(seed=2))
    rest = {a: h for a, h in holdings(first).items() if a not in known}
    assert rest == {a: h for a, h in holdings(again).items() if a not in known}
    assert not holdings(again).keys() & known
    assert holdings(first) != holdings(other)


def test_nothing_is_invented_when_nobody_wants_it() -> None:
    assert holdings(twin(of_many(300), Furnishing(invents=False))) == {}


def test_what_was_seen_is_there_with_its_ids_and_dates_and_a_secret_of_the_twin_s_own() -> None:
    account = an_organization().accounts[-1].id
    seen = RootCredentials(
        password=Seen(Holding(1, (Password(LONG_AGO, NOW),)), Basis.LISTED),
        access_keys=Seen(
            Holding(
                1,
                (AccessKey("AKIASEEN", active=False, created_at=LONG_AGO, last_used_service="s3"),),
            ),
            Basis.LISTED,
        ),
        certificates=Seen(Holding(1, (SigningCertificate("CERT"),)), Basis.LISTED),
        mfa=Seen(Holding(1, (MfaDevice("GAHT1", LONG_AGO),)), Basis.LISTED),
    )
    held = twin(furnishing=Furnishing(root_credentials={account: seen})).root_users.of(account)
    assert held.holdings.password is not None
    assert held.holdings.password.created_at == LONG_AGO
    (key,) = held.holdings.keys()
    assert (key.id, key.active, key.last_used_service) == ("AKIASEEN", False, "s3")
    assert len(key.secret.reveal()) == 40
    assert list(held.holdings.certificates) == ["CERT"]
    assert held.holdings.mfa_devices["GAHT1"].enabled_at == LONG_AGO


def test_a_kind_of_which_only_the_number_is_known_is_made_up_and_an_unseen_kind_is_invented() -> (
    None
):
    account = an_organization().accounts[-1].id
    summary = RootCredentials(
        password=NOBODY_LOOKED,
        access_keys=Seen(Holding(1), Basis.SUMMARY),
        certificates=Seen(Holding(1), Basis.SUMMARY),
        mfa=Seen(Holding(1), Basis.SUMMARY),
    )
    nothing_invented = Furnishing(root_credentials={account: summary}, invents=False)
    assert holdings(twin(furnishing=nothing_invented))[account] == (False, 1, 1, 1)
    passwords = {
        holdings(twin(furnishing=Furnishing(seed=seed, root_credentials={account: summary})))[
            account
        ][0]
        for seed in range(20)
    }
    assert passwords == {True, False}


def test_its_administrator_signs_and_guardduty_watches_what_is_active() -> None:
    world = twin()
    (key_id,) = world.profiles
    credential = world.credential(key_id)
    assert credential is not None
    assert credential.caller.arn == f"arn:aws:iam::{MANAGEMENT}:user/administrator"
    for region in world.regions:
        organization = world.organization
        for account in organization.accounts:
            is_watched = world.findings.detector(account, region) is not None
            assert is_watched is organization.is_active(account)
        assert world.findings.administration.administers(MANAGEMENT, region)


def test_another_partition_has_no_twin() -> None:
    with pytest.raises(InputError, match="partition `aws-cn` has no twin"):
        twin(replace(an_original(), partition="aws-cn"))


def test_a_tree_that_cannot_be_has_no_twin() -> None:
    original = an_original()
    tree = original.organization
    first, second, *rest = tree.accounts
    twice = (first, replace(second, email=first.email), *rest)
    with pytest.raises(InputError, match=r"no twin: e-mail address .* belongs to another account"):
        twin(replace(original, organization=replace(tree, accounts=twice)))
