"""`policy prove` and `policy diff`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli_policy.conftest import Rootsteward

PAIR = ("deny-root.json", "carved.json")
KEEP = "--sessions-keep-to-tasks"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (["--opens-exactly", "root-sessions"], 0),
        (["--opens-exactly", "tasks"], 20),
        (["--opens-exactly", "tasks", KEEP], 0),
        (["--opens-exactly", "nothing"], 20),
        (["--opens-only", "root-sessions"], 0),
        (["--opens-only", "tasks"], 20),
        (["--opens-only", "audit", KEEP], 20),
        (["--opens-only", "nothing"], 20),
        (["--closes-nothing"], 0),
        (["--equivalent"], 20),
        ([], 20),
        (["--closes-nothing", "--equivalent"], 20),
        (["--never", "iam:CreateUser"], 20),
    ],
)
def test_claims_about_the_condition_form_of_the_repair(
    rootsteward: Rootsteward, claims: list[str], code: int
) -> None:
    assert rootsteward("policy", "prove", *PAIR, *claims).code == code


def test_the_other_way_round_it_closes(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "prove", *reversed(PAIR), "--closes-nothing", "--format", "json")
    assert ended.code == 20
    (proof,) = ended.json()
    assert proof["verdict"] == "refuted"
    assert proof["before"]["decision"] == "allowed"
    assert proof["after"]["decision"] == "explicit_deny"


def test_a_witness_is_a_request_that_evaluate_answers_in_the_same_way(
    rootsteward: Rootsteward,
) -> None:
    (proof,) = rootsteward("policy", "prove", *PAIR, "--format", "json").json()
    witness = proof["witness"]
    context = [f"{key}={value}" for key, value in witness["context"].items()]
    asked = [
        *("--principal", witness["principal"], "--action", witness["action"]),
        *("--resource", witness["resource"]),
        *(part for item in context for part in ("--context", item)),
    ]
    old, new = (f"FullAWSAccess,{name}" for name in PAIR)
    assert rootsteward("policy", "evaluate", "--level", old, *asked).code == 20
    assert rootsteward("policy", "evaluate", "--level", new, *asked).code == 0


def test_a_certificate_is_printed_when_asked_for(rootsteward: Rootsteward) -> None:
    asked = ("policy", "prove", *PAIR, "--opens-only", "root-sessions")
    (short,) = rootsteward(*asked, "--format", "json").json()
    (long,) = rootsteward(*asked, "--certificate", "--format", "json").json()
    assert "certificate" not in short
    assert len(long["certificate"]) == short["certificate_size"] > 0
    assert set(long["certificate"][0]) >= {"principal", "action", "resource", "context"}
    people = rootsteward(*asked, "--certificate")
    assert f"request 1 of {short['certificate_size']}" in people.out


def test_nobody_can_ever_do_what_is_denied_to_everybody(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "no-users.json").write_text(
        '{"Statement": {"Effect": "Deny", "Action": "iam:Create*", "Resource": "*"}}'
    )
    assert rootsteward("policy", "prove", "no-users.json", "--never", "iam:CreateUser").code == 0
    assert rootsteward("policy", "prove", "no-users.json", "--never", "iam:DeleteUser").code == 20
    assert (
        rootsteward("policy", "prove", "allow-list.json", "--never", "ec2:RunInstances").code == 0
    )


def test_an_allow_list_is_judged_where_nothing_else_allows(
    rootsteward: Rootsteward, folder: Path
) -> None:
    text = (folder / "allow-list.json").read_text()
    (folder / "longer.json").write_text(text.replace('"s3:*"', '"s3:*", "ec2:*"'))
    assert rootsteward("policy", "prove", "allow-list.json", "longer.json").code == 20
    assert (
        rootsteward("policy", "prove", "allow-list.json", "longer.json", "--closes-nothing").code
        == 0
    )


def test_what_cannot_be_worked_out_is_unknown_and_says_why(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "odd.json").write_text(
        '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",'
        ' "Condition": {"StringIsh": {"aws:PrincipalArn": "x"}}}}'
    )
    ended = rootsteward("policy", "prove", "odd.json", "--never", "s3:GetObject")
    assert ended.code == 11
    assert "StringIsh" in ended.out
    (row,) = rootsteward(
        "policy", "prove", "odd.json", "deny-root.json", "--closes-nothing", "--format", "json"
    ).json()
    assert row["verdict"] == "unknown"
    assert "StringIsh" in row["reason"]


def test_two_chains_are_compared(rootsteward: Rootsteward, folder: Path) -> None:
    (folder / "old.yaml").write_text(
        "levels: [{policies: [FullAWSAccess, deny-root.json]}, {policies: [FullAWSAccess]}]"
    )
    (folder / "new.yaml").write_text(
        "levels: [{policies: [FullAWSAccess]}, {policies: [FullAWSAccess, deny-root.json]}]"
    )
    assert rootsteward("policy", "prove", "old.yaml", "new.yaml").code == 0
    assert rootsteward("policy", "diff", "old.yaml", "new.yaml").code == 0
    mixed = rootsteward("policy", "prove", "old.yaml", "deny-root.json")
    assert mixed.code == 2
    assert "cannot be compared" in mixed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no policy"),
        (["deny-root.json"], "needs OLD and NEW"),
        (["deny-root.json", "broken.json"], "line 3, column 17"),
        ([*PAIR, "--opens-only", "everything"], "there is no set `everything`"),
        (["deny-root.json", "--never", "CreateUser"], "`CreateUser` is not an action"),
        (["deny-root.json", "--account", "111122223333"], "at once"),
    ],
)
def test_bad_input_is_one_clear_message(
    rootsteward: Rootsteward, arguments: list[str], message: str
) -> None:
    ended = rootsteward("policy", "prove", *arguments)
    assert ended.code == 2
    assert message in ended.err


def test_diff_says_what_a_change_opens_and_that_it_is_confined(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "diff", *PAIR, "--format", "json")
    assert ended.code == 10
    found = ended.json()
    assert (found["identical"], found["equivalent"]) == (False, False)
    assert found["opens"]["anything"] is True
    assert found["opens"]["only"] == "every action by root sessions from sts:AssumeRoot"
    assert found["opens"]["witness"]["context"]["aws:AssumedRoot"] == "true"
    assert found["closes"]["anything"] is False
    assert '+        "Null"' in found["diff"]


def test_diff_calls_a_change_of_layout_equivalent(rootsteward: Rootsteward, folder: Path) -> None:
    text = json.dumps(json.loads((folder / "deny-root.json").read_text()))
    (folder / "short.json").write_text(text)
    ended = rootsteward("policy", "diff", "deny-root.json", "short.json")
    assert ended.code == 0
    assert "equivalent: only the wording or the layout changes" in ended.out
    same = rootsteward("policy", "diff", "deny-root.json", "deny-root.json", "--format", "json")
    assert (same.code, same.json()["identical"]) == (0, True)


def test_diff_shows_what_is_closed(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "diff", *reversed(PAIR))
    assert ended.code == 10
    assert "opens nothing: proved" in ended.out
    assert "closes this, for example:" in ended.out


PERIMETER = """{"Version": "2012-10-17", "Statement": {
  "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
  "Condition": {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"}
  }}}
