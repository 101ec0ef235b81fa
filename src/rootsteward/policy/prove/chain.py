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
    """Control policies from the org root down to an account, as given and parsed.

    `levels` and `parsed` are the SCPs, `rcp_levels` and `parsed_rcps` the RCPs; None means that
    the policy type is not in force. `partition` is the organization's: `aws`, `aws-us-gov` or
    `aws-cn`. The SCPs are those of the caller's account and the RCPs those of the resource's, as
    they are when an account uses what it owns. `account` is that account where it is known; empty
    for a question about any account.
    """

    levels: tuple[Level, ...] | None
    parsed: tuple[ChainLevel, ...]
    partition: str = "aws"
    rcp_levels: tuple[Level, ...] | None = None
    parsed_rcps: tuple[ChainLevel, ...] = ()
    account: str = ""

    @classmethod
    def read(
        cls,
        levels: Sequence[Level] | None,
        partition: str = "aws",
        rcp_levels: Sequence[Level] | None = None,
        account: str = "",
    ) -> "Chain":
        """Parse every document of a chain.

        Raises:
            PolicySyntaxError: when a document is malformed.
        """
        return cls(
            None if levels is None else tuple(levels),
            _parsed(levels, PolicyType.SCP),
            partition,
            None if rcp_levels is None else tuple(rcp_levels),
            _parsed(rcp_levels, PolicyType.RCP),
            account,
        )

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
        for level in (*self.parsed, *self.parsed_rcps):
            for document in level.documents:
                for statement in document.statements:
                    yield level, document, statement


def _parsed(levels: Sequence[Level] | None, policy_type: PolicyType) -> tuple[ChainLevel, ...]:
    return tuple(
        ChainLevel(
            level.entity,
            tuple(
                parse_document(d.text, name=d.name, policy_type=policy_type)
                for d in level.documents
            ),
        )
        for level in levels or ()
    )
