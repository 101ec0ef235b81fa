from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from fake_gateway import CLOSED, DEV, MANAGEMENT, PROD, Fails, FakeGateway, MemoryJournal
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations import delegate, disable, enable, status, switches
from rootsteward.operations.status import Standing, Status
from rootsteward.operations.switches import SwitchPlan


@pytest.fixture
def untouched(gateway: FakeGateway) -> FakeGateway:
    """An organization in which nothing was switched on yet."""
    gateway.trusted_access = False
    gateway.features = frozenset()
    return gateway


def registered(gateway: FakeGateway) -> list[str]:
    return list(gateway.delegates)


def as_account(gateway: FakeGateway, account: AccountId) -> FakeGateway:
    gateway.identity = CallerIdentity(account, f"arn:aws:iam::{account}:role/Ops", "AROA")
    return gateway


def test_status_of_the_management_account(gateway: FakeGateway) -> None:
    found = status.gather(gateway)
    assert found.standing is Standing.MANAGEMENT
    assert found.ready


def test_features_are_off_when_trusted_access_is_off(untouched: FakeGateway) -> None:
    found = status.gather(untouched)
    assert isinstance(found.features, Seen)
    assert found.features.value == frozenset()
    assert not found.ready


def test_status_of_a_delegate(gateway: FakeGateway) -> None:
    gateway.delegates = (DEV,)
    assert status.gather(as_account(gateway, DEV)).standing is Standing.DELEGATE


def test_status_of_an_ordinary_member_is_told_by_awss_code(gateway: FakeGateway) -> None:
    for api in ("DescribeOrganization", "ListDelegatedAdministrators"):
        gateway.fail(f"organizations:{api}", Fails.DENIED)
    gateway.fail(
        "iam:ListOrganizationsFeatures",
        Fails.REFUSED,
        code="AccountNotManagementOrDelegatedAdministratorException",
    )
    found = status.gather(as_account(gateway, DEV))
    assert found.standing is Standing.MEMBER
    assert isinstance(found.organization, NotSeen)


def test_one_fact_that_is_shut_hides_no_other(gateway: FakeGateway) -> None:
    gateway.fail("organizations:ListDelegatedAdministrators", Fails.DENIED)
    found = status.gather(gateway)
    assert isinstance(found.delegates, NotSeen)
    assert "is not authorized" in found.delegates.detail
    assert found.ready


def test_a_member_whose_rank_cannot_be_told_is_unknown(gateway: FakeGateway) -> None:
    gateway.fail("organizations:DescribeOrganization", Fails.DENIED)
    gateway.fail("organizations:ListDelegatedAdministrators", Fails.DENIED)
    gateway.fail("iam:ListOrganizationsFeatures", Fails.THROTTLED)
    assert status.gather(as_account(gateway, DEV)).standing is Standing.UNKNOWN


def test_enabling_goes_from_trusted_access_to_the_features(
    untouched: FakeGateway, journal: MemoryJournal
) -> None:
    plan = enable.plan(status.gather(untouched))
    assert [step.api for step in plan.steps] == [
        "organizations:EnableAWSServiceAccess",
        "iam:EnableOrganizationsRootCredentialsManagement",
        "iam:EnableOrganizationsRootSessions",
    ]
    results = switches.apply(untouched, journal, plan)
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert status.gather(untouched).ready


def test_enabling_what_is_enabled_has_no_steps(gateway: FakeGateway) -> None:
    plan = enable.plan(status.gather(gateway))
    assert plan.steps == ()
    assert len(plan.already) == 3


def test_only_the_missing_feature_is_switched_on(gateway: FakeGateway) -> None:
    gateway.features = frozenset({RootFeature.SESSIONS})
    plan = enable.plan(status.gather(gateway))
    assert [step.target for step in plan.steps] == ["RootCredentialsManagement"]


def test_a_member_is_told_to_use_the_management_account(
    untouched: FakeGateway, journal: MemoryJournal
) -> None:
    plan = enable.plan(status.gather(as_account(untouched, DEV)))
    (obstacle,) = plan.obstacles
    assert MANAGEMENT in obstacle.what
    assert DEV in obstacle.evidence
    with pytest.raises(OperatorError, match="enable cannot start") as caught:
        switches.apply(untouched, journal, plan)
    assert caught.value.help == obstacle.help
    assert untouched.mutations == []


def test_an_unreadable_prerequisite_is_an_obstacle(untouched: FakeGateway) -> None:
    untouched.fail("organizations:ListAWSServiceAccessForOrganization", Fails.DENIED)
    plan = enable.plan(status.gather(untouched))
    assert [o.what for o in plan.obstacles] == ["trusted access cannot be read"]


