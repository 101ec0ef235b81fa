"""`rules`, and the cards in an installation."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli_policy.conftest import Rootsteward

PROGRAM = "from rootsteward.cli.main import main; main()"


def test_rules_lists_every_card_with_confidence_and_source(
    rootsteward: Rootsteward, repository: Path
) -> None:
    ended = rootsteward("rules", "--format", "json")
    assert ended.code == 0
    assert [row["id"] for row in ended.json()] == sorted(
        path.stem for path in (repository / "docs" / "rules").glob("*.md")
    )
    assert all(row["title"] and row["source"] for row in ended.json())


def test_assumed_leaves_only_the_assumed_ones(rootsteward: Rootsteward) -> None:
    rows = rootsteward("rules", "--assumed", "--format", "json").json()
    everything = rootsteward("rules", "--format", "json").json()
    assert rows == [row for row in everything if row["confidence"] == "assumed"]
    assert 0 < len(rows) < len(everything)


def test_one_card_is_shown_whole(rootsteward: Rootsteward) -> None:
    ended = rootsteward("rules", "scp-03")
    assert ended.code == 0
    assert "An action is allowed only if every level has a matching Allow" in ended.out
    assert "implicit deny" in ended.out


def test_a_card_that_is_not_there_is_bad_usage(rootsteward: Rootsteward) -> None:
    ended = rootsteward("rules", "XX-99")
    assert ended.code == 2
    assert ended.err.startswith("error: there is no rule card `XX-99`")


def test_a_wheel_carries_the_cards(repository: Path, folder: Path) -> None:
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist"))
    subprocess.run(build, cwd=repository, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "installed")
    environment = os.environ | {"PYTHONPATH": str(folder / "installed")}
    listed = subprocess.run(
        (sys.executable, "-c", PROGRAM, "rules", "SCP-03"),
        cwd=folder, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "every level has a matching Allow" in listed.stdout
    cards = folder / "installed" / "rootsteward" / "rule_cards"
    assert sorted(card.name for card in cards.iterdir()) == sorted(
        card.name for card in (repository / "docs" / "rules").iterdir()
    )
