"""docs/iam-policy.md names every command that needs permissions."""

import re
from pathlib import Path

from rootsteward.operations.permissions import VERBS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "iam-policy.md"


def test_the_page_names_every_verb() -> None:
    assert set(VERBS) <= set(re.findall(r"`([a-z-]+)`", PAGE.read_text(encoding="utf-8")))
