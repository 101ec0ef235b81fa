from datetime import timedelta

from fake_gateway import DEV, NOW, PROD, Fails, FakeGateway
from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import Basis, CredentialKind, NotSeen, Password, Seen
from rootsteward.operations import audit
from rootsteward.operations.audit import KindState
from rootsteward.ports.aws_gateway import AwsGateway


def region_of(gateway: AwsGateway) -> str:
    return gateway.region


def test_the_fake_is_a_whole_gateway(gateway: FakeGateway) -> None:
    assert region_of(gateway) == "eu-west-1"


def test_a_clean_account_costs_exactly_two_calls(gateway: FakeGateway, prod: Account) -> None:
    row = audit.gather(gateway, prod)
    assert row.outcome is Outcome.CLEAN
    assert row.basis is Basis.SUMMARY
    assert gateway.calls == [("sts:AssumeRoot", PROD), ("iam:GetAccountSummary", PROD)]


def test_details_are_read_only_for_what_is_present(gateway: FakeGateway, shop: Account) -> None:
    row = audit.gather(gateway, shop)
    assert gateway.apis() == [
        "sts:AssumeRoot",
        "iam:GetAccountSummary",
        "iam:GetLoginProfile",
        "iam:GetUser",
    ]
    assert row.basis is Basis.LISTED


def test_a_full_account_is_listed_with_the_last_use_of_each_key(
    gateway: FakeGateway, dev: Account
) -> None:
    row = audit.gather(gateway, dev)
    assert row.outcome is Outcome.PRESENT
    assert isinstance(row.credentials.access_keys, Seen)
    used, unused = row.credentials.access_keys.value.items
    assert (used.id, used.last_used_service) == ("AKIAONE", "s3")
    assert (unused.id, unused.last_used_at) == ("AKIATWO", None)
    assert len(gateway.calls) == 2 + 4 + 3


def test_deep_lists_everything_without_the_summary(gateway: FakeGateway, prod: Account) -> None:
    row = audit.gather(gateway, prod, deep=True)
    assert row.outcome is Outcome.CLEAN
    assert row.basis is Basis.LISTED
    assert gateway.apis() == [
        "sts:AssumeRoot",
        "iam:GetLoginProfile",
        "iam:ListAccessKeys",
        "iam:ListSigningCertificates",
        "iam:ListMFADevices",
    ]


def test_a_lone_password_that_somebody_used_is_present(gateway: FakeGateway, shop: Account) -> None:
    gateway.accounts[shop.id].password = Password(NOW, NOW + timedelta(days=1))
    row = audit.gather(gateway, shop)
    assert row.outcome is Outcome.PRESENT
    assert row.state(CredentialKind.PASSWORD) is KindState.PRESENT


def test_the_use_of_an_older_password_does_not_count(gateway: FakeGateway, shop: Account) -> None:
    gateway.accounts[shop.id].password = Password(NOW, NOW - timedelta(days=1))
    assert audit.gather(gateway, shop).outcome is Outcome.RECOVERY_OPEN


def test_a_lone_password_whose_use_could_not_be_read_is_present(
    gateway: FakeGateway, shop: Account
) -> None:
    gateway.fail("iam:GetUser", Fails.DENIED)
    row = audit.gather(gateway, shop)
    assert row.outcome is Outcome.PRESENT
    assert [unread.what for unread in row.unread] == ["last use of the password"]


def test_a_lone_password_is_called_recovery_open(gateway: FakeGateway, shop: Account) -> None:
    row = audit.gather(gateway, shop)
    assert row.outcome is Outcome.RECOVERY_OPEN
    assert row.state(CredentialKind.PASSWORD) is KindState.RECOVERY_OPEN
    assert row.state(CredentialKind.MFA) is KindState.NONE


def test_a_password_beside_anything_else_is_present(gateway: FakeGateway, dev: Account) -> None:
    row = audit.gather(gateway, dev)
    assert {row.state(kind) for kind in CredentialKind} == {KindState.PRESENT}


def test_a_denied_summary_keeps_awss_text_and_the_blamed_statement(
    gateway: FakeGateway, dev: Account
) -> None:
    guilty = DecidedBy(PolicyType.SCP, "r-ab12", "p-guilty", 0, "DenyRoot")
    gateway.fail("iam:GetAccountSummary", Fails.DENIED, times=None)
    row = audit.gather(gateway, dev, blame_for=lambda _account, _task: lambda _action: (guilty,))
    assert row.outcome is Outcome.DENIED
    password = row.credentials.password
    assert isinstance(password, NotSeen)
    assert "is not authorized to perform: iam:GetAccountSummary" in password.detail
    assert password.blamed == (guilty,)
    assert row.basis is None


def test_a_refused_session_is_a_denied_row_without_a_session(
    gateway: FakeGateway, dev: Account
) -> None:
    gateway.features = frozenset()
    row = audit.gather(gateway, dev)
    assert row.outcome is Outcome.DENIED
    assert row.session_key == ""
    assert row.state(CredentialKind.MFA) is KindState.DENIED


def test_a_throttled_account_is_unknown_and_not_clean(gateway: FakeGateway, prod: Account) -> None:
    gateway.fail("iam:GetAccountSummary", Fails.THROTTLED)
    row = audit.gather(gateway, prod)
    assert row.outcome is Outcome.UNKNOWN
    assert row.state(CredentialKind.PASSWORD) is KindState.UNKNOWN


def test_an_expired_session_is_replaced(gateway: FakeGateway, prod: Account) -> None:
    gateway.fail("iam:GetAccountSummary", Fails.EXPIRED)
    row = audit.gather(gateway, prod)
    assert row.outcome is Outcome.CLEAN
    assert gateway.apis().count("sts:AssumeRoot") == 2
    assert row.session_key == "ASIASESSION00002"


def test_sessions_that_always_expire_end_as_unknown(gateway: FakeGateway, prod: Account) -> None:
    gateway.fail("iam:GetAccountSummary", Fails.EXPIRED, times=None)
    assert audit.gather(gateway, prod).outcome is Outcome.UNKNOWN
    assert gateway.apis().count("sts:AssumeRoot") == 3


def test_a_shut_list_leaves_the_summarys_word_and_is_named(
    gateway: FakeGateway, dev: Account
) -> None:
    gateway.fail("iam:ListAccessKeys", Fails.DENIED)
    row = audit.gather(gateway, dev)
    assert row.state(CredentialKind.ACCESS_KEYS) is KindState.PRESENT
    assert [unread.what for unread in row.unread] == ["access_keys"]


def test_a_key_whose_last_use_is_shut_is_not_said_to_be_unused(
    gateway: FakeGateway, dev: Account
) -> None:
    gateway.fail("iam:GetAccessKeyLastUsed", Fails.DENIED)
    row = audit.gather(gateway, dev)
    assert [unread.what for unread in row.unread] == ["AKIAONE"]


def test_one_shut_list_makes_a_deep_audit_denied(gateway: FakeGateway, prod: Account) -> None:
    gateway.fail("iam:ListMFADevices", Fails.DENIED)
    row = audit.gather(gateway, prod, deep=True)
    assert row.outcome is Outcome.DENIED
    assert row.state(CredentialKind.PASSWORD) is KindState.NONE


def test_an_audit_that_broke_off_is_a_row_too(gateway: FakeGateway) -> None:
    row = audit.lost(gateway.tree.account(DEV), ValueError("odd"))
    assert row.outcome is Outcome.UNKNOWN
