"""`policy evaluate` and `policy explain` on files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.task_policy import TaskPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli_policy.conftest import Rootsteward

ROOT_USER = ("--principal", "arn:aws:iam::111122223333:root")
ROLE = ("--principal", "arn:aws:iam::111122223333:role/app")
GET_USER = (*ROOT_USER, "--action", "iam:GetUser")


def test_a_denial_names_policy_statement_level_and_line(rootsteward: Rootsteward) -> None:
    ended = rootsteward(
        "policy", "evaluate", "--level", "FullAWSAccess",
        "--level", "FullAWSAccess,deny-root.json", *GET_USER, "--task", "audit",
        "--format", "json",
    )  # fmt: skip
    assert ended.code == 20
    found = ended.json()
    assert found["decision"] == "explicit_deny"
    by = found["by"]
    assert (by["policy_type"], by["policy"]) == ("service_control_policy", "deny-root.json")
    assert (by["level"], by["sid"], by["statement_index"]) == ("level 2", "DenyRootUser", 0)
    assert (by["line"], by["column"]) == (4, 5)


def test_people_read_the_same(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "evaluate", "--level", "FullAWSAccess,deny-root.json", *GET_USER)
    assert ended.code == 20
    for words in ("explicit_deny", "deny-root.json", "DenyRootUser", "level 1", "4, column 5"):
        assert words in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_a_session_is_let_through_where_the_long_term_root_user_is_not(
    rootsteward: Rootsteward,
) -> None:
    asked = ("policy", "evaluate", "--level", "FullAWSAccess,carved.json", *GET_USER)
    assert rootsteward(*asked, "--task", "audit").code == 0
    assert rootsteward(*asked).code == 20


def test_a_task_is_a_ceiling(rootsteward: Rootsteward) -> None:
    ended = rootsteward(
        "policy", "evaluate", *ROOT_USER, "--action", "iam:DeleteAccessKey", "--task", "audit",
        "--format", "json",
    )  # fmt: skip
    assert ended.code == 20
    assert ended.json()["by"]["policy_type"] == "task_policy"


@pytest.mark.parametrize("task", TaskPolicy)
def test_every_action_of_a_task_is_allowed_where_no_scp_denies(
    rootsteward: Rootsteward, task: TaskPolicy
) -> None:
    for action in task.actions:
        ended = rootsteward(
            "policy", "evaluate", "--level", "FullAWSAccess", *ROOT_USER,
            "--task", task.slug, "--action", action,
        )  # fmt: skip
        assert ended.code == 0, action


def test_what_nobody_knows_is_named_with_values_that_decide(rootsteward: Rootsteward) -> None:
    asked = ("policy", "evaluate", "--level", "FullAWSAccess,office.json", *GET_USER)
    ended = rootsteward(*asked, "--task", "audit", "--format", "json")
    assert ended.code == 11
    found = ended.json()
    assert found["decision"] == "depends"
    assert found["depends_on"] == ["aws:SourceIp"]
    assert {one["decision"] for one in found["deciding"]} == {"allowed", "explicit_deny"}


@pytest.mark.parametrize(("address", "code"), [("203.0.113.7", 0), ("198.51.100.1", 20)])
def test_a_given_value_settles_it(rootsteward: Rootsteward, address: str, code: int) -> None:
    ended = rootsteward(
        "policy", "evaluate", "--level", "FullAWSAccess,office.json", *GET_USER,
        "--task", "audit", "--context", f"aws:sourceip={address}",
    )  # fmt: skip
    assert ended.code == code


def test_without_a_task_only_named_keys_are_unknown(rootsteward: Rootsteward) -> None:
    asked = ("policy", "evaluate", "--level", "FullAWSAccess,office.json", *GET_USER)
    assert rootsteward(*asked).code == 20
    assert rootsteward(*asked, "--unknown-key", "aws:SourceIp").code == 11


def test_a_key_given_twice_has_two_values(rootsteward: Rootsteward, folder: Path) -> None:
    (folder / "tags.json").write_text(
        '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition":'
        ' {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}}}'
    )
    asked = ("policy", "evaluate", "--level", "FullAWSAccess,tags.json", *GET_USER)
    both = ("--context", "aws:TagKeys=a", "--context", "aws:tagkeys=b")
    assert rootsteward(*asked, *both).code == 20
    assert rootsteward(*asked, *both, "--context", "aws:TagKeys=c").code == 0


def test_a_level_that_allows_nothing_denies(rootsteward: Rootsteward) -> None:
    ended = rootsteward(
        "policy", "evaluate", "--level", "FullAWSAccess", "--level", "deny-root.json",
        *ROLE, "--identity-policy", "FullAWSAccess", "--action", "s3:GetObject",
        "--format", "json",
    )  # fmt: skip
    assert ended.code == 20
    found = ended.json()
    assert found["decision"] == "implicit_deny"
    assert (found["by"]["level"], found["by"]["statement_index"]) == ("level 2", None)


def test_without_scps_in_force_nothing_denies(rootsteward: Rootsteward) -> None:
    assert rootsteward("policy", "evaluate", *GET_USER).code == 0


def test_the_other_policy_types_take_part(rootsteward: Rootsteward) -> None:
    asked = ("policy", "evaluate", *ROLE, "--action", "iam:GetUser")
    everything = ("--identity-policy", "FullAWSAccess")
    assert rootsteward(*asked).code == 20
    assert rootsteward(*asked, *everything).code == 0
    assert rootsteward(*asked, *everything, "--boundary", "deny-root.json").code == 20
    assert rootsteward(*asked, *everything, "--session-policy", "allow-list.json").code == 0
    assert rootsteward(*asked, *everything, "--session-policy", "deny-root.json").code == 20


def test_a_resource_policy_and_rcps_are_read_with_their_own_rules(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "lock.json").write_text(
        '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",'
        ' "Resource": "*"}}'
    )
    asked = ("policy", "evaluate", *ROOT_USER, "--action", "s3:GetObject", "--format", "json")
    resource = rootsteward(*asked, "--resource-policy", "lock.json")
    rcp = rootsteward(*asked, "--rcp-level", "lock.json")
    assert (resource.code, rcp.code) == (20, 20)
    assert resource.json()["by"]["policy_type"] == "resource_policy"
    assert rcp.json()["by"]["policy_type"] == "resource_control_policy"


def test_a_chain_file_names_its_levels(rootsteward: Rootsteward, folder: Path) -> None:
    (folder / "chains").mkdir()
    (folder / "chains" / "prod.yaml").write_text(
        "levels:\n"
        "  - entity: Root\n    policies: [FullAWSAccess]\n"
        "  - entity: Prod\n    policies: [FullAWSAccess, ../deny-root.json]\n"
    )
    ended = rootsteward(
        "policy", "evaluate", "--chain", "chains/prod.yaml", *GET_USER, "--format", "json"
    )
    assert ended.json()["by"]["level"] == "Prod"
    assert ended.json()["by"]["policy"] == "chains/../deny-root.json"


def test_an_unreadable_statement_leaves_the_answer_open(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "odd.json").write_text(
        '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",'
        ' "Condition": {"StringIsh": {"aws:PrincipalArn": "x"}}}}'
    )
    ended = rootsteward("policy", "evaluate", "--level", "FullAWSAccess,odd.json", *GET_USER)
    assert ended.code == 11
    assert "undetermined" in ended.out
    assert "StringIsh" in ended.out


def test_explain_gives_the_decision_and_a_reason_for_each_no(rootsteward: Rootsteward) -> None:
    asked = ("--level", "FullAWSAccess,carved.json", *GET_USER, "--task", "audit")
    tree = rootsteward("policy", "explain", *asked)
    assert tree.code == rootsteward("policy", "evaluate", *asked).code == 0
    assert "aws:AssumedRoot is present" in tree.out
    assert max(map(len, tree.out.splitlines())) <= 80


def test_explain_is_nested_json(rootsteward: Rootsteward) -> None:
    ended = rootsteward(
        "policy", "explain", "--level", "FullAWSAccess,deny-root.json", *GET_USER,
        "--format", "json",
    )  # fmt: skip
    assert ended.code == 20
    documents = ended.json()["sections"][0]["documents"]
    assert [d["policy"] for d in documents] == ["FullAWSAccess", "deny-root.json"]
    statement = documents[1]["statements"][0]
    assert (statement["effect"], statement["applies"], statement["line"]) == ("Deny", "yes", 4)
    assert [part["element"] for part in statement["parts"]] == [
        "Action",
        "Resource",
        "StringLike aws:PrincipalArn",
    ]


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        (GET_USER[:2], "no action", "--action"),
        ((*ROOT_USER, "--action", "iam:Get*"), "`iam:Get*` is not an action", "one action"),
        (GET_USER[2:], "no principal", "--principal"),
        ((*ROOT_USER, "--action", "GetUser"), "`GetUser` is not an action", "--action"),
        ((*GET_USER, "--task", "clean"), "there is no task `clean`", "audit"),
        ((*GET_USER, "--context", "aws:SourceIp"), "`aws:SourceIp` is not KEY=VALUE", "--context"),
        (
            (*GET_USER, "--context", "a=b", "--unknown-key", "A"),
            "key `a` has a value and is said to be unknown",
            "not with both",
        ),
        (
            ("--principal", "arn:aws:iam::11112222333:root", *GET_USER[2:]),
            "`11112222333` is not an account id",
            "twelve digits",
        ),
        (
            ("--principal", "arn:aws:iam:111122223333:root", *GET_USER[2:]),
            "`arn:aws:iam:111122223333:root` is not an ARN",
            "arn:partition:service",
        ),
        ((*GET_USER, "--level", "gone.json"), "`gone.json` cannot be read", "name a file"),
        (
            (*GET_USER, "--level", "broken.json"),
            "`broken.json`, line 3, column 17: expected a JSON value",
            "correct",
        ),
        ((*GET_USER, "--level", "a", "--chain", "b.yaml"), "more than one way", "--chain"),
        ((*ROLE, "--action", "iam:GetUser", "--task", "audit"), "no root user", "ACCOUNT:root"),
        (("--jsonl", *GET_USER), "--jsonl takes no other request", "lines"),
    ],
)
def test_bad_input_is_one_clear_message(
    rootsteward: Rootsteward, arguments: tuple[str, ...], message: str, help_: str
) -> None:
    ended = rootsteward("policy", "evaluate", *arguments)
    assert ended.code == 2
    assert ended.out == ""
    error, help_line = ended.err.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert help_line.startswith("help: ")
    assert help_ in help_line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("levels: [", "line 1, column 10"),
        ("levels: 3", "levels: input should be a valid list"),
        ("levles: []", "levles: extra inputs are not permitted"),
        ("{}", "has no levels"),
        ("levels: [{policy: [a.json]}]", "levels.0.policy: extra inputs are not permitted"),
        ("levels: [{policies: [gone.json]}]", "`gone.json` cannot be read"),
        ("levels: [{entity: !!timestamp abc}]", "has a tag that does not fit its value"),
        ("levels: " + "[" * 3000 + "]" * 3000, "is nested too deeply"),
    ],
)
def test_a_wrong_chain_file_names_line_or_field(
    rootsteward: Rootsteward, folder: Path, text: str, message: str
) -> None:
    (folder / "chain.yaml").write_text(text)
    ended = rootsteward("policy", "evaluate", "--chain", "chain.yaml", *GET_USER)
    assert ended.code == 2
    assert message in ended.err
