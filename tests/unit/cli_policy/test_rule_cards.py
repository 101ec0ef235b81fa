"""Reading one card."""

import pytest

from rootsteward.cli.rule_cards import Confidence, read_card
from rootsteward.domain.errors import BugError

CARD = """---
id: X-01
title: A rule
confidence: observed
source: recording r
date: 2026-11-23
vectors: [one, two]
---
The rule --- in our words.
"""


def test_a_card_is_its_header_and_its_text() -> None:
    card = read_card("X-01.md", CARD)
    assert (card.id, card.title, card.source) == ("X-01", "A rule", "recording r")
    assert (card.confidence, card.date) == (Confidence.OBSERVED, "2026-11-23")
    assert card.vectors == ("one", "two")
    assert card.text == "The rule --- in our words."


@pytest.mark.parametrize(
    "content",
    [
        "no header",
        CARD.replace("observed", "sure"),
        CARD.replace("title: A rule\n", ""),
        CARD.replace("id: X-01", "id: ["),
        "---\n- a list\n---\ntext",
    ],
)
def test_a_broken_card_is_our_own_fault_and_named(content: str) -> None:
    with pytest.raises(BugError, match=r"`X-01\.md` is broken"):
        read_card("X-01.md", content)
