"""The organization's resource policy, and accounts that want to leave."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rootsteward.sandbox.world.root_access import IAM_SERVICE
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, OUTSIDER, UNIT, boto_client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootsteward.domain.identifiers import AccountId
    from sandbox_bench import Bench

ORGANIZATIONS = "organizations"


def document(*actions: str, account: str = MEMBER, resource: str = "*") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": [f"organizations:{action}" for action in actions],
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_it_is_put_read_and_deleted(bench: Bench) -> None:
    absent = bench.refusal(ORGANIZATIONS, "DescribeResourcePolicy")
    assert absent.code == "ResourcePolicyNotFoundException"
    assert absent.message == "No resource-based policy found."
    content = document("ListAccounts")
    put = bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=content)
    summary = put["ResourcePolicy"]["ResourcePolicySummary"]
    organization = bench.world.organization.id
    assert summary["Arn"] == (
        f"arn:aws:organizations::{MANAGEMENT}:resourcepolicy/{organization}/{summary['Id']}"
    )
    assert bench.call(ORGANIZATIONS, "DescribeResourcePolicy") == put
    again = bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=document("ListRoots"))
    assert again["ResourcePolicy"]["ResourcePolicySummary"] == summary
    assert bench.call(ORGANIZATIONS, "DeleteResourcePolicy") == {}
    assert bench.refusal(ORGANIZATIONS, "DeleteResourcePolicy").code == absent.code


def test_it_lets_a_member_do_what_it_says_and_no_more(bench: Bench) -> None:
    refused = bench.refusal(ORGANIZATIONS, "ListAccounts", "member")
    assert refused.message == "You don't have permissions to access this resource."
    bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=document("ListAccounts", "CreatePolicy"))
    assert bench.call(ORGANIZATIONS, "ListAccounts", "member")["Accounts"]
    draft = {"Name": "p", "Description": "", "Type": "TAG_POLICY", "Content": '{"tags":{}}'}
    assert bench.call(ORGANIZATIONS, "CreatePolicy", "member", **draft)
    for name, operation in (("member", "ListRoots"), ("delegate", "ListAccounts")):
        refused = bench.refusal(ORGANIZATIONS, operation, name)
        assert refused.code == "AccessDeniedException"


def test_it_names_the_policies_it_is_about(bench: Bench) -> None:
    arn = f"arn:aws:organizations::{MANAGEMENT}:account/*/{DELEGATE}"
    policy = document("DescribeAccount", resource=arn)
    bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=policy)
    assert bench.call(ORGANIZATIONS, "DescribeAccount", "member", AccountId=DELEGATE)
    asked = {"AccountId": MEMBER}
    refused = bench.refusal(ORGANIZATIONS, "DescribeAccount", "member", **asked)
    assert refused.code == "AccessDeniedException"


def principal(named: object) -> str:
    """A policy for one principal; no version, white space within."""
    statement = {"Effect": "Allow", "Principal": named, "Action": "organizations:ListAccounts"}
    return json.dumps({"Statement": {**statement, "Resource": "*"}}, indent=1)


ACCOUNT_ARN = f"arn:aws:iam::{MEMBER}:root"
INVALID_JSON = "This resource-based policy contains invalid JSON."


def negated(element: str) -> str:
    return document("ListAccounts").replace(f'"{element}"', f'"Not{element}"')


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (MEMBER, ACCOUNT_ARN),
        (ACCOUNT_ARN, ACCOUNT_ARN),
        ([MEMBER, MANAGEMENT], [ACCOUNT_ARN, f"arn:aws:iam::{MANAGEMENT}:root"]),
        ("*", "*"),
    ],
)
def test_it_is_stored_without_white_space_and_accounts_by_arn(
    bench: Bench, given: object, stored: object
) -> None:
    put = bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=principal({"AWS": given}))
    content = put["ResourcePolicy"]["Content"]
    shown = json.loads(content)
    assert shown["Statement"][0]["Principal"] == {"AWS": stored}
    assert content == json.dumps(shown, separators=(",", ":"))
    assert content.startswith('{"Version":"2008-10-17","Statement":[')


@pytest.mark.parametrize("named", ["*", {"Service": "kms.amazonaws.com"}])
def test_anybody_and_services_can_be_named(bench: Bench, named: object) -> None:
    put = bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=principal(named))
    statement = json.loads(put["ResourcePolicy"]["Content"])["Statement"][0]
    assert statement["Principal"] == named


@pytest.mark.parametrize(
    "content",
    [
        "{",
        '{"Statement":[{"Effect":"Allow"}]}',
        principal({"AWS": OUTSIDER}),
        principal({"AWS": f"arn:aws:iam::{MEMBER}:role/reader"}),
        negated("Action"),
        negated("Resource"),
        negated("Principal"),
    ],
)
def test_what_cannot_be_is_refused_as_invalid_json(bench: Bench, content: str) -> None:
    error = bench.refusal(ORGANIZATIONS, "PutResourcePolicy", Content=content)
    assert (error.code, error.message) == ("InvalidInputException", INVALID_JSON)
    assert error.members["Reason"] == "INVALID_RESOURCE_POLICY_JSON"


@pytest.mark.parametrize("action", ["CloseAccount", "*", "Close*", "[D]escribe*"])
def test_actions_that_cannot_be_delegated_are_named(bench: Bench, action: str) -> None:
    content = document(action)
    error = bench.refusal(ORGANIZATIONS, "PutResourcePolicy", Content=content)
    assert error.members["Reason"] == "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"
    assert error.message == (
        f"organizations:{action} is not a supported action for this resource-based policy."
    )


def test_actions_may_have_wildcards_and_are_of_organizations(bench: Bench) -> None:
    for fits in ("Describe*", "DescribeResponsibilityTransfer"):
        assert bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=document(fits))
    content = document("ListAccounts").replace("organizations:ListAccounts", "s3:GetObject")
    error = bench.refusal(ORGANIZATIONS, "PutResourcePolicy", Content=content)
    assert error.message.startswith("s3:GetObject is not a supported action")


def test_only_a_new_one_is_put_with_tags(bench: Bench) -> None:
    content = document("ListAccounts")
    put = bench.call(
        ORGANIZATIONS, "PutResourcePolicy", Content=content, Tags=[{"Key": "team", "Value": "a"}]
    )
    error = bench.refusal(
        ORGANIZATIONS, "PutResourcePolicy", Content=content, Tags=[{"Key": "team", "Value": "b"}]
    )
    assert (error.code, error.message, error.members["Reason"]) == (
        "ConstraintViolationException",
        "Adding tags on updating an existing resource-based policy is not supported.",
        "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
    )
    assert bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=content, Tags=[]) == put
    named = {"ResourceId": put["ResourcePolicy"]["ResourcePolicySummary"]["Id"]}
    tags = bench.call(ORGANIZATIONS, "ListTagsForResource", **named)["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]
    bench.call(ORGANIZATIONS, "DeleteResourcePolicy")
    gone = bench.refusal(ORGANIZATIONS, "ListTagsForResource", **named)
    assert gone.code == "TargetNotFoundException"


def put_policy(bench: Bench, *statements: Mapping[str, object]) -> None:
    content = json.dumps({"Version": "2012-10-17", "Statement": statements})
    bench.call(ORGANIZATIONS, "PutResourcePolicy", Content=content)


def test_its_denies_bind_members_and_delegates_but_not_the_management_account(
    bench: Bench,
) -> None:
    services = bench.world.organization.services
    services.trust(IAM_SERVICE, bench.clock())
    services.delegate(DELEGATE, IAM_SERVICE, bench.clock())
    reads = ["organizations:ListAccounts", "organizations:DescribeOrganization"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": reads, "Resource": "*"}
    put_policy(bench, deny)
    for operation in ("ListAccounts", "DescribeOrganization"):
        assert bench.call(ORGANIZATIONS, operation)
        for name in ("delegate", "member"):
            refused = bench.refusal(ORGANIZATIONS, operation, name)
            assert refused.message == "You don't have permissions to access this resource."
    assert bench.call(ORGANIZATIONS, "ListRoots", "delegate")


def condition(owner: str) -> str:
    return json.dumps(
        {
            "Statement": {
                "Effect": "Allow",
                "Action": "organizations:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceAccount": owner}},
            }
        }
    )


@pytest.mark.parametrize("account", [MANAGEMENT, DELEGATE, MEMBER])
def test_everything_of_the_organization_is_the_management_accounts(
    bench: Bench, account: AccountId
) -> None:
    calls: list[tuple[str, dict[str, str]]] = [
        ("DescribeOrganization", {}),
        ("ListAccounts", {}),
        ("DescribePolicy", {"PolicyId": "p-FullAWSAccess"}),
    ]
    services = bench.world.organization.services
    services.trust(IAM_SERVICE, bench.clock())
    services.delegate(DELEGATE, IAM_SERVICE, bench.clock())
    put_policy(bench, *json.loads(document("ListAccounts", "DescribePolicy"))["Statement"])
    right = bench.add_user(account, "right", condition(MANAGEMENT))
    wrong = [
        bench.add_user(account, "own", condition(account if account != MANAGEMENT else MEMBER)),
        bench.add_user(account, "aws", condition("aws")),
    ]
    for operation, params in calls:
        assert bench.call(ORGANIZATIONS, operation, right, **params)
        for user in wrong:
            refused = bench.refusal(ORGANIZATIONS, operation, user, **params)
            assert refused.code == "AccessDeniedException"


def test_a_policy_of_its_own_is_needed_as_well(bench: Bench) -> None:
    put_policy(bench, *json.loads(document("ListAccounts"))["Statement"])
    nobody = bench.add_user(MEMBER, "nobody", condition(OUTSIDER))
    assert bench.refusal(ORGANIZATIONS, "ListAccounts", nobody).code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutResourcePolicy", {"Content": document("ListAccounts")}),
        (
            "CreatePolicy",
            {"Name": "p", "Description": "", "Type": "TAG_POLICY", "Content": '{"tags":{}}'},
        ),
        ("CreateAccount", {"AccountName": "new", "Email": "new@example.com"}),
        ("CreateOrganizationalUnit", {"ParentId": UNIT, "Name": "new"}),
    ],
)
def test_creating_with_tags_needs_tag_resource(
    bench: Bench, operation: str, params: dict[str, str]
) -> None:
    allow = {"Effect": "Allow", "Action": f"organizations:{operation}", "Resource": "*"}
    user = bench.add_user(MANAGEMENT, "without", json.dumps({"Statement": allow}))
    tags = [{"Key": "team", "Value": "a"}]
    refused = bench.refusal(ORGANIZATIONS, operation, user, Tags=tags, **params)
    assert refused.code == "AccessDeniedException"
    assert bench.call(ORGANIZATIONS, operation, user, **params)


def test_only_the_management_account_puts_it(bench: Bench) -> None:
    content = document("PutResourcePolicy".replace("Put", "Describe"))
    error = bench.refusal(ORGANIZATIONS, "PutResourcePolicy", "member", Content=content)
    assert error.code == "AccessDeniedException"


def test_no_account_of_the_sandbox_can_leave(bench: Bench) -> None:
    remove = "RemoveAccountFromOrganization"
    error = bench.refusal(ORGANIZATIONS, remove, AccountId=MEMBER)
    assert error.members["Reason"] == "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"
    assert "prerequisites required to operate as a standalone account" in error.message
    error = bench.refusal(ORGANIZATIONS, "LeaveOrganization", "member")
    assert error.members["Reason"] == "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"
    for operation, params in ((remove, {"AccountId": MANAGEMENT}), ("LeaveOrganization", {})):
        error = bench.refusal(ORGANIZATIONS, operation, **params)
        assert error.code == "MasterCannotLeaveOrganizationException"
    error = bench.refusal(ORGANIZATIONS, remove, AccountId=OUTSIDER)
    assert error.code == "AccountNotFoundException"
    services = bench.world.organization.services
    services.trust(IAM_SERVICE, bench.clock())
    services.delegate(MEMBER, IAM_SERVICE, bench.clock())
    error = bench.refusal(ORGANIZATIONS, remove, AccountId=MEMBER)
    assert error.members["Reason"] == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"


def test_a_new_account_waits_four_days_before_it_may_leave(bench: Bench) -> None:
    bench.call(ORGANIZATIONS, "CreateAccount", AccountName="new", Email="new@example.com")
    bench.clock.forward(seconds=2)
    new = bench.call(ORGANIZATIONS, "ListAccounts")["Accounts"][-1]["Id"]
    remove = "RemoveAccountFromOrganization"
    bench.clock.forward(days=4, seconds=-1)
    error = bench.refusal(ORGANIZATIONS, remove, AccountId=new)
    assert (error.code, error.members["Reason"]) == (
        "ConstraintViolationException",
        "WAIT_PERIOD_ACTIVE",
    )
    bench.clock.forward(seconds=1)
    error = bench.refusal(ORGANIZATIONS, remove, AccountId=new)
    assert error.members["Reason"] == "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"


def test_it_has_forty_thousand_characters_at_most(bench: Bench) -> None:
    bench.clock.at = datetime.now(UTC)
    key = bench.callers["management"].access_key_id
    client = boto_client(bench.sandbox, ORGANIZATIONS, key, check=False)
    content = document("ListAccounts")
    fits = content + " " * (40_000 - len(content))
    shown = client.put_resource_policy(Content=fits)["ResourcePolicy"]
    assert json.loads(shown["Content"]) == json.loads(content)
    with pytest.raises(client.exceptions.InvalidInputException) as caught:
        client.put_resource_policy(Content=fits + " ")
    assert caught.value.response["Reason"] == "MAX_LENGTH_EXCEEDED:CONTENT"
