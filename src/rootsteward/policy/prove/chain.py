"""A chain of levels, parsed once, as the prover and the repairs take it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rootsteward.domain.authorization import Level, NamedDocument, PolicyType
from rootsteward.policy.document import Document, Statement
from rootsteward.policy.parse import parse_document

FULL_ACCESS = NamedDocument(
    "p-FullAWSAccess",
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
)
"""What Organizations attaches everywhere when the policy type is switched on."""


@dataclass(frozen=True, slots=True)
class ChainLevel:
    """One entity and its parsed policies."""

    entity: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """SCPs from the org root down to an account; `levels` as given, `parsed` beside them.

    `partition` is that of the organization: `aws`, `aws-us-gov` or `aws-cn`.
    """

    levels: tuple[Level, ...]
    parsed: tuple[ChainLevel, ...]
    partition: str = "aws"

    @classmethod
    def read(cls, levels: Sequence[Level], partition: str = "aws") -> "Chain":
        """Parse every document of a chain.

        Raises:
            PolicySyntaxError: when a document is malformed.
        """
        parsed = tuple(
            ChainLevel(level.entity, tuple(_parse(document) for document in level.documents))
            for level in levels
        )
        return cls(tuple(levels), parsed, partition)

    @classmethod
    def of(cls, *texts: str, partition: str = "aws") -> "Chain":
        """One level with FullAWSAccess and the given documents: what an edit is judged in.

        Raises:
            PolicySyntaxError: when a document is malformed.
        """
        named = [NamedDocument(f"policy-{i}", text) for i, text in enumerate(texts, start=1)]
        return cls.read((Level("the level", (FULL_ACCESS, *named)),), partition)

    def statements(self) -> Iterator[tuple[ChainLevel, Document, Statement]]:
        """Every statement with the places it stands in, from the top."""
        for level in self.parsed:
            for document in level.documents:
                for statement in document.statements:
                    yield level, document, statement


def _parse(document: NamedDocument) -> Document:
    return parse_document(document.text, name=document.name, policy_type=PolicyType.SCP)
