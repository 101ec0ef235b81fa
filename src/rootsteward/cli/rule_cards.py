"""The rule cards: every AWS rule the code relies on, as the documentation writes it down.

An installed wheel carries `docs/rules` inside the package; a checkout has it where it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

from rootsteward.domain.errors import BugError, InputError


class Confidence(StrEnum):
    """How sure a rule is: AWS says so, we saw it, or neither."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class RuleCard:
    """One rule. `date` is the day it was last checked; `vectors` are the tests that hold it."""

    id: str
    title: str
    confidence: Confidence
    source: str
    date: str
    vectors: tuple[str, ...]
    text: str


def rule_cards() -> tuple[RuleCard, ...]:
    """All cards, by id.

    Raises:
        BugError: when the installation has none, or one of them is broken.
    """
    cards = [read_card(f.name, f.read_text("utf-8")) for f in _folder().iterdir() if _is_card(f)]
    return tuple(sorted(cards, key=lambda card: card.id))


def rule_card(card_id: str) -> RuleCard:
    """One card; the case of the id does not matter.

    Raises:
        InputError: when there is no such card.
    """
    for card in rule_cards():
        if card.id == card_id.upper():
            return card
    raise InputError(
        f"there is no rule card `{card_id}`", help="`rootsteward rules` lists all of them"
    )


def read_card(name: str, content: str) -> RuleCard:
    """Read one card: a YAML header between two lines of dashes, then the rule.

    Raises:
        BugError: when it is not in that form.
    """
    try:
        _, header, text = content.split("---\n", 2)
        fields = yaml.safe_load(header)
        return _card(fields, text.strip())
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise BugError(f"rule card `{name}` is broken: {error}") from error


def _card(fields: Mapping[str, object], text: str) -> RuleCard:
    vectors = fields["vectors"]
    return RuleCard(
        id=str(fields["id"]),
        title=str(fields["title"]),
        confidence=Confidence(str(fields["confidence"])),
        source=str(fields["source"]),
        date=str(fields["date"]),
        vectors=tuple(map(str, vectors)) if isinstance(vectors, list) else (),
        text=text,
    )


def _is_card(file: Traversable) -> bool:
    return file.name.endswith(".md")


def _folder() -> Traversable:
    packaged = files("rootsteward") / "rule_cards"
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).resolve().parents[3] / "docs" / "rules"
    if checkout.is_dir():
        return checkout
    raise BugError("this installation has no rule cards", help="install rootsteward again")
