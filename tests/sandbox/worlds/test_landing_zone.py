"""`landing-zone`: a NotAction list that was written from memory."""

from collections.abc import Callable
from typing import Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy

QUEUE = "trail-reports"


@pytest.fixture
def world(served: Callable[[str], Any]) -> Any:  # noqa: ANN401 (see conftest)
    return served("landing-zone")


def test_an_audit_stops_at_its_first_call(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    iam = world.root_client("iam", "network", TaskPolicy.AUDIT)
    guilty = world.policy_arn("lz-deny-root")
    for call in (iam.get_account_summary, iam.list_signing_certificates):
        code, message = refusal(call)
        assert (code, message.endswith(guilty)) == ("AccessDenied", True)
    assert len(iam.list_mfa_devices()["MFADevices"]) == 1


def test_a_deletion_stops_after_the_password(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    iam = world.root_client("iam", "permits-production", TaskPolicy.DELETE_CREDENTIALS)
    iam.delete_login_profile()
    assert refusal(iam.get_login_profile)[0] == "NoSuchEntity"
    key = iam.list_access_keys()["AccessKeyMetadata"][0]["AccessKeyId"]
    serial = iam.list_mfa_devices()["MFADevices"][0]["SerialNumber"]
    guilty = world.policy_arn("lz-deny-root")
    for call, params in (
        (iam.delete_access_key, {"AccessKeyId": key}),
        (iam.deactivate_mfa_device, {"SerialNumber": serial}),
    ):
        code, message = refusal(call, **params)
        assert (code, message.endswith(guilty)) == ("AccessDenied", True)


def test_a_bucket_can_be_unlocked(world: Any) -> None:  # noqa: ANN401
    s3 = world.root_client("s3", "permits-production", TaskPolicy.UNLOCK_BUCKET)
    s3.delete_bucket_policy(Bucket="fernridge-permits-scans")
    listed = s3.list_buckets(MaxBuckets=1)["Buckets"]
    assert [bucket["Name"] for bucket in listed] == ["fernridge-permits-scans"]


def test_the_region_lock_keeps_sessions_from_a_queue_elsewhere(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    here = world.root_client("sqs", "trails", TaskPolicy.UNLOCK_QUEUE)
    url = here.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    here.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    there = world.root_client("sqs", "trails", TaskPolicy.UNLOCK_QUEUE, region="us-west-2")
    code, message = refusal(there.get_queue_url, QueueName=QUEUE)
    assert (code, message.endswith(world.policy_arn("lz-regions"))) == ("AccessDenied", True)


def test_nothing_works_in_quarantine(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    iam = world.root_client("iam", "leaked-keys-2025", TaskPolicy.DELETE_CREDENTIALS)
    _, message = refusal(iam.list_access_keys)
    assert message.endswith(world.policy_arn("lz-quarantine"))
