from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.organization import AccountState
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, UNIT

if TYPE_CHECKING:
    from sandbox_bench import Bench

ORGANIZATIONS = "organizations"
IAM = {"ServicePrincipal": "iam.amazonaws.com"}


def refused(bench: Bench, operation: str, **params: Any) -> str:  # noqa: ANN401 (parameters of the call)
    error = bench.refusal(ORGANIZATIONS, operation, **params)
    return error.members.get("Reason", error.code)


def test_trusted_access_is_switched_and_listed(bench: Bench) -> None:
    for _ in range(2):
        bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    listed = bench.call(ORGANIZATIONS, "ListAWSServiceAccessForOrganization")
    assert listed["EnabledServicePrincipals"] == [{**IAM, "DateEnabled": bench.clock()}]
    for _ in range(2):
        bench.call(ORGANIZATIONS, "DisableAWSServiceAccess", **IAM)
    listed = bench.call(ORGANIZATIONS, "ListAWSServiceAccessForOrganization")
    assert listed["EnabledServicePrincipals"] == []


def test_only_service_principals_are_services(bench: Bench) -> None:
    wrong = {"ServicePrincipal": "iam"}
    assert refused(bench, "EnableAWSServiceAccess", **wrong) == "UNRECOGNIZED_SERVICE_PRINCIPAL"


def test_a_delegate_is_registered_once_and_listed(bench: Bench) -> None:
    account = {"AccountId": DELEGATE, **IAM}
    assert refused(bench, "RegisterDelegatedAdministrator", **account) == (
        "SERVICE_ACCESS_NOT_ENABLED"
    )
    bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    bench.call(ORGANIZATIONS, "RegisterDelegatedAdministrator", **account)
    assert refused(bench, "RegisterDelegatedAdministrator", **account) == (
        "AccountAlreadyRegisteredException"
    )
    for query in ({}, IAM):
        listed = bench.call(ORGANIZATIONS, "ListDelegatedAdministrators", **query)
        (shown,) = listed["DelegatedAdministrators"]
        assert (shown["Id"], shown["State"]) == (DELEGATE, "ACTIVE")
        assert shown["DelegationEnabledDate"] == bench.clock()
        assert "Paths" not in shown
    services = bench.call(ORGANIZATIONS, "ListDelegatedServicesForAccount", AccountId=DELEGATE)
    assert services["DelegatedServices"] == [{**IAM, "DelegationEnabledDate": bench.clock()}]
    other = {"ServicePrincipal": "guardduty.amazonaws.com"}
    none = bench.call(ORGANIZATIONS, "ListDelegatedAdministrators", **other)
    assert none["DelegatedAdministrators"] == []


def test_a_service_may_have_several_delegates(bench: Bench) -> None:
    bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    for account in (DELEGATE, MEMBER):
        bench.call(ORGANIZATIONS, "RegisterDelegatedAdministrator", AccountId=account, **IAM)
    listed = bench.call(ORGANIZATIONS, "ListDelegatedAdministrators", **IAM)
    assert {shown["Id"] for shown in listed["DelegatedAdministrators"]} == {DELEGATE, MEMBER}


def test_who_cannot_be_a_delegate(bench: Bench) -> None:
    bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    bench.world.organization.set_state(MEMBER, AccountState.SUSPENDED)
    answers = {}
    for account in (MANAGEMENT, MEMBER, "444444444444"):
        request = {"AccountId": account, **IAM}
        error = bench.refusal(ORGANIZATIONS, "RegisterDelegatedAdministrator", **request)
        answers[account] = (error.code, error.members.get("Reason"))
    constraint = "ConstraintViolationException"
    assert answers == {
        MANAGEMENT: (constraint, "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"),
        MEMBER: (constraint, "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"),
        "444444444444": ("AccountNotFoundException", None),
    }


