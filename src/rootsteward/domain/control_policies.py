"""Service control policies as Organizations stores them, and where they are attached."""

from collections.abc import Mapping
from dataclasses import dataclass

from rootsteward.domain.authorization import Level, NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import Organization


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """One SCP or RCP. `content` is the document's own text, white space included."""

    id: str
    name: str
    arn: str
    description: str
    type: str
    aws_managed: bool
    content: str


@dataclass(frozen=True, slots=True)
class ControlPolicies:
    """All policies of one type, and the ids attached to each entity.

    `enabled` is False when the organization root does not have the type switched on: then nothing
    is in force, which differs from a level with nothing attached. `attached_everywhere` are
    policies that AWS keeps on every entity, so that nobody has to list them.
    """

    type: str
    enabled: bool
    policies: Mapping[str, ControlPolicy]
    attached: Mapping[str, tuple[str, ...]]
    attached_everywhere: tuple[str, ...] = ()

    def levels(self, organization: Organization, account: AccountId) -> tuple[Level, ...] | None:
        """The chain in force for an account, org root first; None when nothing is in force.

        The management account is exempt (rule card SCP-05).
        """
        if not self.enabled or account == organization.management_account_id:
            return None
        return tuple(
            Level(entity_id, tuple(self._document(p) for p in self._attached_to(entity_id)))
            for entity_id in organization.path_to(account)
        )

    def _attached_to(self, entity_id: str) -> tuple[str, ...]:
        return (*self.attached_everywhere, *self.attached.get(entity_id, ()))

    def _document(self, policy_id: str) -> NamedDocument:
        policy = self.policies[policy_id]
        return NamedDocument(policy.id, policy.content)
