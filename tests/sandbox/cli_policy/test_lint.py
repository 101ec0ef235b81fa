"""`policy lint`."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli_policy.conftest import Rootsteward


def test_a_finding_has_slug_severity_place_and_fix(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "lint", "deny-root.json", "--format", "json")
    assert ended.code == 10
    (found,) = ended.json()
    assert found["slug"] == "root-deny-without-carve-out"
    assert found["severity"] == "warning"
    assert (found["policy"], found["line"], found["column"]) == ("deny-root.json", 4, 5)
    assert found["fix_safety"] == "safe"
    assert '"aws:AssumedRoot"' in found["fixed_text"]


def test_editors_find_the_place(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "lint", "deny-root.json")
    assert ended.out.startswith("deny-root.json:4:5: warning root-deny-without-carve-out\n")
    assert "fix, safe:" in ended.out
    assert ended.out.endswith("1 finding in 1 policy\n")


def test_the_fix_of_a_finding_takes_it_away(rootsteward: Rootsteward, folder: Path) -> None:
    (found,) = rootsteward("policy", "lint", "deny-root.json", "--format", "json").json()
    (folder / "fixed.json").write_text(found["fixed_text"])
    assert rootsteward("policy", "lint", "fixed.json").code == 0


def test_a_clean_policy_has_exit_code_zero(rootsteward: Rootsteward) -> None:
    ended = rootsteward("policy", "lint", "carved.json", "--format", "json")
    assert (ended.code, ended.json()) == (0, [])


def test_a_malformed_file_is_a_finding_and_the_others_are_read(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "latin.json").write_bytes(b'{"Statement": "\xe9"}')
    ended = rootsteward(
        "policy", "lint", "broken.json", "latin.json", "deny-root.json", "--format", "json"
    )
    assert ended.code == 10
    found = [(f["policy"], f["slug"], f["line"], f["column"]) for f in ended.json()]
    assert found == [
        ("broken.json", "malformed", 3, 17),
        ("latin.json", "malformed", 1, 1),
        ("deny-root.json", "root-deny-without-carve-out", 4, 5),
    ]
    assert "expected a JSON value" in ended.json()[0]["message"]


def test_a_statement_that_nobody_can_read_is_a_finding(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "odd.json").write_text(
        '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",\n'
        ' "Condition": {"StringIsh": {"aws:PrincipalArn": "x"}}}}'
    )
    found = rootsteward("policy", "lint", "odd.json", "--format", "json").json()
    assert [(f["slug"], f["severity"], f["line"]) for f in found] == [("unreadable", "error", 2)]
    assert "StringIsh" in found[0]["message"]


def test_a_folder_stands_for_its_json_files(rootsteward: Rootsteward, folder: Path) -> None:
    (folder / "scps" / "prod").mkdir(parents=True)
    for name in ("scps/a.json", "scps/prod/b.json", "scps/notes.txt"):
        (folder / name).write_text((folder / "deny-root.json").read_text())
    found = rootsteward("policy", "lint", "scps", "--format", "json").json()
    assert [f["policy"] for f in found] == ["scps/a.json", "scps/prod/b.json"]


def test_rcps_may_name_principals(rootsteward: Rootsteward, folder: Path) -> None:
    (folder / "rcp.json").write_text(
        '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}'
    )
    assert rootsteward("policy", "lint", "rcp.json").code == 10
    assert rootsteward("policy", "lint", "--rcp", "rcp.json").code == 0


def test_a_missing_file_an_empty_folder_and_nothing_are_bad_usage(
    rootsteward: Rootsteward, folder: Path
) -> None:
    (folder / "empty").mkdir()
    for arguments in (["gone.json"], ["empty"], [], ["--live", "deny-root.json"]):
        ended = rootsteward("policy", "lint", *arguments)
        assert ended.code == 2
        assert ended.out == ""
        assert ended.err.startswith("error: ")


def test_every_real_policy_is_read_or_refused_with_a_reason(
    rootsteward: Rootsteward, shared_data: Path
) -> None:
    ended = rootsteward("policy", "lint", str(shared_data / "scps"), "--format", "json")
    assert ended.code == 10
    found = Counter(f["slug"] for f in ended.json())
    assert found["root-deny-without-carve-out"] > 10
    assert all(f["line"] >= 1 and f["column"] >= 1 and f["message"] for f in ended.json())
    malformed = {f["policy"] for f in ended.json() if f["slug"] == "malformed"}
    for path in (shared_data / "scps").glob("*.json"):
        if str(path) not in malformed:
            assert isinstance(json.loads(path.read_text(encoding="utf-8-sig")), dict)
