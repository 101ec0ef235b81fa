"""The documented rates (rule cards ORG-80 and STS-81), on a clock that the test moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rootsteward.sandbox.call import Call, Caller, CallerKind, ServiceError
from rootsteward.sandbox.services.registry import OPERATIONS
from rootsteward.sandbox.throttle import ORGANIZATIONS, STS_OPERATIONS, Throttle
from sandbox_bench import DELEGATE, MANAGEMENT, START

if TYPE_CHECKING:
    from rootsteward.domain.identifiers import AccountId


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
    assert refused.code == "TooManyRequestsException"
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
