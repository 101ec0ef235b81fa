"""The published schema is that of the models. To renew it:

python -c "from rootsteward.sandbox.scenarios import schema; print(schema.schema_text(), end='')" \\
    > docs/scenario.schema.json
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from rootsteward.sandbox.scenarios.load import scenario_names
from rootsteward.sandbox.scenarios.schema import schema_text


def test_the_published_schema_is_current(repository: Path) -> None:
    published = repository / "docs" / "scenario.schema.json"
    assert published.read_text("utf-8") == schema_text()


@pytest.mark.parametrize("name", scenario_names())
def test_the_schema_knows_every_field_of_the_shipped_scenarios(name: str) -> None:
    text = files("rootsteward.sandbox.scenarios").joinpath(f"{name}.yaml").read_text("utf-8")
    schema = json.loads(schema_text())
    assert unknown_fields(yaml.safe_load(text), schema, schema) == []


def unknown_fields(value: Any, part: dict[str, Any], whole: dict[str, Any]) -> list[str]:  # noqa: ANN401
    """Fields of a value that its part of the schema does not name."""
    part = resolved(part, whole)
    if isinstance(value, list) and "items" in part:
        return [found for item in value for found in unknown_fields(item, part["items"], whole)]
    if not isinstance(value, dict) or "properties" not in part:
        return []
    unknown = [name for name in value if name not in part["properties"]]
    for name, item in value.items():
        unknown += unknown_fields(item, part["properties"].get(name, {}), whole)
    return unknown


def resolved(part: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A part of the schema with its reference, or the one reference among its choices, followed."""
    for choice in (part, *part.get("anyOf", ()), *part.get("allOf", ())):
        if "$ref" in choice:
            found: dict[str, Any] = whole["$defs"][choice["$ref"].rpartition("/")[2]]
            return found
    return part


def test_the_check_of_the_fields_finds_a_wrong_one() -> None:
    schema = json.loads(schema_text())
    wrong: dict[str, Any] = {"accounts": [{"root_user": {"pasword": {}}}], "regios": []}
    assert unknown_fields(wrong, schema, schema) == ["regios", "pasword"]
