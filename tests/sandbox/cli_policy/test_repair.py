"""`policy repair`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli_policy.conftest import Rootsteward

DENY = "deny-root.json"


def test_the_plan_shows_diff_what_it_opens_and_the_proof(
    rootsteward: Rootsteward, folder: Path
) -> None:
    before = (folder / DENY).read_text()
    ended = rootsteward("policy", "repair", DENY)
    assert ended.code == 10
    words = " ".join(ended.out.split())
    for part in ("--- a/deny-root.json", '+ "aws:AssumedRoot": "true"', "proved:", "safe: opens"):
        assert part in words
    assert "nothing was changed" in ended.out
    assert (folder / DENY).read_text() == before


def test_the_result_lets_the_tasks_through_and_nobody_else(
    rootsteward: Rootsteward, folder: Path
) -> None:
    ended = rootsteward("policy", "repair", DENY, "--output", "new", "--format", "json")
    assert ended.code == 0
    (row,) = ended.json()
    assert (row["outcome"], row["written"], row["proof"]) == (
        "written",
        "new/deny-root.json",
        "proved",
    )
    again = rootsteward("policy", "repair", "new/deny-root.json", "--format", "json")
    assert (again.code, again.json()) == (0, [])
    proved = rootsteward("policy", "prove", DENY, "new/deny-root.json", "--opens-exactly", "tasks")
    assert proved.code == 0
    assert list((folder / "new").iterdir()) == [folder / "new" / DENY]


def test_write_keeps_the_old_text_beside_the_new(rootsteward: Rootsteward, folder: Path) -> None:
    before = (folder / DENY).read_bytes()
    (folder / DENY).chmod(0o640)
    ended = rootsteward("policy", "repair", DENY, "--write")
    assert ended.code == 0
    assert (folder / "deny-root.json.bak").read_bytes() == before
    assert (folder / DENY).read_bytes() != before
    assert (folder / DENY).stat().st_mode & 0o777 == 0o640
    assert rootsteward("policy", "repair", DENY).code == 0


def test_a_file_that_is_there_is_never_overwritten(rootsteward: Rootsteward, folder: Path) -> None:
    before = (folder / DENY).read_text()
    (folder / "deny-root.json.bak").write_text("kept")
    (folder / "new").mkdir()
    (folder / "new" / "office.json").write_text("kept")
    for arguments in ([DENY, "--write"], [DENY, "office.json", "--output", "new"]):
        ended = rootsteward("policy", "repair", *arguments)
        assert ended.code == 2
        assert "is there already" in ended.err
    assert (folder / DENY).read_text() == before
    assert (folder / "new" / "office.json").read_text() == "kept"
    assert not (folder / "new" / DENY).exists()


def test_two_files_of_one_name_do_not_share_an_output(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "other").mkdir()
    (folder / "other" / DENY).write_text((folder / DENY).read_text())
    ended = rootsteward("policy", "repair", DENY, "other", "--output", "new")
    assert ended.code == 2
    assert "two files would be `new/deny-root.json`" in ended.err
    assert not (folder / "new").exists()


def test_a_style_that_opens_more_is_unsafe_and_says_to_whom(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "repair", DENY, "--style", "not-action", "--format", "json")
    (row,) = ended.json()
    assert (row["style"], row["safety"]) == ("not-action", "unsafe")
    assert row["beyond"]["principal"] == "arn:aws:iam::111122223333:root"
    assert "aws:AssumedRoot" not in row["beyond"]["context"]


def test_only_the_named_task_is_opened(rootsteward: Rootsteward) -> None:
    (row,) = rootsteward(
        "policy", "repair", DENY, "--task", "unlock-bucket", "--format", "json"
    ).json()
    assert row["tasks"] == ["unlock-bucket"]
    assert "s3:PutBucketPolicy" in row["diff"]
    assert "iam:" not in row["opens"]


def test_an_allow_list_gains_what_it_lacks(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "repair", "allow-list.json", "--format", "json")
    assert ended.code == 10
    (row,) = ended.json()
    assert row["outcome"] == "planned"
    assert row["proof"] == "proved"


def test_a_chain_is_repaired_as_a_whole(rootsteward: Rootsteward, folder: Path) -> None:
    (folder / "chain.yaml").write_text(
        "levels:\n  - {entity: Root, policies: [FullAWSAccess, deny-root.json]}\n"
        "  - {entity: Prod, policies: [allow-list.json]}\n"
    )
    rows = rootsteward("policy", "repair", "chain.yaml", "--format", "json").json()
    assert {row["policy"] for row in rows} == {"allow-list.json", "deny-root.json"}


def test_control_towers_policies_are_not_edited(rootsteward: Rootsteward, folder: Path) -> None:
    text = (folder / DENY).read_text().replace("DenyRootUser", "GRRESTRICTROOTUSER")
    (folder / "guardrail.json").write_text(text)
    ended = rootsteward("policy", "repair", "guardrail.json", "--write", "--format", "json")
    assert ended.code == 10
    (row,) = ended.json()
    assert row["outcome"] == "no repair"
    assert "ExemptAssumeRoot" in row["advice"]
    assert (folder / "guardrail.json").read_text() == text


def test_what_blocks_nothing_needs_nothing(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "repair", "carved.json")
    assert (ended.code, ended.out) == (0, "no policy blocks these tasks\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["broken.json"], "line 3, column 17"),
        (["gone.json"], "cannot be read"),
        ([DENY, "--task", "clean"], "there is no task `clean`"),
        ([DENY, "--write", "--output", "x"], "cannot be used at once"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    rootsteward: Rootsteward, folder: Path, arguments: list[str], message: str
) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    ended = rootsteward("policy", "repair", *arguments)
    assert ended.code == 2
    assert message in ended.err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_new_text_is_json_with_the_old_statements(
    rootsteward: Rootsteward, folder: Path
) -> None:
    rootsteward("policy", "repair", "office.json", "--output", "new")
    new = json.loads((folder / "new" / "office.json").read_text())
    assert new["Statement"]["Sid"] == "OnlyFromTheOffice"