"""
NO_PERIMETER = PERIMETER.replace("s3:*", "sqs:*")


@pytest.fixture
def rcps(folder: Path) -> Path:
    (folder / "perimeter.json").write_text(PERIMETER)
    (folder / "other.json").write_text(NO_PERIMETER)
    (folder / "both.yaml").write_text(
        "levels:\n  - policies: [FullAWSAccess]\n"
        "rcp_levels:\n  - entity: Root\n    policies: [perimeter.json]\n"
    )
    (folder / "none.yaml").write_text("levels:\n  - policies: [FullAWSAccess]\n")
    (folder / "rcps.yaml").write_text("rcp_levels:\n  - policies: [other.json]\n")
    return folder


@pytest.mark.usefixtures("rcps")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["prove", "--rcp", "perimeter.json", "perimeter.json"], 0),
        (["prove", "--rcp", "perimeter.json", "other.json"], 20),
        (["prove", "--rcp", "perimeter.json", "other.json", "--opens-only", "s3:*"], 0),
        (["prove", "--rcp", "perimeter.json", "--never", "s3:GetObject"], 20),
        (["prove", "none.yaml", "both.yaml", "--opens-only", "nothing"], 0),
        (["prove", "none.yaml", "both.yaml", "--closes-nothing"], 20),
        (["prove", "rcps.yaml", "--never", "iam:CreateUser"], 20),
        (["diff", "--rcp", "perimeter.json", "other.json"], 10),
        (["diff", "none.yaml", "both.yaml"], 10),
        (["diff", "both.yaml", "both.yaml"], 0),
        (["lint", "--rcp", "perimeter.json"], 0),
    ],
)
def test_rcps_are_proved_and_compared(
    rootsteward: Rootsteward, arguments: list[str], code: int
) -> None:
    assert rootsteward("policy", *arguments).code == code


@pytest.mark.usefixtures("rcps")
def test_an_rcp_read_as_an_scp_is_unknown(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "prove", "perimeter.json", "other.json")
    assert ended.code == 11
    assert "unknown" in ended.out


@pytest.mark.usefixtures("rcps")
def test_a_diff_of_chains_names_the_rcps(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "diff", "none.yaml", "both.yaml")
    assert "RCPs of Root/1" in ended.out
    assert "closes this, for example" in ended.out


def test_a_budget_that_is_too_small_makes_the_answer_unknown(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "prove", *PAIR, "--steps", "1")
    assert ended.code == 11
    assert "needs more than 1 steps" in ended.out


def test_a_set_may_be_actions(rootsteward: Rootsteward) -> None:
    assert rootsteward("policy", "prove", *PAIR, "--opens-only", "*:*").code == 0
    assert rootsteward("policy", "prove", *PAIR, "--opens-only", "iam:*, s3:*").code == 20
