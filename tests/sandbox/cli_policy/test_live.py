"""The `policy` commands on a served organization, through the ordinary gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootsteward.domain.task_policy import TaskPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli_policy.conftest import Rootsteward

SECURITY = "222222222222"
MANAGEMENT = "111111111111"


def test_an_account_is_asked_about_with_its_own_chain(live: Rootsteward) -> None:
    ended = live(
        "policy", "evaluate", "--account", SECURITY, "--task", "audit",
        "--action", "iam:GetLoginProfile", "--format", "json",
    )  # fmt: skip
    assert ended.code == 20
    by = ended.json()["by"]
    assert by["policy"].startswith("p-")
    assert by["policy"] in by["policy_name"]
    assert by["policy_name"] != by["policy"]


def test_it_agrees_with_preflight(live: Rootsteward) -> None:
    (forecast,) = live(
        "preflight", "--account", SECURITY, "--task", "unlock-bucket", "--format", "json"
    ).json()
    for action in TaskPolicy.UNLOCK_BUCKET.actions:
        ended = live(
            "policy", "evaluate", "--account", SECURITY, "--task", "unlock-bucket",
            "--action", action,
        )  # fmt: skip
        assert (ended.code != 0) == (action in forecast["actions"])


def test_people_read_names(live: Rootsteward) -> None:
    ended = live(
        "policy", "explain", "--account", SECURITY, "--task", "audit",
        "--action", "iam:GetLoginProfile",
    )  # fmt: skip
    assert ended.code == 20
    assert "service control policy at Root (r-" in ended.out
    assert "<- decides" in ended.out


def test_no_scp_is_in_force_in_the_management_account(live: Rootsteward) -> None:
    asked = ("--account", MANAGEMENT, "--action", "iam:GetUser")
    assert live("policy", "evaluate", *asked).code == 0
    ended = live("policy", "prove", "--account", MANAGEMENT, "--never", "iam:GetUser")
    assert ended.code == 2
    assert "no SCP and no RCP is in force" in ended.err


def test_whether_anybody_can_ever_do_something_in_an_account(live: Rootsteward) -> None:
    asked = ("policy", "prove", "--account", SECURITY, "--never")
    ended = live(*asked, "s3:GetObject", "--format", "json")
    assert ended.code == 20
    assert ended.json()[0]["witness"]["action"] == "s3:GetObject"


def test_the_organizations_own_policies_are_linted(live: Rootsteward) -> None:
    ended = live("policy", "lint", "--live", "--format", "json")
    assert ended.code == 10
    assert all("(p-" in found["policy"] for found in ended.json())
    assert not any("FullAWSAccess" in found["policy"] for found in ended.json())


def test_a_live_policy_is_compared_with_a_file(live: Rootsteward, folder: Path) -> None:
    denied = live(
        "policy", "evaluate", "--account", SECURITY, "--task", "audit",
        "--action", "iam:GetLoginProfile", "--format", "json",
    ).json()  # fmt: skip
    policy_id = denied["by"]["policy"]
    (folder / "empty.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    assert live("policy", "prove", policy_id, policy_id).code == 0
    assert live("policy", "prove", policy_id, "empty.json", "--closes-nothing").code == 0
    assert live("policy", "diff", policy_id, "empty.json").code == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--account", "123"], "`123` is not an account id"),
        (["--account", "000000000000"], "is not in organization"),
        (
            ["--account", SECURITY, "--principal", "arn:aws:iam::333333333333:root"],
            "is not in account",
        ),
        (["--account", SECURITY, "--level", "deny-root.json"], "more than one way"),
    ],
)
def test_a_wrong_account_is_one_clear_message(
    live: Rootsteward, arguments: list[str], message: str
) -> None:
    ended = live("policy", "evaluate", "--action", "iam:GetUser", *arguments)
    assert ended.code == 2
    assert message in ended.err
