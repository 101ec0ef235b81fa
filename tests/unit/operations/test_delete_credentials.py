import json

import pytest

from fake_gateway import DEV, NOW, PROD, SHOP, Fails, FakeGateway, MemoryJournal
from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import AccountResult, LeftOut, Outcome
from rootsteward.domain.root_credentials import Password, Seen
from rootsteward.operations import delete_credentials
from rootsteward.operations.delete_credentials import DeletionPlan, Intention

PLAN = "0123456789abcdef"

LOOK = [
    "iam:GetLoginProfile",
    "iam:ListAccessKeys",
    "iam:ListSigningCertificates",
    "iam:ListMFADevices",
]
DELETES = [
    "iam:DeleteLoginProfile",
    "iam:DeleteAccessKey",
    "iam:DeleteAccessKey",
    "iam:DeleteSigningCertificate",
    "iam:DeactivateMFADevice",
]


def planned(gateway: FakeGateway, account: Account) -> DeletionPlan:
    plan = delete_credentials.plan([delete_credentials.gather(gateway, account)])
    gateway.calls.clear()
    gateway.log.clear()
    return plan


def deleted(gateway: FakeGateway, journal: MemoryJournal, plan: DeletionPlan) -> AccountResult:
    return delete_credentials.step(gateway, journal, PLAN, plan.accounts[0])


