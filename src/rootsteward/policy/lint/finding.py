"""What a lint check hands back."""

from dataclasses import dataclass
from enum import StrEnum

from rootsteward.policy.document import Document, Position, Statement
from rootsteward.policy.repair.repair import Safety


class Severity(StrEnum):
    """How bad it is: an error does not do what it says; a warning may surprise; a note helps."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Fix:
    """A new text for the whole document. Unsafe: it changes who may do what; read it first."""

    safety: Safety
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where, and a fix where there is one.

    `statement_index` is None for the document as a whole. `page` is the path of its explanation in
    the project's docs.
    """

    slug: str
    severity: Severity
    message: str
    position: Position
    statement_index: int | None = None
    sid: str = ""
    fix: Fix | None = None

    @property
    def page(self) -> str:
        """Where the docs explain it."""
        return f"docs/lint/{self.slug}.md"


def in_statement(
    slug: str,
    severity: Severity,
    statement: Statement,
    message: str,
    *,
    position: Position | None = None,
    fix: Fix | None = None,
) -> Finding:
    """A finding in one statement, at the statement's place unless a better one is given."""
    where = statement.position if position is None else position
    return Finding(slug, severity, message, where, statement.index, statement.sid, fix)


def start_of(document: Document) -> Position:
    """The place of the document's first character."""
    return Position(document.tree.start, 1, document.tree.start + 1)
