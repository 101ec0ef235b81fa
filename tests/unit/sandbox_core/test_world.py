"""The promises that the world's stores keep by themselves, for scenarios as for operations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import OrganizationalUnit
from rootsteward.domain.secret import Secret
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.control_policies import FULL_ACCESS, SCP
from rootsteward.sandbox.world.credentials import AccessKeyRecord, CertificateRecord, MfaRecord
from rootsteward.sandbox.world.identities import IamUser
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, START, UNIT, account, root_request

if TYPE_CHECKING:
    from sandbox_bench import Bench


def key(key_id: str) -> AccessKeyRecord:
    return AccessKeyRecord(key_id, Secret("s"), START)


def test_ids_are_unique_addresses_too_and_parents_exist(bench: Bench) -> None:
    organization = bench.world.organization
    new = account(AccountId("444444444444"), "new", UNIT)
    for broken in (
        replace(new, id=MEMBER),
        replace(new, email="MEMBER@example.com"),
        replace(new, parent_id="ou-none"),
    ):
        with pytest.raises(OperatorError):
            organization.add_account(broken)
    organization.add_account(new)
    assert organization.accounts_in(UNIT)[-1] == new


def test_units_do_not_nest_deeper_than_five_nor_share_a_name(bench: Bench) -> None:
    organization = bench.world.organization
    parent = UNIT
    for depth in range(2, 6):
        organization.add_unit(OrganizationalUnit(f"ou-{depth}", "u", parent))
        parent = f"ou-{depth}"
    with pytest.raises(OperatorError, match="deeper than 5"):
        organization.add_unit(OrganizationalUnit("ou-6", "u", parent))
    with pytest.raises(OperatorError, match="already"):
        organization.add_unit(OrganizationalUnit("ou-7", "Workloads", organization.org_root_id))
    with pytest.raises(OperatorError, match="not empty"):
        organization.remove_unit(UNIT)
    with pytest.raises(OperatorError, match="not a parent"):
        organization.move_account(MEMBER, "ou-none")


def test_every_target_keeps_a_policy_and_a_removed_one_leaves_none(bench: Bench) -> None:
    organization = bench.world.organization
    policies = organization.policies
    with pytest.raises(OperatorError, match="last one"):
        policies.detach(FULL_ACCESS[SCP].id, MEMBER)
    with pytest.raises(OperatorError, match="already"):
        policies.attach(FULL_ACCESS[SCP].id, MEMBER)
    with pytest.raises(OperatorError, match="is attached"):
        policies.remove(FULL_ACCESS[SCP].id)
    organization.add_unit(OrganizationalUnit("ou-new", "new", UNIT))
    organization.remove_unit("ou-new")
    assert "ou-new" not in set(policies.targets_of(FULL_ACCESS[SCP].id))


def test_chains_run_from_the_org_root_to_the_account(bench: Bench) -> None:
    organization = bench.world.organization
    chain = organization.scp_chain(MEMBER)
    assert chain is not None
    assert [level.entity for level in chain] == [organization.org_root_id, UNIT, MEMBER]
    assert organization.scp_chain(MANAGEMENT) is None
    assert organization.scp_chain(AccountId("999999999999")) is None
    assert organization.rcp_chain(MEMBER) is None


def test_root_users_hold_no_more_than_aws_lets_them(bench: Bench) -> None:
    root_users = bench.world.root_users
    for number in range(2):
        root_users.add_access_key(MEMBER, key(f"AKIA{number}"))
        root_users.add_certificate(MEMBER, CertificateRecord(str(number), "pem", START))
    for number in range(8):
        root_users.add_mfa_device(MEMBER, MfaRecord(str(number), START))
    root_users.open_recovery(MEMBER, START)
    for add in (
        lambda: root_users.add_access_key(MEMBER, key("AKIA3")),
        lambda: root_users.add_access_key(DELEGATE, key("AKIA0")),
        lambda: root_users.add_certificate(MEMBER, CertificateRecord("3", "pem", START)),
        lambda: root_users.add_mfa_device(MEMBER, MfaRecord("9", START)),
        lambda: root_users.open_recovery(MEMBER, START),
    ):
        with pytest.raises(OperatorError):
            add()


def test_names_and_keys_of_users_are_unique(bench: Bench) -> None:
    identities = bench.world.identities
    with pytest.raises(OperatorError, match="already"):
        identities.add_user(IamUser(MEMBER, "MEMBER", "AIDA", START))
    user = identities.user(MEMBER, "Member")
    assert user is not None
    with pytest.raises(OperatorError, match="exists already"):
        identities.add_key(user, key(bench.callers["delegate"].access_key_id))


def test_sessions_are_forgotten_only_well_after_they_expired(bench: Bench) -> None:
    bench.switch_on()
    old = bench.assume_root(TaskPolicy.AUDIT).access_key_id
    bench.clock.forward(minutes=30)
    for _ in range(999):
        bench.call("sts", "AssumeRoot", **root_request(TaskPolicy.AUDIT))
    assert bench.world.identities.session(old) is not None
    bench.clock.forward(hours=2)
    for _ in range(1000):
        bench.call("sts", "AssumeRoot", **root_request(TaskPolicy.AUDIT))
    assert bench.world.identities.session(old) is None


def test_the_same_seed_makes_the_same_identifiers() -> None:
    def draw(seed: int) -> list[str]:
        random = Random(seed)  # noqa: S311 (the same identifiers every time)
        makers = (
            ids.account_id,
            ids.organization_id,
            ids.org_root_id,
            ids.policy_id,
            ids.create_account_request_id,
            ids.long_term_key_id,
            ids.session_key_id,
            ids.secret_access_key,
            ids.session_token,
            ids.role_unique_id,
            ids.certificate_id,
            ids.request_id,
        )
        return [make(random) for make in makers]

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)


def test_a_delegate_needs_trusted_access_and_keeps_it(bench: Bench) -> None:
    services = bench.world.organization.services
    with pytest.raises(OperatorError, match="no trusted access"):
        services.delegate(DELEGATE, "iam.amazonaws.com", START)
    services.trust("iam.amazonaws.com", START)
    services.trust("iam.amazonaws.com", START + timedelta(days=1))
    assert services.trusted_since["iam.amazonaws.com"] == START
    services.delegate(DELEGATE, "iam.amazonaws.com", START)
    with pytest.raises(OperatorError, match="delegated administrator"):
        services.distrust("iam.amazonaws.com")
    services.undelegate(DELEGATE, "iam.amazonaws.com")
    with pytest.raises(OperatorError, match="does not administer"):
        services.undelegate(DELEGATE, "iam.amazonaws.com")
