"""`large`: three thousand accounts, and what stops root sessions in some of them."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rootsteward.domain.organization import AccountState
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.scenarios.load import load_scenario


@pytest.fixture
def world(served: Callable[[str], Any]) -> Any:  # noqa: ANN401 (see conftest)
    return served("large")


def one_account_of_every_leaf(world: Any) -> Iterator[str]:  # noqa: ANN401
    organization = world.world.organization
    for unit_id in organization.units:
        for account in organization.accounts_in(unit_id):
            if account.state is AccountState.ACTIVE:
                yield account.name
                break


def test_three_policies_stop_sessions_and_the_rest_are_noise(world: Any) -> None:  # noqa: ANN401
    arns = {p.arn: p.name for p in world.world.organization.policies.policies.values()}
    blamed: Counter[str] = Counter()
    for name in islice(one_account_of_every_leaf(world), None, None, 3):
        iam = world.root_client("iam", name, TaskPolicy.AUDIT)
        try:
            iam.get_account_summary()
            blamed["nobody"] += 1
        except ClientError as error:
            arn = error.response["Error"]["Message"].rpartition(" ")[2]
            blamed[arns[arn].rpartition("-")[0]] += 1
    assert blamed.keys() == {"nobody", "deny-root", "require-mfa", "pause"}
    assert blamed["nobody"] > sum(blamed.values()) / 3


def test_units_are_five_deep_and_every_account_is_listed(world: Any) -> None:  # noqa: ANN401
    pages = world.client("organizations").get_paginator("list_accounts").paginate()
    accounts = [account for page in pages for account in page["Accounts"]]
    assert len(accounts) == 3002
    depths = {account["Paths"][0].count("/ou-") for account in accounts}
    assert depths == {0, 1, 5}


def test_the_same_seed_makes_the_same_places() -> None:
    first, second = (load_scenario("large", now=lambda: datetime.now(UTC)) for _ in range(2))
    for world in (first, second):
        assert len(world.organization.policies.policies) > 90
    assert first.organization.policies == second.organization.policies
    assert list(first.organization.accounts) == list(second.organization.accounts)
