"""Closing accounts: what they pass through, how many at a time, what still works."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import OrganizationalUnit
from rootsteward.domain.task_policy import TaskPolicy
from sandbox_bench import DELEGATE, MEMBER, Bench, account, boto_client, small_organization

ORGANIZATIONS = "organizations"


@pytest.fixture
def bench() -> Bench:
    return small_organization()


def state_of(bench: Bench, account_id: str) -> str:
    shown = bench.call(ORGANIZATIONS, "DescribeAccount", AccountId=account_id)
    return str(shown["Account"]["State"])


def add_members(bench: Bench, number: int) -> list[str]:
    state = bench.world.organization
    members = [AccountId(f"8{n:011d}") for n in range(number)]
    for member in members:
        state.add_account(account(member, f"member-{member}", state.org_root_id))
    return [str(member) for member in members]


def test_closing_passes_through_pending_closure(bench: Bench) -> None:
    bench.call(ORGANIZATIONS, "CloseAccount", AccountId=MEMBER)
    assert state_of(bench, MEMBER) == "PENDING_CLOSURE"
    again = bench.refusal(ORGANIZATIONS, "CloseAccount", AccountId=MEMBER)
    assert again.code == "ConflictException"
    bench.clock.forward(seconds=6)
    assert state_of(bench, MEMBER) == "CLOSED"
    listed = bench.call(ORGANIZATIONS, "ListAccounts")["Accounts"]
    assert MEMBER in [shown["Id"] for shown in listed]


def test_three_accounts_can_be_closed_at_a_time(bench: Bench) -> None:
    first, second, third, fourth = add_members(bench, 4)
    for member in (first, second, third):
        bench.call(ORGANIZATIONS, "CloseAccount", AccountId=member)
    error = bench.refusal(ORGANIZATIONS, "CloseAccount", AccountId=fourth)
    assert error.code == "ConstraintViolationException"
    assert error.members["Reason"] == "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"
    bench.clock.forward(seconds=6)
    bench.call(ORGANIZATIONS, "CloseAccount", AccountId=fourth)


def test_closings_of_thirty_days_have_a_quota(bench: Bench) -> None:
    members = add_members(bench, 252)
    for member in members[:250]:
        bench.call(ORGANIZATIONS, "CloseAccount", AccountId=member)
        bench.clock.forward(seconds=6)
    error = bench.refusal(ORGANIZATIONS, "CloseAccount", AccountId=members[250])
    assert error.members["Reason"] == "CLOSE_ACCOUNT_QUOTA_EXCEEDED"
    bench.clock.forward(days=30)
    bench.call(ORGANIZATIONS, "CloseAccount", AccountId=members[250])


def test_credentials_of_a_closed_account_no_longer_sign(bench: Bench) -> None:
    bench.clock.at = datetime.now(UTC)
    bench.switch_on()
    keys = [
        bench.root_key(MEMBER),
        bench.add_user(MEMBER, "somebody"),
        bench.assume_root(TaskPolicy.AUDIT),
    ]
    clients = [boto_client(bench.sandbox, "sts", caller.access_key_id) for caller in keys]
    for client in clients:
        assert client.get_caller_identity()["Account"] == MEMBER
    bench.call(ORGANIZATIONS, "CloseAccount", AccountId=MEMBER)
    for client in clients:
        with pytest.raises(ClientError) as caught:
            client.get_caller_identity()
        assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId"


def test_a_closed_account_can_be_no_target_and_no_delegate(bench: Bench) -> None:
    bench.switch_on()
    bench.call(ORGANIZATIONS, "CloseAccount", AccountId=MEMBER)
    bench.call(ORGANIZATIONS, "CloseAccount", AccountId=DELEGATE)
    bench.clock.forward(seconds=6)
    task = {"arn": TaskPolicy.AUDIT.arn()}
    error = bench.refusal("sts", "AssumeRoot", TargetPrincipal=MEMBER, TaskPolicyArn=task)
    assert error.code == "AccessDenied"
    error = bench.refusal(
        ORGANIZATIONS,
        "RegisterDelegatedAdministrator",
        AccountId=DELEGATE,
        ServicePrincipal="iam.amazonaws.com",
    )
    reason = "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"
    assert error.members["Reason"] == reason


def test_tags_of_aws_are_reserved(bench: Bench) -> None:
    tags = [{"Key": "AWS:mine", "Value": "x"}]
    error = bench.refusal(ORGANIZATIONS, "TagResource", ResourceId=MEMBER, Tags=tags)
    assert error.code == "InvalidInputException"
    assert error.members["Reason"] == "INVALID_SYSTEM_TAGS_PARAMETER"


def test_an_organization_has_two_thousand_units_at_most(bench: Bench) -> None:
    state = bench.world.organization
    for number in range(1999 - len(state.units)):
        # WHY below each other's parents: finding a namesake among many siblings takes long.
        above = f"ou-root-{number // 100 * 100:08d}" if number % 100 else state.org_root_id
        unit_id = f"ou-root-{number:08d}"
        state.add_unit(OrganizationalUnit(unit_id, f"unit-{number}", above))
    parent = {"ParentId": state.org_root_id}
    assert bench.call(ORGANIZATIONS, "CreateOrganizationalUnit", Name="the last", **parent)
    error = bench.refusal(ORGANIZATIONS, "CreateOrganizationalUnit", Name="too many", **parent)
    assert error.members["Reason"] == "OU_NUMBER_LIMIT_EXCEEDED"
