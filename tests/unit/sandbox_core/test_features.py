from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.task_policy import RootFeature
from rootsteward.sandbox.world.root_access import IAM_SERVICE

if TYPE_CHECKING:
    from sandbox_bench import Bench

ENABLE = ("EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions")
DISABLE = ("DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions")
ALL = ("ListOrganizationsFeatures", *ENABLE, *DISABLE)


@pytest.fixture
def trusted(bench: Bench) -> Bench:
    services = bench.world.organization.services
    services.trust(IAM_SERVICE, bench.clock())
    services.delegate(bench.callers["delegate"].account, IAM_SERVICE, bench.clock())
    return bench


def test_features_are_listed_in_the_recorded_order_whatever_the_order_of_enabling(
    trusted: Bench,
) -> None:
    for operation in ENABLE:
        output = trusted.call("iam", operation)
    assert output["EnabledFeatures"] == ["RootSessions", "RootCredentialsManagement"]
    assert output["OrganizationId"] == trusted.world.organization.id


def test_enabling_and_disabling_twice_changes_nothing(trusted: Bench) -> None:
    for _ in range(2):
        assert trusted.call("iam", ENABLE[0])["EnabledFeatures"] == ["RootCredentialsManagement"]
    for _ in range(2):
        assert trusted.call("iam", DISABLE[0])["EnabledFeatures"] == []


@pytest.mark.parametrize("operation", ALL)
def test_without_trusted_access_every_call_says_so(bench: Bench, operation: str) -> None:
    error = bench.refusal("iam", operation)
    assert (error.code, error.http_status) == ("ServiceAccessNotEnabledException", 400)
    assert error.message == (
        "Trusted Access for IAM not enabled by organization of input account 111111111111."
    )


@pytest.mark.parametrize("operation", ENABLE)
def test_a_delegate_cannot_enable(trusted: Bench, operation: str) -> None:
    error = trusted.refusal("iam", operation, "delegate")
    assert error.code == "CallerIsNotManagementAccountException"
    assert error.message == (
        "Caller account 222222222222 is not management account of the organization and cannot "
        "enable IAM features."
    )


def test_a_delegate_can_list_and_disable(trusted: Bench) -> None:
    trusted.call("iam", ENABLE[0])
    listed = trusted.call("iam", "ListOrganizationsFeatures", "delegate")
    assert listed["EnabledFeatures"] == ["RootCredentialsManagement"]
    assert trusted.call("iam", DISABLE[0], "delegate")["EnabledFeatures"] == []


@pytest.mark.parametrize("operation", ["ListOrganizationsFeatures", *DISABLE])
def test_an_ordinary_member_has_no_say(trusted: Bench, operation: str) -> None:
    error = trusted.refusal("iam", operation, "member")
    assert error.code == "AccountNotManagementOrDelegatedAdministratorException"
    assert error.message == (
        "Input account 333333333333 is neither management account nor delegated admin."
    )


def test_an_account_outside_has_no_organization(trusted: Bench) -> None:
    error = trusted.refusal("iam", "ListOrganizationsFeatures", "outsider")
    assert error.code == "OrganizationNotFoundException"


def test_iam_denies_before_anything_else_is_looked_at(bench: Bench) -> None:
    user = bench.add_user(
        bench.world.organization.management_account_id,
        "nobody",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:*",'
        '"Resource":"*"}]}',
    )
    error = bench.refusal("iam", "ListOrganizationsFeatures", user)
    assert error.message == (
        "User: arn:aws:iam::111111111111:user/nobody is not authorized to perform: "
        "iam:ListOrganizationsFeatures on resource: * because no identity-based policy allows the "
        "iam:ListOrganizationsFeatures action"
    )


def test_flags_survive_trusted_access_going_off_and_on(bench: Bench) -> None:
    services = bench.world.organization.services
    services.trust(IAM_SERVICE, bench.clock())
    bench.call("iam", ENABLE[1])
    services.distrust(IAM_SERVICE)
    services.trust(IAM_SERVICE, bench.clock())
    listed = bench.call("iam", "ListOrganizationsFeatures")["EnabledFeatures"]
    assert listed == [RootFeature.SESSIONS.value]
