from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import AccountState
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, UNIT

if TYPE_CHECKING:
    from sandbox_bench import Bench

ORGANIZATIONS = "organizations"


def names(output: Any, member: str, key: str = "Name") -> list[str]:  # noqa: ANN401 (outputs are data)
    return [item[key] for item in output[member]]


def test_the_organization_describes_itself_to_every_member(bench: Bench) -> None:
    for caller in ("management", "delegate", "member"):
        shown = bench.call(ORGANIZATIONS, "DescribeOrganization", caller)["Organization"]
        assert shown["MasterAccountId"] == MANAGEMENT
        assert shown["FeatureSet"] == "ALL"
        assert shown["Arn"].endswith(f"organization/{bench.world.organization.id}")
    error = bench.refusal(ORGANIZATIONS, "DescribeOrganization", "outsider")
    assert error.code == "AWSOrganizationsNotInUseException"


def test_reading_is_for_management_and_delegates_and_changing_for_management(
    bench: Bench,
) -> None:
    unit = {"ParentId": UNIT, "Name": "x"}
    assert bench.refusal(ORGANIZATIONS, "ListAccounts", "delegate").code == "AccessDeniedException"
    services = bench.world.organization.services
    services.trust("guardduty.amazonaws.com", bench.clock())
    services.delegate(DELEGATE, "guardduty.amazonaws.com", bench.clock())
    assert bench.call(ORGANIZATIONS, "ListAccounts", "delegate")["Accounts"]
    refused = bench.refusal(ORGANIZATIONS, "CreateOrganizationalUnit", "delegate", **unit)
    assert refused.message == "You don't have permissions to access this resource."


def test_accounts_have_a_state_a_path_and_a_status(bench: Bench) -> None:
    organization = bench.world.organization
    shown = bench.call(ORGANIZATIONS, "DescribeAccount", AccountId=MEMBER)["Account"]
    assert (shown["State"], shown["Status"]) == ("ACTIVE", "ACTIVE")
    assert shown["Paths"] == [f"{organization.id}/{organization.org_root_id}/{UNIT}/{MEMBER}/"]
    assert shown["Arn"] == (
        f"arn:aws:organizations::{MANAGEMENT}:account/{organization.id}/{MEMBER}"
    )
    error = bench.refusal(ORGANIZATIONS, "DescribeAccount", AccountId="444444444444")
    assert (error.code, error.message) == (
        "AccountNotFoundException",
        "You specified an account that doesn't exist.",
    )


def test_lists_come_in_pages_until_there_is_no_token(bench: Bench) -> None:
    first = bench.call(ORGANIZATIONS, "ListAccounts", MaxResults=2)
    assert names(first, "Accounts", "Id") == [MANAGEMENT, DELEGATE]
    last = bench.call(ORGANIZATIONS, "ListAccounts", MaxResults=2, NextToken=first["NextToken"])
    assert names(last, "Accounts", "Id") == [MEMBER]
    assert "NextToken" not in last


@pytest.mark.parametrize("token", ["nonsense", "TGlzdFJvb3RzOjA=", "éé"])
def test_tokens_of_other_lists_and_nonsense_are_refused(bench: Bench, token: str) -> None:
    error = bench.refusal(ORGANIZATIONS, "ListAccounts", NextToken=token)
    assert (error.code, error.members) == (
        "InvalidInputException",
        {"Reason": "INVALID_NEXT_TOKEN"},
    )
    assert error.message == (
        "You specified an invalid value for nextToken. You must get the value from the response "
        "to a previous call to the API."
    )


def test_the_tree_can_be_walked_down_and_up(bench: Bench) -> None:
    org_root = bench.world.organization.org_root_id
    (shown,) = bench.call(ORGANIZATIONS, "ListRoots")["Roots"]
    assert (shown["Id"], shown["Name"]) == (org_root, "Root")
    assert shown["PolicyTypes"] == [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    units = bench.call(ORGANIZATIONS, "ListOrganizationalUnitsForParent", ParentId=org_root)
    assert names(units, "OrganizationalUnits") == ["Workloads"]
    accounts = bench.call(ORGANIZATIONS, "ListAccountsForParent", ParentId=UNIT)
    assert names(accounts, "Accounts") == ["member"]
    children = {"ParentId": org_root, "ChildType": "ACCOUNT"}
    listed = bench.call(ORGANIZATIONS, "ListChildren", **children)["Children"]
    assert listed == [{"Id": a, "Type": "ACCOUNT"} for a in (MANAGEMENT, DELEGATE)]
    up = [bench.call(ORGANIZATIONS, "ListParents", ChildId=c)["Parents"] for c in (MEMBER, UNIT)]
    assert up == [
        [{"Id": UNIT, "Type": "ORGANIZATIONAL_UNIT"}],
        [{"Id": org_root, "Type": "ROOT"}],
    ]


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("ListParents", {"ChildId": "444444444444"}, "ChildNotFoundException"),
        ("ListParents", {"ChildId": "r-none"}, "ChildNotFoundException"),
        ("ListChildren", {"ParentId": "ou-x-y", "ChildType": "ACCOUNT"}, "ParentNotFoundException"),
        ("ListAccountsForParent", {"ParentId": "ou-x-y"}, "ParentNotFoundException"),
        ("ListOrganizationalUnitsForParent", {"ParentId": "r-none"}, "ParentNotFoundException"),
        (
            "DescribeOrganizationalUnit",
            {"OrganizationalUnitId": "ou-x-y"},
            "OrganizationalUnitNotFoundException",
        ),
        ("ListTagsForResource", {"ResourceId": "ou-x-y"}, "TargetNotFoundException"),
        (
            "DescribeCreateAccountStatus",
            {"CreateAccountRequestId": "car-1"},
            "CreateAccountStatusNotFoundException",
        ),
    ],
)
def test_what_does_not_exist_is_said_not_to(
    bench: Bench, operation: str, params: dict[str, Any], code: str
) -> None:
    assert bench.refusal(ORGANIZATIONS, operation, **params).code == code


