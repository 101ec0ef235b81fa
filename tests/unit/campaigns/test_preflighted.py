import json
from dataclasses import replace

from fake_gateway import DEV, NO_RCPS, PROD, FakeGateway, a_policy, control_policies
from rootsteward.campaigns.planned import PlannedItem, item_from_json
from rootsteward.campaigns.preflighted import with_preflight
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.controls import Controls

DELETE = TaskPolicy.DELETE_CREDENTIALS
BLOCKS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "KeepKeys",
                "Effect": "Deny",
                "Action": ["iam:DeleteAccessKey", "iam:ListAccessKeys"],
                "Resource": "*",
            },
            {
                "Sid": "HomeOnly",
                "Effect": "Deny",
                "Action": "iam:DeleteLoginProfile",
                "Resource": "*",
                "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
            },
        ],
    }
)


def item(key: str, *, acts: bool = True) -> PlannedItem:
    return PlannedItem(
        key=key, name="", acts=acts, intention="", details=(), calls=(), body={}, place=""
    )


def controls(**attached: str) -> Controls:
    tree = FakeGateway().tree
    policies = {account: [a_policy("p-keys", text)] for account, text in attached.items()}
    return Controls(tree, control_policies(policies, tree), NO_RCPS)


def test_each_reason_is_a_line_that_names_the_statement_and_the_actions() -> None:
    held = controls(**{DEV: BLOCKS})
    dev, prod = with_preflight([item(DEV), item(PROD)], held, DELETE)
    keys, password = sorted(dev.preflight)
    assert keys.startswith("iam:DeleteAccessKey and 1 more: explicit deny: ")
    assert "KeepKeys" in keys
    assert password.startswith("iam:DeleteLoginProfile: depends on aws:SourceIp: ")
    assert "HomeOnly" in password
    assert prod.preflight == ("allowed",)


def test_who_is_left_alone_gets_no_verdict() -> None:
    (rested,) = with_preflight([item(DEV, acts=False)], controls(**{DEV: BLOCKS}), DELETE)
    assert rested.preflight == ()


def test_the_verdict_travels_in_the_plan_file() -> None:
    told = replace(item(DEV), preflight=("allowed",))
    assert item_from_json(told.as_json()) == told
