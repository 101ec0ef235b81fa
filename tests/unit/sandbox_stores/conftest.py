"""Fixtures: a small organization with centralized root access switched on."""

import pytest

from guardduty_bench import REGIONS, enrol
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, START, Bench, small_organization


@pytest.fixture
def bench() -> Bench:
    made = small_organization()
    made.switch_on()
    return made


@pytest.fixture
def watched(bench: Bench) -> Bench:
    """GuardDuty on everywhere; the management account administers it in us-east-1 only."""
    for region in REGIONS:
        for account in (MANAGEMENT, DELEGATE, MEMBER):
            bench.world.findings.switch_on(account, region, START)
    bench.call("guardduty", "EnableOrganizationAdminAccount", AdminAccountId=MANAGEMENT)
    enrol(bench, DELEGATE, MEMBER)
    return bench
