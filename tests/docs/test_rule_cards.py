"""Cards, citations and vectors are in step."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
CARDS = sorted((REPOSITORY / "docs" / "rules").glob("*.md"))
FAMILIES = "SCP|RCP|COND|EVAL|TASK|ROOT|ORG|S3|SQS|TRAIL|GD|STS|IAM"  # one place to add a family
CARD_ID = re.compile(rf"\b(?:{FAMILIES})-[0-9]{{2}}\b")
RANGE = re.compile(rf"\b({FAMILIES})-([0-9]{{2}}) (?:to|through) (?:\1-)?([0-9]{{2}})\b")
FIELDS = {"id", "title", "confidence", "source", "date", "vectors"}


def front_matter(card: Path) -> dict[str, Any]:
    _, header, _ = card.read_text().split("---\n", 2)
    loaded: dict[str, Any] = yaml.safe_load(header)
    return loaded


def cited_in(*folders: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.suffix in {".py", ".json", ".yaml", ".sql"}:
                found |= dict.fromkeys(ids_in(path.read_text()), path)
    return found


def ids_in(text: str) -> set[str]:
    ids = set(CARD_ID.findall(text))
    for family, first, last in RANGE.findall(text):
        ids |= {f"{family}-{number:02}" for number in range(int(first), int(last) + 1)}
    return ids


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.stem)
def test_a_card_says_where_its_rule_comes_from(card: Path) -> None:
    given = front_matter(card)
    assert set(given) == FIELDS
    assert given["id"] == card.stem
    assert CARD_ID.fullmatch(card.stem)
    assert given["confidence"] in {"documented", "observed", "assumed"}
    assert isinstance(given["date"], date)
    assert given["title"].strip()
    assert given["source"].strip()
    _, _, body = card.read_text().split("---\n", 2)
    assert body.strip()


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.stem)
def test_every_vector_a_card_names_exists(card: Path) -> None:
    vectors = {
        vector["name"]
        for path in (REPOSITORY / "tests" / "vectors").glob("*.json")
        for vector in json.loads(path.read_text())
    }
    for name in front_matter(card)["vectors"]:
        is_test = name.startswith("tests/") and (REPOSITORY / name.partition("::")[0]).is_file()
        assert name in vectors or is_test, f"no vector or test `{name}`"


def test_every_card_that_the_code_cites_exists() -> None:
    known = {card.stem for card in CARDS}
    missing = {
        id_: str(path.relative_to(REPOSITORY))
        for id_, path in cited_in("src", "tests").items()
        if id_ not in known
    }
    assert missing == {}


def test_every_card_is_cited_somewhere() -> None:
    cited = cited_in("src", "tests")
    assert [card.stem for card in CARDS if card.stem not in cited] == []


def test_every_vector_names_a_card_that_lists_it() -> None:
    listed = {name: card.stem for card in CARDS for name in front_matter(card)["vectors"]}
    known = {card.stem for card in CARDS}
    for path in sorted((REPOSITORY / "tests" / "vectors").glob("*.json")):
        for vector in json.loads(path.read_text()):
            assert vector["card"] in known
            assert vector["name"] in listed, f"no card lists the vector `{vector['name']}`"
