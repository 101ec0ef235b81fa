"""Which operation a REST method, path and query mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from botocore.model import OperationModel, StructureShape

from rootsteward.sandbox.wire.models import Member, Service, members_of

_LABEL = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """An operation and what a request must carry to mean it, beyond method and path."""

    operation: OperationModel
    literals: tuple[tuple[str, str], ...]
    query: tuple[str, ...]
    headers: tuple[str, ...]

    def missing(self, query: Mapping[str, str], headers: frozenset[str]) -> int:
        """How many required query parameters and headers are not there."""
        absent = sum(name not in query for name in self.query)
        return absent + sum(name not in headers for name in self.headers)


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One path template of one method and the operations that share it."""

    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PathMatch:
    """The template that a path fits, and its labels, percent-decoded."""

    template: Template
    labels: Mapping[str, str]


def match_path(service: Service, method: str, raw_path: str) -> PathMatch | None:
    """The most literal template that fits the path, or None.

    Raises:
        UnicodeDecodeError: a label is not UTF-8.
    """
    for template in _templates(service).get(method, ()):
        found = template.pattern.fullmatch(raw_path)
        if found:
            values = (unquote(value, errors="strict") for value in found.groups())
            return PathMatch(template, dict(zip(template.labels, values, strict=True)))
    return None


def best_candidate(
    template: Template, query: Mapping[str, str], headers: frozenset[str]
) -> Candidate | None:
    """The operation of a template that a query string and headers mean, or None.

    All literals of an operation must be there, and more literals win. Among those, the one with
    everything it requires and the most requirements wins; if none has everything, the one that
    misses least, so that its own validation can say what is missing.
    """
    fitting = [
        candidate
        for candidate in template.candidates
        if all(query.get(name) == value for name, value in candidate.literals)
    ]
    if not fitting:
        return None
    most = max(len(candidate.literals) for candidate in fitting)
    named = [candidate for candidate in fitting if len(candidate.literals) == most]
    return min(named, key=lambda c: (c.missing(query, headers), -len(c.query) - len(c.headers)))


@cache
def subresources(service: Service) -> frozenset[str]:
    """Every query name by which an operation of the service is chosen (`policy`, `acl`, …)."""
    return frozenset(
        name
        for templates in _templates(service).values()
        for template in templates
        for candidate in template.candidates
        for name, _ in candidate.literals
    )


@cache
def _templates(service: Service) -> Mapping[str, tuple[Template, ...]]:
    grouped: dict[tuple[str, str], list[Candidate]] = {}
    # WHY: of two operations that look the same on the wire, the one that is not deprecated is
    # meant, and of S3's two bare `GET /`, the one that is not for directory buckets.
    ordered = sorted(
        service.operations.values(),
        key=lambda o: (o.deprecated, o.name == "ListDirectoryBuckets"),
    )
    for operation in ordered:
        path, _, query = operation.http["requestUri"].partition("?")
        key = (operation.http["method"], path)
        grouped.setdefault(key, []).append(_candidate(operation, query))
    by_method: dict[str, list[Template]] = {}
    for (method, path), candidates in sorted(grouped.items(), key=lambda item: _rank(item[0][1])):
        by_method.setdefault(method, []).append(_template(path, candidates))
    return {method: tuple(templates) for method, templates in by_method.items()}


def _rank(path: str) -> tuple[bool, int, int]:
    literal = [part for part in path.split("/") if part and "{" not in part]
    return ("+}" in path, -len(literal), len(path.split("/")))


def _template(path: str, candidates: list[Candidate]) -> Template:
    labels = tuple(label.removesuffix("+") for label in _LABEL.findall(path))
    pieces = _LABEL.split(path)
    pattern = "".join(
        _label_pattern(piece) if index % 2 else re.escape(piece)
        for index, piece in enumerate(pieces)
    )
    tail = "" if path.endswith("+}") or path == "/" else "/?"
    return Template(re.compile(pattern + tail, re.DOTALL), labels, tuple(candidates))


def _label_pattern(label: str) -> str:
    return "(.+)" if label.endswith("+") else "([^/]+)"


def _candidate(operation: OperationModel, literal_query: str) -> Candidate:
    literals = []
    for pair in filter(None, literal_query.split("&")):
        name, _, value = pair.partition("=")
        literals.append((name, value))
    required = _required_members(operation)
    return Candidate(
        operation,
        tuple(literals),
        tuple(m.wire_name for m in required if m.location == "querystring"),
        tuple(m.wire_name.lower() for m in required if m.location == "header"),
    )


def _required_members(operation: OperationModel) -> list[Member]:
    shape = operation.input_shape
    if not isinstance(shape, StructureShape):
        return []
    return [member for member in members_of(shape) if member.name in shape.required_members]
