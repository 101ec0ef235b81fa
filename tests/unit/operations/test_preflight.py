import json
from dataclasses import replace
from typing import Any

import pytest

from fake_gateway import (
    CLOSED,
    DEV,
    MANAGEMENT,
    NO_RCPS,
    PROD,
    SHOP,
    Fails,
    FakeGateway,
    a_policy,
    an_account,
    control_policies,
)
from rootsteward.domain.authorization import Decision
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Account
from rootsteward.domain.outcome import Outcome, Verdict
from rootsteward.domain.root_credentials import NotSeen
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import audit, controls, preflight
from rootsteward.operations.controls import Controls


def document(**statement: Any) -> str:  # noqa: ANN401 (policy elements have any JSON shape)
    given = {"Effect": "Deny", "Action": "*", "Resource": "*"} | statement
    kept = {key: value for key, value in given.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


DENY_ROOT = document(
    Sid="DenyRoot", Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
)
NO_PASSWORDS = document(Sid="NoPasswords", Action="iam:CreateLoginProfile")
PERIMETER = document(
    Sid="Perimeter", Condition={"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}
)


def controls_with(**attached: str) -> Controls:
    """Controls of the fake organization; `root`, `prod` or `dev` name where a text hangs."""
    entities = {"root": "r-ab12", "prod": "ou-ab12-prod0000", "dev": DEV, "shop": SHOP}
    tree = FakeGateway().tree
    policies = {entities[name]: [a_policy(f"p-{name}", text)] for name, text in attached.items()}
    return Controls(tree, control_policies(policies, tree), NO_RCPS)


def forecast(held: Controls, account: AccountId = DEV) -> preflight.AccountForecast:
    return preflight.plan(held, [account]).accounts[0]


def test_an_organization_without_denials_allows_every_task() -> None:
    found = preflight.plan(controls_with(), [DEV, PROD, SHOP])
    assert {a.decision for a in found.accounts} == {Decision.ALLOWED}
    assert found.verdict is Verdict.DONE


def test_the_guilty_statement_is_named_with_its_level() -> None:
    found = forecast(controls_with(root=DENY_ROOT))
    assert {task.decision for task in found.tasks} == {Decision.EXPLICIT_DENY}
    action, answer = found.tasks[0].blocked[0]
    assert action == "iam:ListAccessKeys"
    assert (answer.by[0].policy, answer.by[0].sid, answer.by[0].level) == (
        "p-root",
        "DenyRoot",
        "r-ab12",
    )


def test_a_denied_create_blocks_recovery_and_nothing_else() -> None:
    found = forecast(controls_with(root=NO_PASSWORDS))
    assert [t.task for t in found.tasks if t.blocked] == [TaskPolicy.CREATE_PASSWORD]


def test_a_network_perimeter_makes_it_depend_and_says_on_what() -> None:
    found = preflight.plan(controls_with(root=PERIMETER), [DEV])
    assert found.verdict is Verdict.UNSEEN
    _, answer = found.accounts[0].tasks[0].blocked[0]
    assert answer.decision is Decision.DEPENDS
    assert [key.lower() for key in answer.depends_on] == ["aws:sourceip"]


def test_a_region_lock_is_settled_for_iam_and_open_for_queues() -> None:
    lock = document(Condition={"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}})
    decisions = {t.task: t.decision for t in forecast(controls_with(root=lock)).tasks}
    assert decisions[TaskPolicy.AUDIT] is Decision.ALLOWED
    assert decisions[TaskPolicy.UNLOCK_QUEUE] is Decision.DEPENDS


def test_a_malformed_policy_is_undetermined_and_names_the_place() -> None:
    found = preflight.plan(controls_with(root='{"Statement": [\n  {"Effect": "Deny",\n}]}'), [DEV])
    assert found.verdict is Verdict.UNSEEN
    _, answer = found.accounts[0].tasks[0].blocked[0]
    assert answer.decision is Decision.UNDETERMINED
    assert (answer.by[0].policy, answer.by[0].line) == ("p-root", 3)


def test_a_level_without_an_allow_is_named() -> None:
    tree = FakeGateway().tree
    scps = control_policies(None, tree)
    bare = replace(scps, attached={**scps.attached, "ou-ab12-prod0000": ()})
    found = forecast(Controls(tree, bare, NO_RCPS), PROD)
    assert found.decision is Decision.IMPLICIT_DENY
    assert found.tasks[0].blocked[0][1].by[0].level == "ou-ab12-prod0000"


def test_the_management_account_is_exempt_from_control_policies() -> None:
    assert forecast(controls_with(root=DENY_ROOT), MANAGEMENT).decision is Decision.ALLOWED


def test_an_rcp_speaks_about_buckets_and_not_about_iam() -> None:
    rcp = a_policy(
        "p-rcp",
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
                ],
            }
        ),
    )
    rcps = replace(NO_RCPS, enabled=True, policies={"p-rcp": rcp}, attached={"r-ab12": ("p-rcp",)})
    found = forecast(replace(controls_with(), rcps=rcps))
    blocked = {t.task: [action for action, _ in t.blocked] for t in found.tasks}
    assert blocked[TaskPolicy.AUDIT] == []
    assert blocked[TaskPolicy.UNLOCK_BUCKET] == [
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:GetBucketPolicy",
    ]


def test_ten_thousand_neighbours_cost_one_evaluation() -> None:
    held = controls_with(root=DENY_ROOT)
    crowd = tuple(
        an_account(AccountId(f"{number:012}"), f"a{number}", "ou-ab12-prod0000")
        for number in range(500_000_000, 500_010_000)
    )
    tree = replace(held.organization, accounts=(*held.organization.accounts, *crowd))
    full = held.scps.attached["r-ab12"][0]
    attached = dict(held.scps.attached) | {account.id: (full,) for account in crowd}
    held = replace(held, organization=tree, scps=replace(held.scps, attached=attached))
    found = preflight.plan(held, [account.id for account in crowd], [TaskPolicy.AUDIT])
    assert found.evaluated_places == 1
    assert len(found.accounts) == 10_000


def test_a_policy_that_names_an_account_is_worked_out_for_each() -> None:
    only_prod = document(Condition={"StringEquals": {"aws:PrincipalAccount": PROD}})
    found = preflight.plan(controls_with(prod=only_prod), [PROD, SHOP])
    assert [a.decision for a in found.accounts] == [Decision.EXPLICIT_DENY, Decision.ALLOWED]
    assert found.evaluated_places == 2


def test_an_accounts_own_policy_sets_it_apart() -> None:
    found = preflight.plan(controls_with(shop=DENY_ROOT), [PROD, SHOP])
    assert [a.decision for a in found.accounts] == [Decision.ALLOWED, Decision.EXPLICIT_DENY]


def test_a_shared_answer_names_the_neighbours_own_level() -> None:
    held = controls_with()
    bare: dict[str, tuple[str, ...]] = {PROD: (), SHOP: ()}
    held = replace(held, scps=replace(held.scps, attached={**held.scps.attached, **bare}))
    found = preflight.plan(held, [PROD, SHOP])
    assert found.evaluated_places == 1
    assert [account.account for account in found.accounts] == [PROD, SHOP]
    for account in found.accounts:
        _, answer = account.tasks[0].blocked[0]
        assert answer.by[0].level == account.account
        assert (PROD if account.account == SHOP else SHOP) not in answer.why


def test_an_account_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OperatorError, match="is not in organization"):
        preflight.plan(controls_with(), [AccountId("999999999999")])


def test_an_unmatched_closed_account_is_forecast_like_any_other() -> None:
    assert forecast(controls_with(), CLOSED).decision is Decision.ALLOWED


def test_an_audit_blames_the_statement_that_denied_it(gateway: FakeGateway, dev: Account) -> None:
    gateway.scps = controls_with(root=DENY_ROOT).scps
    gateway.fail("iam:GetAccountSummary", Fails.DENIED)
    held = controls.gather(gateway, gateway.organization())
    row = audit.gather(gateway, dev, blame_for=controls.blame_for(held))
    assert row.outcome is Outcome.DENIED
    assert isinstance(row.credentials.password, NotSeen)
    assert [by.sid for by in row.credentials.password.blamed] == ["DenyRoot"]


def test_a_perimeter_is_blamed_once_aws_has_denied() -> None:
    blame = controls.blame_for(controls_with(root=PERIMETER))(DEV, TaskPolicy.AUDIT)
    assert [by.sid for by in blame("iam:GetAccountSummary")] == ["Perimeter"]


def test_nobody_is_blamed_when_nothing_denies() -> None:
    blame = controls.blame_for(controls_with())(DEV, TaskPolicy.AUDIT)
    assert blame("iam:GetAccountSummary") == ()
