"""What `AssumeRoot` says of requests that make no sense (rule card STS-60)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from sandbox_bench import MEMBER, boto_client
from sandbox_replay import call

if TYPE_CHECKING:
    from sandbox_bench import Bench

TASK = {"arn": TaskPolicy.AUDIT.arn()}
NO_TARGET = "Value null at 'targetPrincipal' failed to satisfy constraint: Member must not be null"
NO_TASK = "Value null at 'taskPolicyArn' failed to satisfy constraint: Member must not be null"
LONG_TARGET = (
    f"Value '{'1' * 2049}' at 'targetPrincipal' failed to satisfy constraint: Member must have "
    "length less than or equal to 2048"
)
SHORT_TARGET = (
    "Value '12345' at 'targetPrincipal' failed to satisfy constraint: Member must have length "
    "greater than or equal to 12"
)
LONG = (
    "Value '901' at 'durationSeconds' failed to satisfy constraint: Member must have value less "
    "than or equal to 900"
)
SHORT_TASK = (
    "Value 'short' at 'taskPolicyArn.arn' failed to satisfy constraint: Member must have length "
    "greater than or equal to 20"
)
NEGATIVE = (
    "Value '-1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater "
    "than or equal to 0"
)
BIG = (
    "Value '5000' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have "
    "value less than or equal to 4096"
)


def sts(bench: Bench) -> Any:  # noqa: ANN401 (boto3 makes its clients from data)
    bench.clock.at = datetime.now(UTC)
    bench.switch_on()
    key = bench.callers["management"].access_key_id
    return boto_client(bench.sandbox, "sts", key, check=False)


def answer(bench: Bench, **params: Any) -> tuple[str, str, int]:  # noqa: ANN401 (whatever is sent)
    code, message, output = call(sts(bench), "AssumeRoot", params)
    return code, message, output["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("params", "violations"),
    [
        ({}, [NO_TARGET, NO_TASK]),
        ({"TargetPrincipal": MEMBER}, [NO_TASK]),
        ({"TargetPrincipal": MEMBER, "TaskPolicyArn": {}}, [NO_TASK]),
        ({"TaskPolicyArn": TASK}, [NO_TARGET]),
        ({"TargetPrincipal": "12345", "TaskPolicyArn": TASK}, [SHORT_TARGET]),
        ({"TargetPrincipal": "1" * 2049, "TaskPolicyArn": TASK}, [LONG_TARGET]),
        (
            {"TargetPrincipal": "12345", "TaskPolicyArn": TASK, "DurationSeconds": 901},
            [SHORT_TARGET, LONG],
        ),
        (
            {"TargetPrincipal": MEMBER, "TaskPolicyArn": TASK, "MinimumSessionTokenSize": 5000},
            [BIG],
        ),
        (
            {"DurationSeconds": 901, "MinimumSessionTokenSize": 5000},
            [NO_TARGET, NO_TASK, LONG, BIG],
        ),
        (
            {"TargetPrincipal": MEMBER, "TaskPolicyArn": {"arn": "short"}},
            [SHORT_TASK],
        ),
        (
            {"TargetPrincipal": MEMBER, "TaskPolicyArn": TASK, "DurationSeconds": -1},
            [NEGATIVE],
        ),
    ],
)
def test_every_broken_constraint_is_told(
    bench: Bench, params: dict[str, Any], violations: list[str]
) -> None:
    noun = "error" if len(violations) == 1 else "errors"
    wanted = f"{len(violations)} validation {noun} detected: {'; '.join(violations)}"
    assert answer(bench, **params) == ("ValidationError", wanted, 400)


@pytest.mark.parametrize(
    "target",
    [
        f"arn:aws-cn:iam::{MEMBER}:root",
        f"arn:aws-us-gov:iam::{MEMBER}:root",
        f"arn:aws:iam::{MEMBER}:ROOT",
        f"arn:aws:iam::{MEMBER}:role/ops",
        f"arn:aws:sts::{MEMBER}:assumed-role/ops/me",
        f"arn:aws:iam::{MEMBER}:root/",
        f"{MEMBER} ",
        f"{MEMBER}1",
        "member-account",
    ],
)
def test_targets_of_another_form_are_not_valid(bench: Bench, target: str) -> None:
    assert answer(bench, TargetPrincipal=target, TaskPolicyArn=TASK) == (
        "ValidationError",
        "Request must contain a valid target principal",
        400,
    )


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/IAMAuditRootUserCredentials",
        TASK["arn"].lower(),
        f"{TASK['arn']} ",
        f"arn:aws:iam::{MEMBER}:policy/root-task/IAMAuditRootUserCredentials",
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ],
)
def test_task_policies_of_another_form_are_not_valid(bench: Bench, arn: str) -> None:
    assert answer(bench, TargetPrincipal=MEMBER, TaskPolicyArn={"arn": arn}) == (
        "ValidationError",
        "Request must contain valid AWS managed task policy ARN",
        400,
    )


@pytest.mark.parametrize("seconds", [0, 1, 60, 900])
def test_durations_up_to_the_limit_are_taken(bench: Bench, seconds: int) -> None:
    request = {"TargetPrincipal": MEMBER, "TaskPolicyArn": TASK, "DurationSeconds": seconds}
    assert answer(bench, **request) == ("Success", "", 200)


@pytest.mark.parametrize("seconds", ["x", "", "1.5", "99999999999999999999"])
def test_durations_that_are_no_numbers_are_malformed(bench: Bench, seconds: str) -> None:
    request = {"TargetPrincipal": MEMBER, "TaskPolicyArn": TASK, "DurationSeconds": seconds}
    assert answer(bench, **request)[::2] == ("MalformedInput", 400)


def test_the_task_policy_goes_by_no_other_name(bench: Bench) -> None:
    client = sts(bench)

    def rename(params: dict[str, Any], **_: object) -> None:
        params["body"]["PolicyArns.arn"] = params["body"].pop("TaskPolicyArn.arn")

    client.meta.events.register("before-call.sts.AssumeRoot", rename)
    request = {"TargetPrincipal": MEMBER, "TaskPolicyArn": TASK}
    code, message, _ = call(client, "AssumeRoot", request)
    assert (code, message) == ("ValidationError", f"1 validation error detected: {NO_TASK}")


@pytest.mark.parametrize(("least", "size"), [(0, 216), (216, 216), (217, 217), (4096, 4096)])
def test_a_session_token_can_be_asked_to_be_long(bench: Bench, least: int, size: int) -> None:
    request = {"TargetPrincipal": MEMBER, "TaskPolicyArn": TASK, "MinimumSessionTokenSize": least}
    code, _, output = call(sts(bench), "AssumeRoot", request)
    assert (code, len(output["Credentials"]["SessionToken"])) == ("Success", size)
    assert output.keys() == {"Credentials", "ResponseMetadata"}
