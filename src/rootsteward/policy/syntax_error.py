"""The error of a document that cannot be read at all."""

from rootsteward.domain.errors import OperatorError


class PolicySyntaxError(OperatorError):
    """A policy document is malformed.

    Attributes:
        name: the document's name, empty when it has none.
        line: line of the fault, from 1.
        column: column of the fault in characters, from 1.
        expected: what should have stood there.
        found: what stands there.
    """

    def __init__(self, name: str, line: int, column: int, expected: str, found: str) -> None:
        where = f"policy `{name}`, " if name else ""
        super().__init__(
            f"{where}line {line}, column {column}: expected {expected}, found {found}",
            help="correct the document at this place; AWS refuses it as malformed as well",
        )
        self.name = name
        self.line = line
        self.column = column
        self.expected = expected
        self.found = found
