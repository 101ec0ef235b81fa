from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootsteward.domain.organization import AccountState
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER

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
    answers = {
        account: refused(bench, "RegisterDelegatedAdministrator", AccountId=account, **IAM)
        for account in (MANAGEMENT, MEMBER, "444444444444")
    }
    assert answers == {
        MANAGEMENT: "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
        MEMBER: "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
        "444444444444": "AccountNotFoundException",
    }


def test_trusted_access_stays_while_there_is_a_delegate(bench: Bench) -> None:
    bench.call(ORGANIZATIONS, "EnableAWSServiceAccess", **IAM)
    bench.call(ORGANIZATIONS, "RegisterDelegatedAdministrator", AccountId=DELEGATE, **IAM)
    error = bench.refusal(ORGANIZATIONS, "DisableAWSServiceAccess", **IAM)
    assert error.message == (
        "You have delegated administrator/s for this service. De-register them in order to "
        "disable service access."
    )
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
