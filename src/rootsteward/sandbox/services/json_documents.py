"""Reading JSON that somebody sent as a document: a policy, as a rule."""

import json
from typing import Any

# WHY a limit: what a parser still reads, code that walks it may not, and no request may take the
# sandbox down. No document that means something is nearly as deep.
_MOST_LEVELS = 60


def read_json(text: str, *, unique_names: bool = False) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """What the text holds.

    Where an object has a name twice, the last counts; with `unique_names` it is refused.

    Raises:
        ValueError: it is no JSON, or nested more than sixty levels deep, or has a name twice.
    """
    try:
        document = json.loads(text, object_pairs_hook=_unique if unique_names else None)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _is_deeper(document, _MOST_LEVELS):
        raise ValueError("nested too deeply")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _is_deeper(document: object, levels: int) -> bool:
    if isinstance(document, dict):
        return levels == 0 or any(_is_deeper(item, levels - 1) for item in document.values())
    if isinstance(document, list):
        return levels == 0 or any(_is_deeper(item, levels - 1) for item in document)
    return False
