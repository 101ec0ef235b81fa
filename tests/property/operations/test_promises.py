"""What the operations promise, whatever AWS does."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from fake_gateway import (
    DEV,
    NO_RCPS,
    PROD,
    SHOP,
    Fails,
    FakeAccount,
    FakeGateway,
    MemoryJournal,
    a_policy,
    control_policies,
)
from rootsteward.domain.outcome import AccountResult, Outcome
from rootsteward.domain.root_credentials import (
    AccessKey,
    MfaDevice,
    Password,
    SigningCertificate,
)
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import allow_recovery, close_recovery, controls, delete_credentials
from rootsteward.operations.account_blind import is_account_blind
from rootsteward.operations.controls import Controls

PLAN = "0123456789abcdef"

MADE = datetime(2020, 1, 1, tzinfo=UTC)
ACCOUNTS = st.builds(
    FakeAccount,
    password=st.sampled_from([None, Password(MADE)]),
    keys=st.sampled_from([(), (AccessKey("AKIA1"),), (AccessKey("AKIA1"), AccessKey("AKIA2"))]),
    certificates=st.sampled_from([(), (SigningCertificate("C1"),)]),
    mfa=st.sampled_from([(), (MfaDevice("M1"),), (MfaDevice("M1"), MfaDevice("M2"))]),
)
APIS = sorted(
    {action for task in TaskPolicy for action in task.actions if action.startswith("iam:")}
    | {"sts:AssumeRoot"}
)
FAULTS = st.lists(
    st.tuples(
        st.sampled_from(APIS),
        st.sampled_from(list(Fails)),
        st.integers(0, 2),
        st.sampled_from([1, 2, None]),
    ),
    max_size=4,
)
Faults = list[tuple[str, Fails, int, int | None]]


def world(account: FakeAccount, faults: Faults) -> FakeGateway:
    copy = FakeAccount(account.password, account.keys, account.certificates, account.mfa)
    gateway = FakeGateway({DEV: copy})
    for api, how, after, times in faults:
        gateway.fail(api, how, after=after, times=times)
    return gateway


def looks_lie(faults: Faults) -> bool:
    return any(how is Fails.SHOWS_THE_PAST for _, how, _, _ in faults)


def delete(gateway: FakeGateway, journal: MemoryJournal) -> AccountResult:
    facts = delete_credentials.gather(gateway, gateway.tree.account(DEV))
    plan = delete_credentials.plan([facts])
    return delete_credentials.step(gateway, journal, PLAN, plan.accounts[0])


@settings(max_examples=300, deadline=None)
@given(ACCOUNTS, FAULTS)
def test_deleted_is_never_said_while_the_world_holds_a_credential(
    account: FakeAccount, faults: Faults
) -> None:
    gateway = world(account, faults)
    result = delete(gateway, MemoryJournal())
    if result.outcome in {Outcome.DELETED, Outcome.CLEAN} and not looks_lie(faults):
        assert not gateway.accounts[DEV].holds_credentials


@settings(max_examples=300, deadline=None)
@given(ACCOUNTS, FAULTS)
def test_no_mfa_device_goes_while_a_password_is_there(account: FakeAccount, faults: Faults) -> None:
    gateway = world(account, faults)
    delete(gateway, MemoryJournal())
    held = gateway.accounts[DEV]
    if held.password is not None and not looks_lie(faults):
        assert held.mfa == account.mfa


@settings(max_examples=200, deadline=None)
@given(ACCOUNTS, FAULTS)
def test_every_act_has_its_intent_on_record_and_no_secret_is_written(
    account: FakeAccount, faults: Faults
) -> None:
    gateway = world(account, faults)
    journal = MemoryJournal(gateway.log)
    delete(gateway, journal)
    for position, line in enumerate(gateway.log):
        if line.startswith(("call iam:Delete", "call iam:Deactivate")):
            assert gateway.log[position - 1] == "intent " + line.removeprefix("call ")
    assert "very-secret" not in json.dumps([body for _, _, body in journal.entries])


@settings(max_examples=200, deadline=None)
@given(ACCOUNTS, FAULTS)
def test_a_dry_run_never_mutates(account: FakeAccount, faults: Faults) -> None:
    gateway = world(account, faults)
    facts = delete_credentials.gather(gateway, gateway.tree.account(DEV))
    for planned in delete_credentials.plan([facts]).accounts:
        delete_credentials.rehearse(planned)
    for opening in allow_recovery.plan([facts]).accounts:
        allow_recovery.rehearse(opening)
    for closing in close_recovery.plan([facts]).accounts:
        close_recovery.rehearse(closing)
    assert gateway.mutations == []


@settings(max_examples=100, deadline=None)
@given(ACCOUNTS, FAULTS)
def test_the_same_facts_give_the_same_plan_byte_for_byte(
    account: FakeAccount, faults: Faults
) -> None:
    one, other = (
        delete_credentials.gather(gateway, gateway.tree.account(DEV))
        for gateway in (world(account, faults), world(account, faults))
    )
    assert repr(delete_credentials.plan([one])) == repr(delete_credentials.plan([other]))


@settings(max_examples=100, deadline=None)
@given(ACCOUNTS)
def test_without_trouble_the_calls_are_exactly_those_of_the_plan(account: FakeAccount) -> None:
    gateway = world(account, [])
    facts = delete_credentials.gather(gateway, gateway.tree.account(DEV))
    plan = delete_credentials.plan([facts])
    gateway.calls.clear()
    result = delete_credentials.step(gateway, MemoryJournal(), PLAN, plan.accounts[0])
    assert len(gateway.calls) == len(plan.accounts[0].calls)
    assert result.outcome is (Outcome.DELETED if account.holds_credentials else Outcome.CLEAN)


@settings(max_examples=200, deadline=None)
@given(ACCOUNTS, FAULTS)
def test_recovery_is_called_open_only_where_a_password_and_nothing_else_is(
    account: FakeAccount, faults: Faults
) -> None:
    gateway = world(account, faults)
    facts = allow_recovery.gather(gateway, gateway.tree.account(DEV))
    plan = allow_recovery.plan([facts])
    result = allow_recovery.step(gateway, MemoryJournal(), PLAN, plan.accounts[0])
    held = gateway.accounts[DEV]
    if result.outcome is Outcome.RECOVERY_OPEN and not looks_lie(faults):
        assert held.password is not None
        assert (held.keys, held.certificates, held.mfa) == ((), (), ())


VALUES = st.sampled_from(
    [
        "*",
        "arn:aws:iam::*:root",
        "arn:*:iam::*:root",
        f"arn:aws:iam::{PROD}:root",
        "arn:aws:iam::2*:root",
        "arn:aws:iam::*2:root",
        "arn:aws:iam::????????????:root",
        "arn:aws:iam::*:role/ops-2",
        PROD,
        SHOP,
        "2*",
        "root",
        "${aws:PrincipalAccount}",
        "arn:aws:iam::${aws:ResourceAccount}:root",
    ]
)
KEYS = st.sampled_from(
    ["aws:PrincipalArn", "aws:PrincipalAccount", "aws:userid", "AWS:ResourceAccount", "aws:x"]
)
OPERATORS = st.sampled_from(
    ["StringLike", "StringNotLike", "StringEquals", "StringNotEquals", "ArnLike", "ArnNotLike"]
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, object]:
    resource = draw(st.sampled_from(["Resource", "NotResource"]))
    statement: dict[str, object] = {
        "Effect": "Deny",
        "Action": "*",
        resource: draw(st.lists(VALUES.filter(lambda v: v.startswith(("arn", "*"))), min_size=1)),
    }
    if draw(st.booleans()):
        statement["Condition"] = {
            draw(OPERATORS): {draw(KEYS): draw(st.lists(VALUES, min_size=1, max_size=2))}
        }
    return statement


def decisions(text: str) -> Sequence[object]:
    tree = FakeGateway().tree
    scps = control_policies({"ou-ab12-prod0000": [a_policy("p-x", text)]}, tree)
    held = Controls(tree, scps, NO_RCPS)
    return [
        controls.ask(held, account, TaskPolicy.AUDIT, "iam:GetUser").decision
        for account in (PROD, SHOP)
    ]


@settings(max_examples=400, deadline=None)
@given(st.lists(statements(), min_size=1, max_size=2))
def test_a_policy_said_to_be_blind_to_accounts_decides_the_same_for_neighbours(
    given_statements: list[dict[str, object]],
) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": given_statements})
    one, other = decisions(text)
    if is_account_blind(text):
        assert one == other


def test_policies_that_tell_neighbours_apart_exist_and_are_found() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Action": "*", "Resource": f"arn:aws:iam::{PROD}:root"}
            ],
        }
    )
    one, other = decisions(text)
    assert one != other
    assert not is_account_blind(text)
