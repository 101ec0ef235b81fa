"""Fixtures: a small organization, and SCPs to put on it."""

from collections.abc import Callable

import pytest

from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.sandbox.services.organizations.arns import new_policy_arn
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.control_policies import SCP
from sandbox_bench import Bench, small_organization


@pytest.fixture
def bench() -> Bench:
    return small_organization()


@pytest.fixture
def deny_scp(bench: Bench) -> Callable[..., str]:
    """Attaches an SCP that denies an action, with a condition when one is given."""

    def attach(action: str, *, at: str, condition: str = "{}") -> str:
        policy_id = ids.policy_id(bench.world.random)
        organization = bench.world.organization
        organization.policies.put(
            ControlPolicy(
                id=policy_id,
                name=f"deny {action} {policy_id}",
                arn=new_policy_arn(organization, SCP, policy_id),
                description="",
                type=SCP,
                aws_managed=False,
                content='{"Version":"2012-10-17","Statement":[{"Sid":"No","Effect":"Deny",'
                f'"Action":"{action}","Resource":"*","Condition":{condition}}}]}}',
            )
        )
        organization.policies.attach(policy_id, at)
        return policy_id

    return attach