def test_an_account_may_administer_several_services(bench: Bench) -> None:
    other = {"ServicePrincipal": "guardduty.amazonaws.com"}
    for service in (other, IAM):
        bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **service)
        bench.call(ORGANIZATIONS, "RegisterDelegatedAdministrator", AccountId=DELEGATE, **service)
    listed = bench.call(ORGANIZATIONS, "ListDelegatedServicesForAccount", AccountId=DELEGATE)
    names = [service["ServicePrincipal"] for service in listed["DelegatedServices"]]
    assert names == ["guardduty.amazonaws.com", "iam.amazonaws.com"]


def test_trusted_access_stays_while_there_is_a_delegate(bench: Bench) -> None:
    bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    bench.call(ORGANIZATIONS, "RegisterDelegatedAdministrator", AccountId=DELEGATE, **IAM)
    error = bench.refusal(ORGANIZATIONS, "DisableAWSServiceAccess", **IAM)
    assert error.message == (
        "You have delegated administrator/s for this service. De-register them in order to "
        "disable service access."
    )
    assert (error.code, error.http_status) == ("ConstraintViolationException", 400)
    assert error.members == {"Reason": "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"}
    bench.call(ORGANIZATIONS, "DeregisterDelegatedAdministrator", AccountId=DELEGATE, **IAM)
    assert bench.call(ORGANIZATIONS, "DisableAWSServiceAccess", **IAM) == {}


def test_deregistering_needs_a_registration(bench: Bench) -> None:
    for operation, params in (
        ("DeregisterDelegatedAdministrator", IAM),
        ("ListDelegatedServicesForAccount", {}),
    ):
        answer = refused(bench, operation, AccountId=DELEGATE, **params)
        assert answer == "AccountNotRegisteredException"


@pytest.mark.parametrize("name", ["delegate", "member"])
@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("EnableAWSServiceAccess", {"ServicePrincipal": "guardduty.amazonaws.com"}),
        ("DisableAWSServiceAccess", IAM),
        ("RegisterDelegatedAdministrator", {"AccountId": MEMBER, **IAM}),
        ("DeregisterDelegatedAdministrator", {"AccountId": DELEGATE, **IAM}),
    ],
)
def test_access_and_delegates_are_for_the_management_account(
    bench: Bench, operation: str, params: dict[str, str], name: str
) -> None:
    bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    bench.call(ORGANIZATIONS, "RegisterDelegatedAdministrator", AccountId=DELEGATE, **IAM)
    error = bench.refusal(ORGANIZATIONS, operation, name, **params)
    assert (error.code, error.message) == (
        "AccessDeniedException",
        "You don't have permissions to access this resource.",
    )


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("DescribeOrganization", {}),
        ("DescribeAccount", {"AccountId": MEMBER}),
        ("DescribeOrganizationalUnit", {"OrganizationalUnitId": UNIT}),
        ("DescribePolicy", {"PolicyId": "p-FullAWSAccess"}),
        ("ListAccounts", {}),
        ("ListAccountsForParent", {"ParentId": UNIT}),
        ("ListAWSServiceAccessForOrganization", {}),
        ("ListChildren", {"ParentId": UNIT, "ChildType": "ACCOUNT"}),
        ("ListCreateAccountStatus", {}),
        ("ListDelegatedAdministrators", {}),
        ("ListDelegatedServicesForAccount", {"AccountId": DELEGATE}),
        ("ListOrganizationalUnitsForParent", {"ParentId": UNIT}),
        ("ListParents", {"ChildId": MEMBER}),
        ("ListPolicies", {"Filter": "SERVICE_CONTROL_POLICY"}),
        ("ListPoliciesForTarget", {"TargetId": UNIT, "Filter": "SERVICE_CONTROL_POLICY"}),
        ("ListRoots", {}),
        ("ListTagsForResource", {"ResourceId": MEMBER}),
        ("ListTargetsForPolicy", {"PolicyId": "p-FullAWSAccess"}),
    ],
)
def test_a_delegate_reads_the_organization(
    bench: Bench, operation: str, params: dict[str, str]
) -> None:
    bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    bench.call(ORGANIZATIONS, "RegisterDelegatedAdministrator", AccountId=DELEGATE, **IAM)
    assert bench.call(ORGANIZATIONS, operation, "delegate", **params)
