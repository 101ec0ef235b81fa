"""`control-tower`: the root-user guardrail without its exemption stops sessions on three units."""

from collections.abc import Callable
from typing import Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy

LOGS = "aws-controltower-logs-210000000002-eu-central-1"


@pytest.fixture
def world(served: Callable[[str], Any]) -> Any:  # noqa: ANN401 (see conftest)
    return served("control-tower")


@pytest.mark.parametrize("name", ["storefront-production", "storefront-staging", "build"])
def test_the_old_guardrail_stops_every_root_session(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
    name: str,
) -> None:
    iam = world.root_client("iam", name, TaskPolicy.AUDIT, profile="audit")
    code, message = refusal(iam.get_account_summary)
    assert code == "AccessDenied"
    guilty = world.policy_arn("aws-guardrails-KzRbPw")
    assert message.endswith(f"with an explicit deny in a service control policy: {guilty}")


def test_the_guardrail_with_its_exemption_lets_sessions_pass_and_keys_not(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    iam = world.root_client("iam", "sandbox-ingrid", TaskPolicy.AUDIT)
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
    _, message = refusal(world.client("iam", "sandbox-root").get_account_summary)
    assert message.endswith(world.policy_arn("aws-guardrails-ExAsRt"))


def test_the_log_account_can_be_audited_and_its_bucket_not_unlocked(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    iam = world.root_client("iam", "log-archive", TaskPolicy.AUDIT)
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    s3 = world.root_client("s3", "log-archive", TaskPolicy.UNLOCK_BUCKET)
    assert "NobodyReadsTheLogs" in s3.get_bucket_policy(Bucket=LOGS)["Policy"]
    code, message = refusal(s3.delete_bucket_policy, Bucket=LOGS)
    assert code == "AccessDenied"
    assert world.policy_arn("aws-guardrails-LgArCh") in message


def test_the_key_guardrail_hinders_no_deletion(world: Any) -> None:  # noqa: ANN401
    iam = world.root_client("iam", "sandbox-ingrid", TaskPolicy.DELETE_CREDENTIALS)
    (key,) = iam.list_access_keys()["AccessKeyMetadata"]
    iam.delete_access_key(AccessKeyId=key["AccessKeyId"])
    assert iam.list_access_keys()["AccessKeyMetadata"] == []
