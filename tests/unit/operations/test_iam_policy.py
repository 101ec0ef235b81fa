import json
import re
from typing import Any

import pytest

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations import iam_policy
from rootsteward.operations.permissions import PERMISSIONS, VERBS, About, Verb

ONE, OTHER = AccountId("111111111111"), AccountId("222222222222")


# WHY Any: JSON.
def statements(*slugs: str, **narrowed: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    document = json.loads(json.dumps(iam_policy.plan([VERBS[s] for s in slugs], **narrowed)))
    assert document["Version"] == "2012-10-17"
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_every_verb_names_permissions_of_the_table_and_every_permission_is_used() -> None:
    used = {action for verb in VERBS.values() for action in verb.actions}
    assert used == set(PERMISSIONS)
    assert {task for verb in VERBS.values() for task in verb.tasks} == set(TaskPolicy)


def test_sessions_are_opened_for_the_tasks_of_the_verbs_and_no_other() -> None:
    sessions = statements("audit", "close-recovery")["OpenRootSessions"]
    assert sessions["Action"] == "sts:AssumeRoot"
    assert sessions["Resource"] == ["arn:aws:iam::*:root"]
    assert sessions["Condition"] == {
        "StringEquals": {
            "sts:TaskPolicyArn": [TaskPolicy.AUDIT.arn(), TaskPolicy.DELETE_CREDENTIALS.arn()]
        }
    }
    assert "OpenRootSessions" not in statements("preflight")


def test_accounts_narrow_what_is_about_accounts() -> None:
    narrowed = statements("audit", "delegate", "tags", accounts=[ONE, OTHER])
    about_accounts = [
        f"arn:aws:organizations::*:account/o-*/{ONE}",
        f"arn:aws:organizations::*:account/o-*/{OTHER}",
    ]
    assert narrowed["OpenRootSessions"]["Resource"] == [
        f"arn:aws:iam::{ONE}:root",
        f"arn:aws:iam::{OTHER}:root",
    ]
    assert narrowed["AboutAccounts"]["Resource"] == about_accounts
    assert narrowed["AboutAccountsWithServicePrincipal"]["Resource"] == about_accounts


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_arn_is_of_the_partition(partition: str) -> None:
    text = json.dumps(iam_policy.plan(list(VERBS.values()), partition=partition))
    assert set(re.findall(r"arn:([a-z-]+):", text)) == {partition}


def test_statements_have_names_that_iam_takes_and_no_two_the_same() -> None:
    document = iam_policy.plan(list(VERBS.values()))
    given = json.loads(json.dumps(document))["Statement"]
    sids = [statement["Sid"] for statement in given]
    assert len(set(sids)) == len(sids)
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)


@pytest.mark.parametrize("about", About)
def test_what_has_a_resource_type_is_not_granted_on_everything(about: About) -> None:
    anywhere = iam_policy.resources(about, "aws") == ("*",)
    assert anywhere == (about is About.ANYTHING)


def test_everything_fits_into_one_managed_policy() -> None:
    document = iam_policy.plan(list(VERBS.values()))
    assert iam_policy.characters(document) <= iam_policy.MOST_CHARACTERS


def test_white_space_does_not_count() -> None:
    document = iam_policy.plan([VERBS["status"]])
    compact = json.dumps(document, separators=(",", ":"))
    assert iam_policy.characters(document) == len(compact)


def test_a_policy_longer_than_a_managed_policy_is_refused() -> None:
    many = [AccountId(f"{number:012}") for number in range(300)]
    with pytest.raises(InputError, match="a managed policy holds 6,144"):
        iam_policy.plan([VERBS["audit"]], accounts=many)


def test_the_order_in_which_verbs_are_named_changes_nothing() -> None:
    verbs: list[Verb] = [VERBS["audit"], VERBS["enable"], VERBS["unlock-queue"]]
    assert iam_policy.plan(verbs) == iam_policy.plan(verbs[::-1])