def test_disabling_goes_from_the_features_to_trusted_access(
    gateway: FakeGateway, journal: MemoryJournal
) -> None:
    plan = disable.plan(status.gather(gateway))
    assert [step.api for step in plan.steps] == [
        "iam:DisableOrganizationsRootCredentialsManagement",
        "iam:DisableOrganizationsRootSessions",
        "organizations:DisableAWSServiceAccess",
    ]
    results = switches.apply(gateway, journal, plan)
    assert [result.outcome for result in results] == [Outcome.DONE] * 3
    assert not gateway.trusted_access
    assert gateway.features == frozenset()


def test_a_delegate_in_the_way_is_named_with_the_command(gateway: FakeGateway) -> None:
    gateway.delegates = (DEV,)
    (obstacle,) = disable.plan(status.gather(gateway)).obstacles
    assert DEV in obstacle.evidence
    assert obstacle.help == f"run `rootsteward delegate remove {DEV}` first"


def test_a_delegate_may_switch_features_off_but_not_trusted_access(gateway: FakeGateway) -> None:
    gateway.delegates = (DEV,)
    facts = status.gather(as_account(gateway, DEV))
    assert disable.plan(facts, keep_trusted_access=True).obstacles == ()
    assert len(disable.plan(facts).obstacles) == 2


def test_delegates_nobody_can_read_are_an_obstacle_to_disabling(gateway: FakeGateway) -> None:
    gateway.fail("organizations:ListDelegatedAdministrators", Fails.DENIED)
    (obstacle,) = disable.plan(status.gather(gateway)).obstacles
    assert obstacle.what == "delegated administrators cannot be read"


def test_one_feature_alone_leaves_trusted_access(gateway: FakeGateway) -> None:
    plan = disable.plan(status.gather(gateway), frozenset({RootFeature.SESSIONS}))
    assert [step.target for step in plan.steps] == ["RootSessions"]


def test_disabling_what_is_disabled_has_no_steps(untouched: FakeGateway) -> None:
    plan = disable.plan(status.gather(untouched))
    assert (plan.steps, plan.obstacles) == ((), ())


def test_delegates_are_added_and_removed(gateway: FakeGateway, journal: MemoryJournal) -> None:
    switches.apply(gateway, journal, delegate.plan_add(status.gather(gateway), DEV))
    assert registered(gateway) == [DEV]
    assert delegate.plan_add(status.gather(gateway), DEV).already == (f"{DEV} is registered",)
    switches.apply(gateway, journal, delegate.plan_remove(status.gather(gateway), DEV))
    assert registered(gateway) == []
    gone = delegate.plan_remove(status.gather(gateway), DEV)
    assert gone.already == (f"{DEV} is not registered",)


@pytest.mark.parametrize(
    ("account", "what"),
    [(MANAGEMENT, "is the management account"), (CLOSED, "is not active")],
)
def test_unfit_delegates_are_explained(gateway: FakeGateway, account: AccountId, what: str) -> None:
    (obstacle,) = delegate.plan_add(status.gather(gateway), account).obstacles
    assert what in obstacle.what


def test_a_delegate_outside_the_organization_is_an_error(gateway: FakeGateway) -> None:
    with pytest.raises(OperatorError, match="is not in organization"):
        delegate.plan_add(status.gather(gateway), AccountId("999999999999"))


def test_a_delegate_needs_trusted_access_and_the_management_account(
    untouched: FakeGateway,
) -> None:
    obstacles = delegate.plan_add(status.gather(as_account(untouched, DEV)), PROD).obstacles
    assert [o.help for o in obstacles][1] == "run `rootsteward enable` first"


def test_a_delegate_is_not_added_to_a_tree_nobody_can_read(gateway: FakeGateway) -> None:
    facts = status.gather(gateway)
    gateway.fail("organizations:DescribeOrganization", Fails.DENIED)
    shut = replace(facts, organization=status.gather(gateway).organization)
    (obstacle,) = delegate.plan_add(shut, DEV).obstacles
    assert obstacle.what == "the organization cannot be read"


