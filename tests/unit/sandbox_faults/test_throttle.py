"""The documented rates (rule cards ORG-80 and STS-81), on a clock that the test moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Call, Caller, CallerKind, ServiceError
from rootsteward.sandbox.services.registry import OPERATIONS
from rootsteward.sandbox.throttle import ORGANIZATIONS, STS_OPERATIONS, Limit, Rate, Throttle
from sandbox_bench import DELEGATE, MANAGEMENT, START


def call(operation: str, account: AccountId = MANAGEMENT, service: str = "organizations") -> Call:
    arn = f"arn:aws:iam::{account}:user/someone"
    caller = Caller(CallerKind.IAM_USER, account, arn, arn, "AIDAEXAMPLE", "AKIAEXAMPLE")
    return Call(service, operation, {}, "us-east-1", caller, "id", START)


def passed(throttle: Throttle, made: Call, times: int = 1) -> int:
    """How many of so many calls pass."""
    return sum(refusal(throttle, made) is None for _ in range(times))


def refusal(throttle: Throttle, made: Call) -> ServiceError | None:
    try:
        throttle.check(made)
    except ServiceError as error:
        return error
    return None


# Operations, then rate and burst of an account, then those of an organization if it has its own.
DOCUMENTED = """
DescribeAccount 20 30 24 36
ListAccounts 8 12 9 15
ListChildren 6 10 7 12
ListParents ListAccountsForParent ListOrganizationalUnitsForParent 5 8 6 10
ListRoots 1 2 1 3
DescribeOrganization CreateOrganizationalUnit 1 2
DescribeOrganizationalUnit DescribePolicy 2 2 2 3
MoveAccount UpdateOrganizationalUnit DeleteOrganizationalUnit 2 3
ListTagsForResource 10 15 12 18
TagResource UntagResource 4 6
ListPolicies ListPoliciesForTarget ListTargetsForPolicy 5 8 6 10
CreatePolicy DeletePolicy AttachPolicy DetachPolicy UpdatePolicy 2 3
EnablePolicyType DisablePolicyType 1 1
EnableAWSServiceAccess DisableAWSServiceAccess 1 2
RegisterDelegatedAdministrator DeregisterDelegatedAdministrator 1 2
ListAWSServiceAccessForOrganization ListDelegatedServicesForAccount 1 3 1 4
ListDelegatedAdministrators 5 8 6 10
CreateAccount 0.1 3
"""


def documented() -> dict[str, Limit]:
    limits: dict[str, Limit] = {}
    for line in DOCUMENTED.strip().splitlines():
        words = line.split()
        names = [word for word in words if word[0].isalpha()]
        account, burst, *organization = map(float, words[len(names) :])
        together = Rate(*organization) if organization else None
        limits |= dict.fromkeys(names, Limit(Rate(account, burst), together))
    return limits


def test_organizations_has_the_documented_rates() -> None:
    assert documented() == ORGANIZATIONS


@pytest.mark.parametrize("operation", documented())
def test_an_organization_has_a_bucket_for_all_its_accounts_only_where_one_is_documented(
    operation: str,
) -> None:
    throttle, together = Throttle(), documented()[operation].organization
    by_many = sum(
        passed(throttle, call(operation, AccountId(f"{number:012d}"))) for number in range(50)
    )
    assert by_many == (together.burst if together else 50)


@pytest.mark.parametrize("operation", sorted(ORGANIZATIONS))
def test_a_burst_passes_and_the_next_call_is_refused(operation: str) -> None:
    limit = ORGANIZATIONS[operation].account
    assert passed(Throttle(), call(operation), int(limit.burst) + 5) == limit.burst


@pytest.mark.parametrize("operation", sorted(ORGANIZATIONS))
def test_an_empty_bucket_fills_at_its_rate_and_no_further(operation: str) -> None:
    limit = ORGANIZATIONS[operation].account
    throttle, first = Throttle(), call(operation)
    passed(throttle, first, 60)
    one_later = replace(first, at=START + timedelta(seconds=1 / limit.per_second))
    assert passed(throttle, one_later, 5) == 1
    hours_later = replace(first, at=START + timedelta(hours=5))
    assert passed(throttle, hours_later, 60) == limit.burst


def test_accounts_have_buckets_of_their_own_and_share_the_organizations() -> None:
    throttle = Throttle()
    assert passed(throttle, call("ListRoots"), 5) == 2
    # The account's burst is 2 and untouched; the organization's is 3, of which 2 are gone.
    assert passed(throttle, call("ListRoots", DELEGATE), 5) == 1
    refused = refusal(throttle, call("ListRoots", DELEGATE))
    assert refused is not None
    assert (refused.code, refused.http_status) == ("TooManyRequestsException", 400)
    assert passed(throttle, call("MoveAccount"), 9) == 3
    assert passed(throttle, call("MoveAccount", DELEGATE), 9) == 3


def test_a_refused_call_takes_no_token_of_the_organization() -> None:
    throttle = Throttle()
    assert passed(throttle, call("ListParents"), 500) == 8
    assert passed(throttle, call("ListParents", DELEGATE), 500) == 2


def test_sts_operations_share_one_bucket_by_account_and_region() -> None:
    throttle = Throttle()
    assert passed(throttle, call("GetCallerIdentity", service="sts"), 400) == 400
    assert passed(throttle, call("AssumeRole", service="sts"), 400) == 200
    elsewhere = replace(call("AssumeRole", service="sts"), region="eu-west-1")
    assert passed(throttle, elsewhere, 10) == 10
    assert passed(throttle, call("AssumeRole", DELEGATE, "sts"), 10) == 10


def test_the_event_history_takes_two_requests_a_second_by_account_and_region() -> None:
    throttle = Throttle()
    looking = call("LookupEvents", service="cloudtrail")
    assert passed(throttle, looking, 5) == 2
    assert passed(throttle, replace(looking, region="eu-west-1"), 5) == 2
    assert passed(throttle, call("LookupEvents", DELEGATE, "cloudtrail"), 5) == 2
    refused = refusal(throttle, looking)
    assert refused is not None
    assert refused.code == "ThrottlingException"


def test_what_has_no_documented_rate_is_never_refused() -> None:
    throttle = Throttle()
    assert passed(throttle, call("AssumeRoot", service="sts"), 2000) == 2000
    assert passed(throttle, call("GetAccountSummary", service="iam"), 2000) == 2000


def test_every_operation_with_a_rate_is_one_that_exists() -> None:
    known = {name for service, name in OPERATIONS if service == "organizations"}
    assert ORGANIZATIONS.keys() <= known
    assert {"AssumeRole", "GetCallerIdentity"} <= STS_OPERATIONS