def test_everything_goes_in_order_with_a_look_on_either_side(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.DELETED
    assert not gateway.accounts[DEV].holds_credentials
    assert gateway.apis() == ["sts:AssumeRoot", *LOOK, *DELETES, *LOOK]
    assert len(gateway.calls) == len(plan.accounts[0].calls)


def test_the_plan_names_each_credential_with_its_evidence(
    gateway: FakeGateway, dev: Account
) -> None:
    account = planned(gateway, dev).accounts[0]
    assert account.intention is Intention.DELETE
    assert [(c.target.identifier, c.evidence) for c in account.credentials] == [
        ("2020-01-02T00:00:00+00:00", "created 2020-01-02, no sign-in on record"),
        ("AKIAONE", "active, created 2019-05-01, last used 2026-11-01 for s3 in us-east-1"),
        ("AKIATWO", "inactive, created 2019-06-01, no use on record"),
        ("CERTONE", "active, uploaded at an unknown date"),
        (f"arn:aws:iam::{DEV}:mfa/root-account-mfa-device", "virtual, enabled at an unknown date"),
    ]


def test_a_lone_password_may_only_mean_recovery(gateway: FakeGateway, shop: Account) -> None:
    (password,) = planned(gateway, shop).accounts[0].credentials
    assert password.evidence == (
        "created 2026-11-20, no sign-in on record; may only mean that recovery is allowed"
    )


def test_a_key_whose_last_use_was_shut_says_so(gateway: FakeGateway, dev: Account) -> None:
    gateway.fail("iam:GetAccessKeyLastUsed", Fails.DENIED)
    evidence = planned(gateway, dev).accounts[0].credentials[1].evidence
    assert "last use could not be read" in evidence


def test_a_clean_account_is_left_alone(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    plan = planned(gateway, prod)
    assert plan.accounts[0].intention is Intention.NOTHING_TO_DO
    assert deleted(gateway, journal, plan).outcome is Outcome.CLEAN
    assert gateway.calls == []


def test_an_account_that_could_not_be_seen_is_not_called_deleted_or_clean(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    gateway.fail("iam:GetAccountSummary", Fails.DENIED, times=None)
    plan = planned(gateway, dev)
    assert plan.accounts[0].intention is Intention.CANNOT_SEE
    assert deleted(gateway, journal, plan).outcome is Outcome.DENIED
    assert gateway.mutations == []


def test_what_is_present_but_cannot_be_listed_is_not_planned_away(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    gateway.fail("iam:ListAccessKeys", Fails.DENIED, times=None)
    plan = planned(gateway, dev)
    assert plan.accounts[0].intention is Intention.CANNOT_SEE
    assert "access_keys present" in plan.accounts[0].reason
    assert deleted(gateway, journal, plan).outcome is Outcome.PRESENT


def test_a_dry_run_is_planned_and_reaches_no_gateway(gateway: FakeGateway, dev: Account) -> None:
    plan = planned(gateway, dev)
    result = delete_credentials.rehearse(plan.accounts[0])
    assert (result.outcome, result.detail) == (Outcome.PLANNED, "would delete 5 credentials")
    assert gateway.calls == []


def test_running_a_finished_plan_again_does_nothing(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    deleted(gateway, journal, plan)
    mutations = len(gateway.mutations)
    assert deleted(gateway, journal, plan).outcome is Outcome.CLEAN
    assert len(gateway.mutations) == mutations


def test_a_denial_midway_stops_before_the_mfa_and_says_what_remains(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    guilty = DecidedBy(PolicyType.SCP, "r-ab12", "p-guilty", 0, "DenyKeys")
    plan = planned(gateway, dev)
    gateway.fail("iam:DeleteAccessKey", Fails.DENIED, times=None)
    result = delete_credentials.step(
        gateway,
        journal,
        PLAN,
        plan.accounts[0],
        blame_for=lambda _account, _task: lambda _action: (guilty,),
    )
    assert result.outcome is Outcome.DENIED
    assert result.blamed == (guilty,)
    assert "is not authorized to perform: iam:DeleteAccessKey" in result.detail
    assert gateway.accounts[DEV].password is None
    assert len(gateway.accounts[DEV].mfa) == 1
    assert result.after is not None
    assert isinstance(result.after.access_keys, Seen)
    assert result.after.access_keys.value.count == 2


def test_a_refusal_that_is_no_denial_leaves_it_present_with_awss_words(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    gateway.fail("iam:DeleteLoginProfile", Fails.REFUSED, code="EntityTemporarilyUnmodifiable")
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.PRESENT
    assert "EntityTemporarilyUnmodifiable" in result.detail
    assert gateway.mutations == []


@pytest.mark.parametrize("how", [Fails.LOST_AFTER_IT_WAS_DONE, Fails.LOST_BEFORE_IT_WAS_DONE])
def test_a_lost_answer_is_looked_at_before_anything_is_sent_again(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account, how: Fails
) -> None:
    plan = planned(gateway, dev)
    gateway.fail("iam:DeleteLoginProfile", how)
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.DELETED
    apis = gateway.apis()
    first = apis.index("iam:DeleteLoginProfile")
    assert apis[first + 1 : first + 5] == LOOK
    done = how is Fails.LOST_AFTER_IT_WAS_DONE
    assert apis.count("iam:DeleteLoginProfile") == (1 if done else 2)


def test_answers_that_are_always_lost_end_as_unknown(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    gateway.fail("iam:DeleteLoginProfile", Fails.LOST_BEFORE_IT_WAS_DONE, times=None)
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.UNKNOWN
    assert "no answer to iam:DeleteLoginProfile" in result.detail
    assert gateway.apis()[-4:] == LOOK


def test_an_expired_session_is_replaced_and_looks_again(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    gateway.fail("iam:DeleteSigningCertificate", Fails.EXPIRED)
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.DELETED
    apis = gateway.apis()
    second = apis.index("sts:AssumeRoot", 1)
    assert apis[second + 1 : second + 5] == LOOK
    assert len(result.session_keys) == 2


def test_a_throttled_delete_is_done_after_another_look(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    gateway.fail("iam:DeactivateMFADevice", Fails.THROTTLED)
    assert deleted(gateway, journal, plan).outcome is Outcome.DELETED


def test_a_credential_that_is_gone_already_is_no_failure(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    plan = planned(gateway, shop)
    gateway.accounts[SHOP].password = None
    assert deleted(gateway, journal, plan).outcome is Outcome.CLEAN


def test_a_stale_look_never_makes_it_deleted_too_early(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    plan = planned(gateway, shop)
    gateway.fail("iam:GetLoginProfile", Fails.SHOWS_THE_PAST, after=1)
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.DELETED
    assert gateway.apis().count("iam:DeleteLoginProfile") == 2


def test_looks_that_stay_stale_are_unknown(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    plan = planned(gateway, shop)
    gateway.fail("iam:GetLoginProfile", Fails.SHOWS_THE_PAST, after=1, times=None)
    assert deleted(gateway, journal, plan).outcome is Outcome.UNKNOWN


def test_a_password_set_after_the_plan_is_not_deleted(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    plan = planned(gateway, shop)
    gateway.accounts[SHOP].password = Password(NOW)
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.CHANGED_MEANWHILE
    assert gateway.mutations == []


def test_an_after_look_that_is_shut_is_never_deleted(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    plan = planned(gateway, shop)
    gateway.fail("iam:ListMFADevices", Fails.DENIED, after=1)
    assert deleted(gateway, journal, plan).outcome is Outcome.DENIED


def test_nothing_is_deleted_when_one_kind_cannot_be_looked_at(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    gateway.fail("iam:ListSigningCertificates", Fails.DENIED)
    assert deleted(gateway, journal, plan).outcome is Outcome.DENIED
    assert gateway.mutations == []


def test_a_refused_session_is_a_row(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    gateway.features = frozenset()
    result = deleted(gateway, journal, plan)
    assert result.outcome is Outcome.DENIED
    assert "not enabled" in result.detail


def test_every_act_has_its_intent_before_it_and_its_result_after_it(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    deleted(gateway, journal, planned(gateway, dev))
    for position, line in enumerate(gateway.log):
        if line.removeprefix("call ") in {*DELETES, "sts:AssumeRoot"}:
            api = line.removeprefix("call ")
            assert gateway.log[position - 1] == f"intent {api}"
            assert gateway.log[position + 1] == f"result {api}"
    assert gateway.log[-1] == "result look"


def test_the_journal_holds_the_session_and_no_secret(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    deleted(gateway, journal, plan)
    text = json.dumps([entry[2] for entry in journal.entries])
    assert "very-secret" not in text
    assert "ASIASESSION00002" in text
    assert {subject for _, subject, _ in journal.entries} == {DEV}
    assert all(body["plan"] == PLAN for _, _, body in journal.entries)
    kinds = {kind for kind, _, _ in journal.entries}
    assert kinds == {"delete-credentials.intent", "delete-credentials.result"}


def test_what_was_seen_is_on_record_before_each_deletion(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    deleted(gateway, journal, planned(gateway, dev))
    intents = [body for kind, _, body in journal.entries if kind.endswith(".intent")][1:]
    last_look = journal.entries[-1][2]
    assert [body["before"] for body in intents] == [last_look["before"]] * len(intents)
    assert "AKIA" in json.dumps(intents[0]["before"])


def test_a_refused_session_is_on_record_with_awss_answer(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    plan = planned(gateway, dev)
    gateway.fail("sts:AssumeRoot", Fails.DENIED)
    deleted(gateway, journal, plan)
    answers = [(body["act"], body.get("answer")) for _, _, body in journal.entries]
    assert answers == [("sts:AssumeRoot", None), ("sts:AssumeRoot", "AccessDenied"), ("look", None)]
    assert journal.entries[1][2]["request_id"] == "req-1"


@pytest.mark.parametrize(("full_after", "deletions"), [(0, 0), (1, 0), (2, 0), (3, 1)])
def test_a_full_ledger_stops_everything_that_follows(
    gateway: FakeGateway, dev: Account, full_after: int, deletions: int
) -> None:
    plan = planned(gateway, dev)
    journal = MemoryJournal(full_after=full_after)
    with pytest.raises(OperatorError, match="ledger cannot be written"):
        deleted(gateway, journal, plan)
    assert len(gateway.mutations) == deletions
    assert gateway.apis().count("sts:AssumeRoot") == int(full_after > 0)


def test_the_order_of_the_facts_does_not_change_the_plan(
    gateway: FakeGateway, dev: Account, prod: Account
) -> None:
    facts = [delete_credentials.gather(gateway, account) for account in (dev, prod)]
    one = delete_credentials.plan(facts)
    other = delete_credentials.plan(reversed(facts))
    assert one == other
    assert [a.account.id for a in one.accounts] == [DEV, PROD]
    assert one.credential_count == 5


def test_left_out_accounts_stay_in_the_plan_with_their_reason() -> None:
    left_out = LeftOut(PROD, "protected by the configuration")
    assert delete_credentials.plan([], [left_out]).left_out == (left_out,)


def test_a_step_that_broke_off_is_unknown(gateway: FakeGateway, dev: Account) -> None:
    result = delete_credentials.lost(planned(gateway, dev).accounts[0], ValueError("odd"))
    assert result.outcome is Outcome.UNKNOWN