def test_a_refused_step_skips_what_follows_and_keeps_awss_words(
    untouched: FakeGateway, journal: MemoryJournal
) -> None:
    untouched.fail("organizations:EnableAWSServiceAccess", Fails.DENIED)
    results = switches.apply(untouched, journal, enable.plan(status.gather(untouched)))
    assert [r.outcome for r in results] == [Outcome.DENIED, Outcome.SKIPPED, Outcome.SKIPPED]
    assert "AccessDenied: User: " in results[0].detail


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (Fails.LOST_AFTER_IT_WAS_DONE, Outcome.DONE),
        (Fails.LOST_BEFORE_IT_WAS_DONE, Outcome.UNKNOWN),
    ],
)
def test_a_lost_answer_to_a_switch_is_looked_up(
    untouched: FakeGateway, journal: MemoryJournal, how: Fails, outcome: Outcome
) -> None:
    untouched.fail("organizations:EnableAWSServiceAccess", how)
    results = switches.apply(untouched, journal, enable.plan(status.gather(untouched)))
    assert results[0].outcome is outcome
    assert untouched.apis().count("organizations:EnableAWSServiceAccess") == 1


ALL_PLANS: dict[str, Callable[[Status], SwitchPlan]] = {
    "organizations:EnableAWSServiceAccess": enable.plan,
    "organizations:DisableAWSServiceAccess": disable.plan,
    "iam:EnableOrganizationsRootSessions": enable.plan,
    "iam:DisableOrganizationsRootSessions": disable.plan,
    "organizations:RegisterDelegatedAdministrator": partial(delegate.plan_add, account=DEV),
    "organizations:DeregisterDelegatedAdministrator": partial(delegate.plan_remove, account=PROD),
}


@pytest.mark.parametrize("api", ALL_PLANS)
def test_no_switch_is_called_done_before_it_was_seen(
    gateway: FakeGateway, journal: MemoryJournal, api: str
) -> None:
    if "Enable" in api:
        gateway.features = frozenset()
        gateway.trusted_access = "iam:" in api
    if "Delegated" in api:
        gateway.delegates = (PROD,)
    plan = ALL_PLANS[api](status.gather(gateway))
    gateway.fail(api, Fails.LOST_BEFORE_IT_WAS_DONE)
    by_api = {result.step.api: result for result in switches.apply(gateway, journal, plan)}
    assert by_api[api].outcome is Outcome.UNKNOWN
    assert "no answer" in by_api[api].detail


def test_a_switch_that_cannot_be_looked_at_afterwards_is_unknown(
    untouched: FakeGateway, journal: MemoryJournal
) -> None:
    plan = enable.plan(status.gather(untouched))
    untouched.fail("organizations:ListAWSServiceAccessForOrganization", Fails.DENIED, after=1)
    assert switches.apply(untouched, journal, plan)[0].outcome is Outcome.UNKNOWN


def test_what_somebody_else_did_meanwhile_is_not_sent_again(
    untouched: FakeGateway, journal: MemoryJournal
) -> None:
    plan = enable.plan(status.gather(untouched))
    untouched.enable_trusted_access()
    untouched.mutations.clear()
    results = switches.apply(untouched, journal, plan)
    assert [r.outcome for r in results] == [Outcome.CLEAN, Outcome.DONE, Outcome.DONE]
    assert [api for api, _ in untouched.mutations] == [step.api for step in plan.steps[1:]]


def test_a_switch_is_on_record_with_what_was_seen_and_awss_request_id(
    untouched: FakeGateway, journal: MemoryJournal
) -> None:
    plan = enable.plan(status.gather(untouched))
    switches.apply(untouched, journal, plan)
    intent, sent, looked = (body for _, _, body in journal.entries[:3])
    assert intent["before"] == {"in_place": False}
    assert sent["answer"] == "done"
    assert str(sent["request_id"]).startswith("req-")
    assert (looked["before"], looked["after"]) == ({"in_place": False}, {"in_place": True})
    assert {body["plan"] for _, _, body in journal.entries} == {plan.id}


def test_what_could_not_be_seen_before_is_on_record_as_that(
    untouched: FakeGateway, journal: MemoryJournal
) -> None:
    plan = enable.plan(status.gather(untouched))
    untouched.fail("organizations:ListAWSServiceAccessForOrganization", Fails.DENIED)
    assert switches.apply(untouched, journal, plan)[0].outcome is Outcome.DONE
    assert "is not authorized" in str(journal.entries[0][2]["before"])


def test_a_switch_has_its_intent_before_it(untouched: FakeGateway, journal: MemoryJournal) -> None:
    plan = enable.plan(status.gather(untouched))
    switches.apply(untouched, journal, plan)
    for step in plan.steps:
        call = untouched.log.index(f"call {step.api}")
        assert untouched.log[call - 1] == f"intent {step.api}"


def test_a_rehearsed_switch_changes_nothing(untouched: FakeGateway) -> None:
    rows = switches.rehearse(enable.plan(status.gather(untouched)))
    assert [row.outcome for row in rows] == [Outcome.PLANNED] * 3
    assert untouched.mutations == []
