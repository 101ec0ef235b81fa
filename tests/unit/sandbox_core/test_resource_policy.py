"""The organization's resource policy, and accounts that want to leave."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from rootsteward.sandbox.world.root_access import IAM_SERVICE
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, OUTSIDER, boto_client

if TYPE_CHECKING:
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
    draft = {"Name": "p", "Description": "", "Type": "TAG_POLICY", "Content": "{}"}
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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "INVALID_RESOURCE_POLICY_JSON"),
        ('{"Statement":[{"Effect":"Allow"}]}', "INVALID_RESOURCE_POLICY_JSON"),
        (document("CloseAccount"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
    ],
)
def test_what_cannot_be_is_refused(bench: Bench, content: str, reason: str) -> None:
    error = bench.refusal(ORGANIZATIONS, "PutResourcePolicy", Content=content)
    assert (error.code, error.members["Reason"]) == ("InvalidInputException", reason)


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
    assert shown["Content"] == fits
    with pytest.raises(client.exceptions.InvalidInputException) as caught:
        client.put_resource_policy(Content=fits + " ")
    assert caught.value.response["Reason"] == "MAX_LENGTH_EXCEEDED:CONTENT"