def test_units_are_made_renamed_and_deleted(bench: Bench) -> None:
    made = bench.call(ORGANIZATIONS, "CreateOrganizationalUnit", ParentId=UNIT, Name="Inner")
    unit_id = made["OrganizationalUnit"]["Id"]
    assert made["OrganizationalUnit"]["Path"].endswith(f"/{UNIT}/{unit_id}/")
    attached = bench.world.organization.policies.attached_to(unit_id, "SERVICE_CONTROL_POLICY")
    assert attached == ("p-FullAWSAccess",)
    same = {"ParentId": UNIT, "Name": "Inner"}
    error = bench.refusal(ORGANIZATIONS, "CreateOrganizationalUnit", **same)
    assert error.code == "DuplicateOrganizationalUnitException"
    unit = {"OrganizationalUnitId": unit_id}
    renamed = bench.call(ORGANIZATIONS, "UpdateOrganizationalUnit", Name="Other", **unit)
    assert renamed["OrganizationalUnit"]["Name"] == "Other"
    for nothing in ({}, {"Name": " "}):
        left = bench.call(
            ORGANIZATIONS, "UpdateOrganizationalUnit", by="management", **unit, **nothing
        )
        assert left == renamed
    full = bench.refusal(ORGANIZATIONS, "DeleteOrganizationalUnit", OrganizationalUnitId=UNIT)
    assert full.code == "OrganizationalUnitNotEmptyException"
    bench.call(ORGANIZATIONS, "DeleteOrganizationalUnit", **unit)
    gone = bench.refusal(ORGANIZATIONS, "DescribeOrganizationalUnit", **unit)
    assert gone.code == "OrganizationalUnitNotFoundException"


def test_units_nest_five_deep(bench: Bench) -> None:
    parent = UNIT
    for name in "2345":
        made = bench.call(ORGANIZATIONS, "CreateOrganizationalUnit", ParentId=parent, Name=name)
        parent = made["OrganizationalUnit"]["Id"]
    error = bench.refusal(ORGANIZATIONS, "CreateOrganizationalUnit", ParentId=parent, Name="6")
    assert (error.code, error.members["Reason"]) == (
        "ConstraintViolationException",
        "OU_DEPTH_LIMIT_EXCEEDED",
    )


def test_accounts_move_and_their_policies_change_with_them(
    bench: Bench,
    deny_scp: Any,  # noqa: ANN401 (a fixture that takes keywords)
) -> None:
    org_root = bench.world.organization.org_root_id
    deny_scp("iam:GetUser", at=UNIT)
    assert bench.refusal("iam", "GetUser", "member").code == "AccessDenied"
    move = {"AccountId": MEMBER, "SourceParentId": UNIT, "DestinationParentId": org_root}
    assert bench.call(ORGANIZATIONS, "MoveAccount", **move) == {}
    assert bench.call("iam", "GetUser", "member")
    again = bench.refusal(ORGANIZATIONS, "MoveAccount", **move)
    assert again.code == "AccountNotFoundException"
    unknown = {**move, "SourceParentId": "ou-x-y"}
    refused = bench.refusal(ORGANIZATIONS, "MoveAccount", **unknown)
    assert (refused.code, refused.message) == (
        "SourceParentNotFoundException",
        "You specified parent that doesn't exist.",
    )
    nowhere = {**move, "SourceParentId": org_root, "DestinationParentId": "ou-x-y"}
    refused = bench.refusal(ORGANIZATIONS, "MoveAccount", **nowhere)
    assert refused.code == "DestinationParentNotFoundException"
    same = {**move, "SourceParentId": org_root}
    assert bench.refusal(ORGANIZATIONS, "MoveAccount", **same).code == "DuplicateAccountException"


