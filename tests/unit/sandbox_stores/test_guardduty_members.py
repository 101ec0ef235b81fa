"""GuardDuty's members, who joins by itself, and how many findings there are."""

from typing import Any

import pytest

from guardduty_bench import (
    DISCOVERY,
    ROOT_SESSION,
    ask,
    detector,
    enrol,
    findings,
    sweep,
    types,
)
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, Bench

# --- members


def statuses(bench: Bench, **params: str) -> dict[str, str]:
    listed = ask(bench, "ListMembers", **params)["Members"]
    return {member["AccountId"]: member["RelationshipStatus"] for member in listed}


def test_members_are_created_at_once_with_guardduty_switched_on_for_them(watched: Bench) -> None:
    watched.world.findings.switch_off(MEMBER, "us-east-1")
    ask(watched, "DisassociateMembers", AccountIds=[MEMBER])
    assert enrol(watched, MEMBER) == []
    assert statuses(watched) == {DELEGATE: "Enabled", MEMBER: "Enabled"}
    (member, *_) = ask(watched, "GetMembers", AccountIds=[MEMBER])["Members"]
    assert member["DetectorId"] == detector(watched, "member")
    assert member["AdministratorId"] == MANAGEMENT


def test_accounts_that_cannot_be_members_are_named_with_the_reason(watched: Bench) -> None:
    left = enrol(watched, MANAGEMENT, MEMBER, "999999999999")
    assert [unprocessed["AccountId"] for unprocessed in left] == [
        MANAGEMENT,
        MEMBER,
        "999999999999",
    ]
    assert all("The request is rejected" in unprocessed["Result"] for unprocessed in left)


def test_a_member_that_was_let_go_stays_listed_until_it_is_deleted_and_rules_itself(
    watched: Bench,
) -> None:
    sweep(watched)
    assert ask(watched, "DeleteMembers", AccountIds=[MEMBER])["UnprocessedAccounts"]
    assert not ask(watched, "DisassociateMembers", AccountIds=[MEMBER])["UnprocessedAccounts"]
    assert statuses(watched) == {DELEGATE: "Enabled"}
    assert statuses(watched, OnlyAssociated="false")[MEMBER] == "Removed"
    assert types(watched) == []
    ids = [finding["Id"] for finding in findings(watched, "member")]
    ask(watched, "ArchiveFindings", "member", FindingIds=ids)
    assert not ask(watched, "DeleteMembers", AccountIds=[MEMBER])["UnprocessedAccounts"]
    assert statuses(watched, OnlyAssociated="false") == {DELEGATE: "Enabled"}


def test_a_member_knows_its_administrator(watched: Bench) -> None:
    administrator = ask(watched, "GetAdministratorAccount", "member")["Administrator"]
    assert (administrator["AccountId"], administrator["RelationshipStatus"]) == (
        MANAGEMENT,
        "Enabled",
    )
    assert ask(watched, "GetAdministratorAccount")["Administrator"] == {}


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CreateMembers", {"AccountDetails": [{"AccountId": MEMBER, "Email": "a@b.example"}]}),
        ("DisassociateMembers", {"AccountIds": [MEMBER]}),
        ("DeleteMembers", {"AccountIds": [MEMBER]}),
        ("DescribeOrganizationConfiguration", {}),
        ("UpdateOrganizationConfiguration", {"AutoEnable": True}),
    ],
)
def test_members_administer_nothing(watched: Bench, operation: str, params: dict[str, Any]) -> None:
    error = watched.refusal(
        "guardduty", operation, "member", DetectorId=detector(watched, "member"), **params
    )
    assert error.code == "BadRequestException"


@pytest.mark.parametrize(
    ("setting", "auto_enable", "joins"),
    [
        ({"AutoEnableOrganizationMembers": "NEW"}, True, True),
        ({"AutoEnable": True}, True, True),
        ({"AutoEnableOrganizationMembers": "NONE"}, False, False),
    ],
)
def test_new_accounts_join_by_themselves_when_the_configuration_says_so(
    watched: Bench, setting: dict[str, Any], *, auto_enable: bool, joins: bool
) -> None:
    ask(watched, "DisassociateMembers", AccountIds=[DELEGATE])
    ask(watched, "UpdateOrganizationConfiguration", **setting)
    described = ask(watched, "DescribeOrganizationConfiguration")
    assert described["AutoEnable"] is auto_enable
    created = watched.call(
        "organizations", "CreateAccount", AccountName="new", Email="new@x.example"
    )["CreateAccountStatus"]["Id"]
    watched.clock.forward(minutes=10)
    status = watched.call(
        "organizations", "DescribeCreateAccountStatus", CreateAccountRequestId=created
    )["CreateAccountStatus"]
    assert (status["AccountId"] in statuses(watched)) is joins
    # Whoever was there before is not new.
    assert DELEGATE not in statuses(watched)


def test_an_account_of_an_organization_that_enables_all_cannot_be_let_go(watched: Bench) -> None:
    ask(watched, "UpdateOrganizationConfiguration", AutoEnableOrganizationMembers="ALL")
    assert ask(watched, "DisassociateMembers", AccountIds=[MEMBER])["UnprocessedAccounts"]


def test_the_configuration_is_said_one_way(watched: Bench) -> None:
    both: dict[str, Any] = {"AutoEnable": True, "AutoEnableOrganizationMembers": "NEW"}
    for params in ({}, both):
        error = watched.refusal(
            "guardduty",
            "UpdateOrganizationConfiguration",
            DetectorId=detector(watched),
            **params,
        )
        assert error.code == "BadRequestException"


# --- statistics


@pytest.mark.parametrize(
    ("group_by", "member", "expected"),
    [
        ("ACCOUNT", "GroupedByAccount", {"AccountId": MEMBER, "TotalFindings": 2}),
        ("SEVERITY", "GroupedBySeverity", {"Severity": 2.0, "TotalFindings": 2}),
        ("FINDING_TYPE", "GroupedByFindingType", {"FindingType": ROOT_SESSION, "TotalFindings": 1}),
        ("DATE", "GroupedByDate", {"Severity": 2.0, "TotalFindings": 2}),
        ("RESOURCE", "GroupedByResource", {"ResourceType": "AccessKey", "TotalFindings": 2}),
    ],
)
def test_findings_are_counted_by_groups(
    watched: Bench, group_by: str, member: str, expected: dict[str, Any]
) -> None:
    sweep(watched)
    groups = ask(watched, "GetFindingsStatistics", GroupBy=group_by, OrderBy="DESC")
    first = groups["FindingStatistics"][member][0]
    assert first | expected == first


def test_findings_are_counted_by_severity_with_the_members_criteria(watched: Bench) -> None:
    sweep(watched)
    criteria = {"Criterion": {"type": {"Equals": [DISCOVERY]}}}
    counted = ask(
        watched,
        "GetFindingsStatistics",
        FindingStatisticTypes=["COUNT_BY_SEVERITY"],
        FindingCriteria=criteria,
    )
    assert counted["FindingStatistics"] == {"CountBySeverity": {"2.0": 1}}
    error = watched.refusal("guardduty", "GetFindingsStatistics", DetectorId=detector(watched))
    assert error.code == "BadRequestException"
