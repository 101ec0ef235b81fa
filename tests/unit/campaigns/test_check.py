from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from campaign_stage import CALLER, StillClock, plan_for, three_accounts
from fake_gateway import DEV, NOW, FakeGateway
from rootsteward.campaigns import check
from rootsteward.campaigns.approvals import approve, approvers
from rootsteward.campaigns.plan import Plan
from rootsteward.domain.errors import OperatorError
from rootsteward.ledger.ledger import Ledger
from rootsteward.storage.database import open_database

DAY = timedelta(hours=24)
OTHER = replace(CALLER, arn="arn:aws:iam::100000000000:role/Second")


@pytest.fixture
def plan() -> Plan:
    return plan_for(FakeGateway(three_accounts()))


def test_a_plan_is_good_for_as_long_as_it_is_said(plan: Plan) -> None:
    check.check_age(plan, NOW + DAY, DAY)
    with pytest.raises(OperatorError, match="was made 25 h ago; plans are good for 24 h"):
        check.check_age(plan, NOW + timedelta(hours=25), DAY)
    with pytest.raises(OperatorError, match="was made 31 min ago; plans are good for 30 min"):
        check.check_age(plan, NOW + timedelta(minutes=31), timedelta(minutes=30))


def test_a_plan_of_the_future_says_that_a_clock_is_wrong(plan: Plan) -> None:
    check.check_age(plan, NOW - timedelta(minutes=5), DAY)
    with pytest.raises(OperatorError, match="yet to come") as raised:
        check.check_age(plan, NOW - timedelta(minutes=6), DAY)
    assert "clocks" in raised.value.help


def test_a_plan_for_another_organization_is_refused(plan: Plan) -> None:
    check.check_organization(plan, plan.organization_id)
    with pytest.raises(OperatorError, match="o-else"):
        check.check_organization(plan, "o-else")


def test_every_changed_fact_is_named_up_to_a_point(plan: Plan) -> None:
    check.check_facts(plan, plan.facts)
    few = {**plan.facts, f"account {DEV}": "SUSPENDED in r-ab12"}
    with pytest.raises(OperatorError, match=f"account {DEV}: was ACTIVE in .* is SUSPENDED in"):
        check.check_facts(plan, few)
    with pytest.raises(OperatorError, match=r"and \d+ more"):
        check.check_facts(plan, {})


def test_what_is_protected_by_now_is_refused_only_where_the_plan_acts(plan: Plan) -> None:
    check.check_protection(plan, ["222222222222", "999999999999"])
    with pytest.raises(OperatorError, match=f"acts on {DEV}, which the configuration protects"):
        check.check_protection(plan, [DEV])


def test_only_the_approval_of_somebody_else_counts(plan: Plan, tmp_path: Path) -> None:
    with open_database(tmp_path / "ledger.db") as database:
        ledger = Ledger(database, StillClock())
        with pytest.raises(OperatorError, match="cannot approve it too"):
            approve(ledger, plan, CALLER)
        with pytest.raises(OperatorError, match="cannot approve it too"):
            approve(ledger, plan, replace(CALLER, arn=CALLER.arn.upper()))
        assert approvers(ledger, plan) == ()
        with pytest.raises(OperatorError, match="needs the approval"):
            check.check_approval(plan, approvers(ledger, plan))
        approve(ledger, plan, OTHER)
        approve(ledger, plan, OTHER)
        assert approvers(ledger, plan) == (OTHER.arn,)
        check.check_approval(plan, approvers(ledger, plan))
        assert approvers(ledger, replace(plan, asked="edited")) == ()
        # Whatever somebody writes there, the maker's own word never counts.
        ledger.record("plan.approved", plan.id, {"by": CALLER.arn})
        assert approvers(ledger, plan) == (OTHER.arn,)
