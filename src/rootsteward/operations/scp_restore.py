"""`scp-restore`: put a kept policy text back."""

from dataclasses import dataclass
from difflib import unified_diff

from rootsteward.domain.control_policies import ControlPolicy
from rootsteward.operations.scp_change import ChangeGateway, ChangeResult, PolicyChange, change
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.journal import Journal

SLUG = "scp-restore"


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """The policy as it is, and the text to put back."""

    policy: ControlPolicy
    text: str

    @property
    def needed(self) -> bool:
        """Whether the text differs from what is there."""
        return self.policy.content != self.text

    @property
    def diff(self) -> str:
        """What would change, as a unified diff; empty when nothing would."""
        lines = unified_diff(
            self.policy.content.splitlines(keepends=True),
            self.text.splitlines(keepends=True),
            f"{self.policy.name} now",
            f"{self.policy.name} restored",
        )
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def plan(policy: ControlPolicy, text: str) -> RestorePlan:
    """What restoring would change; nothing is done."""
    return RestorePlan(policy, text)


def step(
    gateway: ChangeGateway, journal: Journal, backups: BackupStore, planned: RestorePlan
) -> ChangeResult:
    """Look, keep the present text, put the kept one back, look again.

    Raises:
        OperatorError: when the backup or the journal cannot be written; nothing was changed.
    """
    wanted = PolicyChange(SLUG, planned.policy.id, planned.policy.content, planned.text)
    return change(gateway, journal, backups, wanted)
