"""`allow-list`: no policy denies root, and none allows the tasks."""

from collections.abc import Callable
from typing import Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy

NOT_ALLOWED = "because no service control policy allows the {} action"


@pytest.fixture
def world(served: Callable[[str], Any]) -> Any:  # noqa: ANN401 (see conftest)
    return served("allow-list")


@pytest.mark.parametrize("name", ["payments", "ledger"])
def test_sessions_are_issued_and_no_policy_is_to_blame(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
    name: str,
) -> None:
    iam = world.root_client("iam", name, TaskPolicy.AUDIT)
    code, message = refusal(iam.get_account_summary)
    assert code == "AccessDenied"
    assert message.endswith(NOT_ALLOWED.format("iam:GetAccountSummary"))


def test_a_bucket_policy_can_be_read_and_not_removed(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    s3 = world.root_client("s3", "payments", TaskPolicy.UNLOCK_BUCKET)
    assert "LockedOut" in s3.get_bucket_policy(Bucket="koel-statements")["Policy"]
    _, message = refusal(s3.delete_bucket_policy, Bucket="koel-statements")
    assert message.endswith(NOT_ALLOWED.format("s3:DeleteBucketPolicy"))


def test_a_queue_cannot_be_unlocked(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    sqs = world.root_client("sqs", "payments", TaskPolicy.UNLOCK_QUEUE)
    _, message = refusal(sqs.get_queue_url, QueueName="statements")
    assert message.endswith(NOT_ALLOWED.format("sqs:getqueueurl"))


def test_mending_one_of_two_levels_is_not_enough_for_the_ledger(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    organizations = world.client("organizations")
    units = organizations.list_organizational_units_for_parent(
        ParentId=organizations.list_roots()["Roots"][0]["Id"]
    )["OrganizationalUnits"]
    regulated = next(unit["Id"] for unit in units if unit["Name"] == "Regulated")
    organizations.attach_policy(PolicyId="p-FullAWSAccess", TargetId=regulated)
    assert world.root_client("iam", "payments", TaskPolicy.AUDIT).get_account_summary()
    ledger = world.root_client("iam", "ledger", TaskPolicy.AUDIT)
    assert NOT_ALLOWED.format("iam:GetAccountSummary") in refusal(ledger.get_account_summary)[1]
    organizations.attach_policy(PolicyId="p-FullAWSAccess", TargetId=world.account("ledger"))
    assert ledger.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1


def test_the_open_unit_works(world: Any) -> None:  # noqa: ANN401
    iam = world.root_client("iam", "website", TaskPolicy.AUDIT)
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
