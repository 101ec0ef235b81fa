"""The condition keys that policies see in a root session (rule cards TASK-03, ROOT-08, EVAL-08)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from sandbox_bench import MANAGEMENT, MEMBER, UNIT, root_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootsteward.sandbox.call import Caller
    from sandbox_bench import Bench

    DenyScp = Callable[..., str]

STOPPED = "with an explicit deny in a service control policy"


@pytest.fixture
def session(bench: Bench) -> Caller:
    bench.switch_on()
    return bench.assume_root(TaskPolicy.AUDIT)


def stopped(bench: Bench, caller: Caller) -> bool:
    return STOPPED in bench.refusal("iam", "GetUser", caller).message


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("Bool", "aws:AssumedRoot", "true"),
        ("StringEquals", "aws:PrincipalArn", f"arn:aws:iam::{MEMBER}:root"),
        ("StringEquals", "aws:PrincipalAccount", MEMBER),
        ("StringEquals", "aws:PrincipalType", "Account"),
        ("StringEquals", "aws:userid", MEMBER),
        ("Null", "aws:username", "true"),
        ("Bool", "aws:PrincipalIsAWSService", "false"),
        ("Bool", "aws:ViaAWSService", "false"),
        ("DateEquals", "aws:TokenIssueTime", "2026-10-05T08:00:00Z"),
        ("Bool", "aws:MultiFactorAuthPresent", "false"),
        ("Null", "aws:SourceIdentity", "true"),
        ("Null", "sts:TaskPolicyArn", "true"),
    ],
)
def test_a_policy_can_go_by_the_key(
    bench: Bench, deny_scp: DenyScp, session: Caller, operator: str, key: str, value: str
) -> None:
    deny_scp("*", at=UNIT, condition=json.dumps({operator: {key: value}}))
    assert stopped(bench, session)


def test_a_policy_can_go_by_organization_and_path(
    bench: Bench, deny_scp: DenyScp, session: Caller
) -> None:
    organization = bench.world.organization
    path = f"{organization.id}/{organization.org_root_id}/{UNIT}/"
    condition = {
        "StringEquals": {"aws:PrincipalOrgID": organization.id},
        "ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": path},
    }
    deny_scp("*", at=UNIT, condition=json.dumps(condition))
    assert stopped(bench, session)


def test_a_policy_can_go_by_the_source_identity_of_the_caller(
    bench: Bench, deny_scp: DenyScp
) -> None:
    bench.switch_on()
    alice = replace(bench.callers["management"], source_identity="Alice")
    session = bench.assume_root(TaskPolicy.AUDIT, by=alice)
    deny_scp("*", at=UNIT, condition='{"StringEquals":{"aws:SourceIdentity":"Alice"}}')
    assert stopped(bench, session)


def test_everybody_but_a_root_session_lacks_the_key(bench: Bench, deny_scp: DenyScp) -> None:
    bench.switch_on()
    deny_scp("*", at=UNIT, condition='{"Null":{"aws:AssumedRoot":"true"}}')
    assert stopped(bench, bench.callers["member"])
    assert stopped(bench, bench.root_key(MEMBER))
    assert bench.call("iam", "GetUser", bench.assume_root(TaskPolicy.AUDIT))


@pytest.mark.parametrize("operator", ["StringEquals", "ArnEquals", "ArnLike"])
def test_who_may_open_a_session_can_depend_on_its_task(bench: Bench, operator: str) -> None:
    bench.switch_on()
    condition = {operator: {"sts:TaskPolicyArn": TaskPolicy.AUDIT.arn()}}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoot",
        "Resource": "arn:aws:iam::*:root",
        "Condition": condition,
    }
    auditor = bench.add_user(MANAGEMENT, "auditor", json.dumps({"Statement": statement}))
    assert bench.assume_root(TaskPolicy.AUDIT, by=auditor).account == MEMBER
    request = root_request(TaskPolicy.DELETE_CREDENTIALS)
    assert bench.refusal("sts", "AssumeRoot", auditor, **request).code == "AccessDenied"
