"""`network-perimeter`: a correct carve-out that another policy defeats, but not from the office."""

from collections.abc import Callable
from typing import Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy


@pytest.fixture
def world(served: Callable[[str], Any]) -> Any:  # noqa: ANN401 (see conftest)
    return served("network-perimeter")


def test_from_the_office_every_task_works(world: Any) -> None:  # noqa: ANN401
    iam = world.root_client("iam", "trading-live", TaskPolicy.AUDIT)
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    s3 = world.root_client("s3", "trading-live", TaskPolicy.UNLOCK_BUCKET)
    s3.delete_bucket_policy(Bucket="marlowe-fills")


def test_from_home_sessions_are_issued_and_fail(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
    from_home: Callable[[Any], Any],
) -> None:
    guilty = world.policy_arn("perimeter-network")
    iam = from_home(world.root_client("iam", "trading-live", TaskPolicy.AUDIT))
    code, message = refusal(iam.get_account_summary)
    assert (code, message.endswith(guilty)) == ("AccessDenied", True)
    s3 = from_home(world.root_client("s3", "trading-live", TaskPolicy.UNLOCK_BUCKET))
    assert guilty in refusal(s3.get_bucket_policy, Bucket="marlowe-fills")[1]
    sts = from_home(world.root_client("sts", "trading-live", TaskPolicy.AUDIT))
    assert sts.get_caller_identity()["Account"] == world.account("trading-live")


def test_the_older_copy_takes_this_machine_for_a_home(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    iam = world.root_client("iam", "trading-research", TaskPolicy.AUDIT)
    _, message = refusal(iam.get_account_summary)
    assert message.endswith(world.policy_arn("perimeter-network-2023"))


def test_without_a_network_policy_home_is_as_good_as_any(
    world: Any,  # noqa: ANN401
    from_home: Callable[[Any], Any],
) -> None:
    iam = from_home(world.root_client("iam", "remote-analysts", TaskPolicy.AUDIT))
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1


def test_the_carve_out_itself_is_right(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
) -> None:
    _, message = refusal(world.client("iam", "trading-root").get_account_summary)
    assert message.endswith(world.policy_arn("perimeter-root"))


def test_exempt_roles_work_from_home_and_others_do_not(
    world: Any,  # noqa: ANN401
    refusal: Callable[..., tuple[str, str]],
    from_home: Callable[[Any], Any],
) -> None:
    backup = from_home(world.client("iam", "trading-backup"))
    assert backup.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    admin = from_home(world.client("iam", "trading-admin"))
    _, message = refusal(admin.get_account_summary)
    assert message.endswith(world.policy_arn("perimeter-network"))
