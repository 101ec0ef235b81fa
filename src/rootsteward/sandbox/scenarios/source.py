"""YAML with positions: values, and the line on which each of them stands."""

from dataclasses import dataclass
from typing import Any

import yaml

from rootsteward.sandbox.scenarios.refusal import Path, Problem, ScenarioError, spelled


class _Loader(yaml.SafeLoader):
    """YAML without dates: `2012-10-17` in a policy is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


# Far above any scenario, and far below what reading a file may cost: a few lines of aliases that
# name each other stand for more values than there is memory.
_DEEPEST = 50
_MOST_REPEATED = 100_000
_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file. `lines` has every path that is written in it; lines count from 1."""

    name: str
    # WHY Any: nothing is known of the file yet.
    data: Any
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, what: str, expected: str) -> Problem:
        """A mistake at a path."""
        return Problem(self.line_of(path), spelled(path), what, expected)


def parse(name: str, text: str) -> Source:
    """Read YAML.

    Raises:
        ScenarioError: when it is not YAML, holds a key twice, or something that is not data.
    """
    try:
        return _parsed(name, text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = f"is not YAML: {error.problem or error.context}"
        raise ScenarioError(name, [Problem(line, "", what, "a YAML mapping")]) from None
    except yaml.reader.ReaderError as error:
        what = f"is not YAML: {error.reason}"
        raise ScenarioError(name, [Problem(1, "", what, "UTF-8 text")]) from None
    except RecursionError:
        problem = Problem(1, "", "is nested too deeply", f"{_DEEPEST} levels at most")
        raise ScenarioError(name, [problem]) from None


def _parsed(name: str, text: str) -> Source:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        reader = _Reader(name, loader)
        data = None if node is None else reader.value(node, ())
        return Source(name, data, reader.lines)
    finally:
        loader.dispose()


class _Reader:
    """Turns nodes into values and notes where they stand."""

    def __init__(self, name: str, loader: _Loader) -> None:
        self.name = name
        self.loader = loader
        self.lines: dict[Path, int] = {}
        self._seen: set[int] = set()
        self._repeated = 0

    def value(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401 (any YAML value)
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._check_size(node, path)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        try:
            return self.loader.construct_object(node)
        except (ValueError, LookupError, AttributeError):
            # WHY so many: it is what PyYAML lets escape of a tag that does not fit its text.
            kind = node.tag.rpartition(":")[2]
            what = f"is `{node.value[:_SHOWN_LENGTH]}`, no `{kind}`"
            line = node.start_mark.line + 1
            raise self._error(line, spelled(path), what, "text or a number") from None

    def _check_size(self, node: yaml.Node, path: Path) -> None:
        """Refuse what never ends, or stands for too much: a value may hold itself by its alias."""
        self._repeated += id(node) in self._seen
        self._seen.add(id(node))
        line = node.start_mark.line + 1
        if len(path) > _DEEPEST:
            what = "is nested too deeply, or holds itself"
            raise self._error(line, spelled(path[:2]), what, f"{_DEEPEST} levels at most")
        if self._repeated > _MOST_REPEATED:
            what = "is repeated by aliases too often"
            raise self._error(
                line, spelled(path[:1]), what, f"{_MOST_REPEATED:,} repeated values at most"
            )

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            line = key_node.start_mark.line + 1
            if key is None:
                raise self._error(line, spelled(path), "has a key that is not text", "plain keys")
            if key in values:
                first = self.lines[*path, key]
                what = f"is written twice, first on line {first}"
                raise self._error(line, spelled((*path, key)), what, "each key once")
            self.lines[*path, key] = line
            values[key] = self.value(value_node, (*path, key))
        return values

    def _error(self, line: int, where: str, what: str, expected: str) -> ScenarioError:
        return ScenarioError(self.name, [Problem(line, where, what, expected)])