def test_a_created_account_appears_after_a_while_without_root_credentials(bench: Bench) -> None:
    request: dict[str, Any] = {
        "AccountName": "new",
        "Email": "new@example.com",
        "RoleName": "Admin",
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    created = bench.call(ORGANIZATIONS, "CreateAccount", **request)["CreateAccountStatus"]
    assert created["State"] == "IN_PROGRESS"
    assert len(bench.call(ORGANIZATIONS, "ListAccounts")["Accounts"]) == 3
    bench.clock.forward(seconds=3)
    job = {"CreateAccountRequestId": created["Id"]}
    status = bench.call(ORGANIZATIONS, "DescribeCreateAccountStatus", **job)
    account = status["CreateAccountStatus"]["AccountId"]
    assert status["CreateAccountStatus"]["State"] == "SUCCEEDED"
    shown = bench.call(ORGANIZATIONS, "DescribeAccount", AccountId=account)["Account"]
    assert (shown["Name"], shown["JoinedMethod"]) == ("new", "CREATED")
    assert not bench.world.root_users.of(account).holdings
    tags = bench.call(ORGANIZATIONS, "ListTagsForResource", ResourceId=account)
    assert tags["Tags"] == [{"Key": "a", "Value": "b"}]
    session = bench.call(
        "sts",
        "AssumeRole",
        RoleArn=f"arn:aws:iam::{account}:role/Admin",
        RoleSessionName="first",
    )
    assert bench.call("iam", "GetAccountSummary", bench.session(session))


def test_addresses_must_be_addresses_and_five_creations_are_the_most(bench: Bench) -> None:
    bad = bench.refusal(ORGANIZATIONS, "CreateAccount", AccountName="x", Email="nowhere")
    assert bad.code == "InvalidInputException"
    for number in range(5):
        request = {"AccountName": "x", "Email": f"{number}@example.com"}
        bench.call(ORGANIZATIONS, "CreateAccount", **request)
    error = bench.refusal(ORGANIZATIONS, "CreateAccount", AccountName="x", Email="6@example.com")
    assert error.members["Reason"] == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"


def test_an_organization_has_fifty_thousand_accounts_at_most(bench: Bench) -> None:
    state = bench.world.organization
    closed = replace(state.accounts[MEMBER], state=AccountState.CLOSED)
    # WHY straight into the record: only their number counts, and closed ones count too.
    state.accounts |= {AccountId(f"7{n:011d}"): closed for n in range(49_998 - len(state.accounts))}
    for number in range(2):
        request = {"AccountName": "x", "Email": f"{number}@example.com"}
        bench.call(ORGANIZATIONS, "CreateAccount", **request)
    request = {"AccountName": "x", "Email": "more@example.com"}
    error = bench.refusal(ORGANIZATIONS, "CreateAccount", **request)
    assert (error.code, error.members["Reason"]) == (
        "ConstraintViolationException",
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
    )


def test_closed_accounts_stay_and_cannot_be_closed_twice(bench: Bench) -> None:
    bench.call(ORGANIZATIONS, "CloseAccount", AccountId=MEMBER)
    bench.clock.forward(seconds=5)
    shown = bench.call(ORGANIZATIONS, "DescribeAccount", AccountId=MEMBER)["Account"]
    assert shown["State"] == AccountState.CLOSED
    again = bench.refusal(ORGANIZATIONS, "CloseAccount", AccountId=MEMBER)
    assert again.code == "AccountAlreadyClosedException"
    own = bench.refusal(ORGANIZATIONS, "CloseAccount", AccountId=MANAGEMENT)
    assert own.members["Reason"] == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"


def test_tags_are_added_changed_and_taken_away(bench: Bench) -> None:
    resource = {"ResourceId": UNIT}
    for value in ("1", "2"):
        tags = [{"Key": "a", "Value": value}, {"Key": "b", "Value": "x"}]
        bench.call(ORGANIZATIONS, "TagResource", Tags=tags, **resource)
    bench.call(ORGANIZATIONS, "UntagResource", TagKeys=["b", "c"], **resource)
    listed = bench.call(ORGANIZATIONS, "ListTagsForResource", **resource)["Tags"]
    assert listed == [{"Key": "a", "Value": "2"}]
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    error = bench.refusal(ORGANIZATIONS, "TagResource", Tags=twice, **resource)
    assert error.members["Reason"] == "DUPLICATE_TAG_KEY"
    assert error.message == "Your request includes duplicate tag keys."
    many = [{"Key": str(n), "Value": ""} for n in range(50)]
    error = bench.refusal(ORGANIZATIONS, "TagResource", Tags=many, **resource)
    assert error.members["Reason"] == "MAX_TAG_LIMIT_EXCEEDED"


def test_a_refused_creation_leaves_nothing_behind(bench: Bench) -> None:
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    policy = {
        "Name": "p",
        "Description": "",
        "Type": "SERVICE_CONTROL_POLICY",
        "Content": '{"Statement":[]}',
    }
    organization = bench.world.organization
    before = (set(organization.units), set(organization.policies.policies))
    bench.refusal(ORGANIZATIONS, "CreatePolicy", Tags=twice, **policy)
    unit = {"ParentId": UNIT, "Name": "x"}
    bench.refusal(ORGANIZATIONS, "CreateOrganizationalUnit", Tags=twice, **unit)
    account = {"AccountName": "x", "Email": "x@example.com"}
    bench.refusal(ORGANIZATIONS, "CreateAccount", Tags=twice, **account)
    assert (set(organization.units), set(organization.policies.policies)) == before
    assert not list(organization.requests)
