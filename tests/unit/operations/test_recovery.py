import json
from datetime import UTC, datetime

import pytest

from fake_gateway import NOW, PROD, SHOP, Fails, FakeGateway, MemoryJournal
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import MfaDevice, Password, Seen
from rootsteward.operations import allow_recovery, close_recovery

PLAN = "0123456789abcdef"


def allowed(gateway: FakeGateway, journal: MemoryJournal, account: Account) -> AccountResult:
    plan = allow_recovery.plan([allow_recovery.gather(gateway, account)])
    gateway.calls.clear()
    gateway.log.clear()
    return allow_recovery.step(gateway, journal, PLAN, plan.accounts[0])


def closed(gateway: FakeGateway, journal: MemoryJournal, account: Account) -> AccountResult:
    plan = close_recovery.plan([close_recovery.gather(gateway, account)])
    gateway.calls.clear()
    gateway.log.clear()
    return close_recovery.step(gateway, journal, PLAN, plan.accounts[0])


def test_recovery_is_allowed_and_shown_to_be_the_only_credential(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    result = allowed(gateway, journal, prod)
    assert result.outcome is Outcome.RECOVERY_OPEN
    assert result.after is not None
    assert isinstance(result.after.mfa, Seen)
    assert gateway.apis() == [
        "sts:AssumeRoot",
        "iam:GetLoginProfile",
        "iam:CreateLoginProfile",
        "iam:GetLoginProfile",
        "sts:AssumeRoot",
        "iam:GetAccountSummary",
        "iam:GetLoginProfile",
        "iam:GetUser",
    ]
    assert len(result.session_keys) == 2


def test_an_account_with_credentials_is_refused_with_the_reason(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    result = allowed(gateway, journal, dev)
    assert result.outcome is Outcome.PRESENT
    assert "recovery is for accounts without root credentials" in result.detail
    assert gateway.calls == []


def test_an_account_that_is_open_stays_open(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    assert allowed(gateway, journal, shop).outcome is Outcome.RECOVERY_OPEN
    assert gateway.calls == []


def test_an_account_nobody_could_see_is_not_opened(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    gateway.fail("iam:GetAccountSummary", Fails.DENIED)
    assert allowed(gateway, journal, prod).outcome is Outcome.DENIED
    assert gateway.mutations == []


def test_a_denied_recovery_keeps_awss_text(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    gateway.fail("iam:CreateLoginProfile", Fails.DENIED)
    result = allowed(gateway, journal, prod)
    assert result.outcome is Outcome.DENIED
    assert "is not authorized to perform: iam:CreateLoginProfile" in result.detail


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (Fails.LOST_AFTER_IT_WAS_DONE, Outcome.RECOVERY_OPEN),
        (Fails.LOST_BEFORE_IT_WAS_DONE, Outcome.UNKNOWN),
        (Fails.THROTTLED, Outcome.UNKNOWN),
        (Fails.REFUSED, Outcome.DENIED),
    ],
)
def test_only_a_look_decides_whether_it_is_open(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account, how: Fails, outcome: Outcome
) -> None:
    gateway.fail("iam:CreateLoginProfile", how)
    assert allowed(gateway, journal, prod).outcome is outcome
    assert gateway.apis().count("iam:CreateLoginProfile") == 1


def test_an_expired_session_looks_before_it_asks_again(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    gateway.fail("iam:CreateLoginProfile", Fails.EXPIRED)
    result = allowed(gateway, journal, prod)
    assert result.outcome is Outcome.RECOVERY_OPEN
    assert len(gateway.mutations) == 1


def test_somebody_elses_recovery_is_not_asked_for_twice(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    plan = allow_recovery.plan([allow_recovery.gather(gateway, prod)])
    gateway.accounts[PROD].password = Password(NOW)
    result = allow_recovery.step(gateway, journal, PLAN, plan.accounts[0])
    assert result.outcome is Outcome.RECOVERY_OPEN
    assert result.detail == "somebody else allowed it meanwhile"
    assert gateway.mutations == []


def test_a_password_that_somebody_used_is_not_taken_back_as_recovery(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    gateway.accounts[SHOP].password = Password(NOW, NOW)
    result = closed(gateway, journal, shop)
    assert result.outcome is Outcome.PRESENT
    assert "delete-credentials" in result.detail
    assert gateway.mutations == []


def test_more_than_the_password_afterwards_is_present(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    plan = allow_recovery.plan([allow_recovery.gather(gateway, prod)])
    gateway.accounts[PROD].mfa = (MfaDevice("GAHT12345678"),)
    result = allow_recovery.step(gateway, journal, PLAN, plan.accounts[0])
    assert (result.outcome, result.detail) == (
        Outcome.PRESENT,
        "more than the password is present",
    )


def test_a_shut_audit_afterwards_is_unknown(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    gateway.fail("iam:GetAccountSummary", Fails.DENIED, after=1)
    result = allowed(gateway, journal, prod)
    assert result.outcome is Outcome.UNKNOWN
    assert "whether it is alone could not be seen" in result.detail


def test_the_intent_to_open_is_on_record_before_the_call(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    allowed(gateway, journal, prod)
    call = gateway.log.index("call iam:CreateLoginProfile")
    assert gateway.log[call - 1] == "intent iam:CreateLoginProfile"
    assert gateway.log[call + 1] == "result iam:CreateLoginProfile"
    assert gateway.log[-1] == "result look"
    assert "very-secret" not in json.dumps([body for _, _, body in journal.entries])


def test_nothing_is_opened_when_the_intent_cannot_be_written(
    gateway: FakeGateway, prod: Account
) -> None:
    with pytest.raises(OperatorError, match="ledger cannot be written"):
        allowed(gateway, MemoryJournal(full_after=0), prod)
    assert gateway.mutations == []


def test_a_dry_run_of_either_reaches_no_gateway(
    gateway: FakeGateway, prod: Account, shop: Account
) -> None:
    opening = allow_recovery.plan([allow_recovery.gather(gateway, prod)])
    closing = close_recovery.plan([close_recovery.gather(gateway, shop)])
    gateway.calls.clear()
    assert allow_recovery.rehearse(opening.accounts[0]).outcome is Outcome.PLANNED
    assert close_recovery.rehearse(closing.accounts[0]).outcome is Outcome.PLANNED
    assert gateway.calls == []


def test_people_are_told_that_no_mail_is_sent(prod: Account) -> None:
    steps = allow_recovery.next_steps(prod)
    assert steps[0] == "aws sends no mail by itself"
    assert any("prod@example.com" in step for step in steps)


def test_closing_deletes_the_lone_password(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    result = closed(gateway, journal, shop)
    assert result.outcome is Outcome.DELETED
    assert gateway.accounts[SHOP].password is None
    assert {kind for kind, _, _ in journal.entries} == {
        "close-recovery.intent",
        "close-recovery.result",
    }


def test_closing_leaves_an_account_that_somebody_set_up(
    gateway: FakeGateway, journal: MemoryJournal, dev: Account
) -> None:
    result = closed(gateway, journal, dev)
    assert result.outcome is Outcome.PRESENT
    assert "delete-credentials" in result.detail
    assert gateway.calls == []


def test_closing_a_closed_account_is_clean(
    gateway: FakeGateway, journal: MemoryJournal, prod: Account
) -> None:
    assert closed(gateway, journal, prod).outcome is Outcome.CLEAN


def test_closing_stops_when_a_device_was_registered_meanwhile(
    gateway: FakeGateway, journal: MemoryJournal, shop: Account
) -> None:
    plan = close_recovery.plan([close_recovery.gather(gateway, shop)])
    gateway.accounts[SHOP].mfa = (MfaDevice("GAHT12345678", datetime(2026, 11, 23, tzinfo=UTC)),)
    result = close_recovery.step(gateway, journal, PLAN, plan.accounts[0])
    assert result.outcome is Outcome.CHANGED_MEANWHILE
    assert gateway.mutations == []


def test_steps_that_broke_off_are_unknown(gateway: FakeGateway, prod: Account) -> None:
    opening = allow_recovery.plan([allow_recovery.gather(gateway, prod)])
    closing = close_recovery.plan([close_recovery.gather(gateway, prod)])
    odd = ValueError("odd")
    assert allow_recovery.lost(opening.accounts[0], odd).outcome is Outcome.UNKNOWN
    assert close_recovery.lost(closing.accounts[0], odd).outcome is Outcome.UNKNOWN
