"""`scp-repair`: change the SCPs that block root tasks, by the least amount, with proof.

Facts are the control policies and the tree; the plan comes from `policy.repair` and is pure;
`step` changes one policy, after keeping its old text and looking that it is still the old one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.operations.controls import Controls
from rootsteward.operations.scp_change import ChangeGateway, PolicyChange, change
from rootsteward.policy.repair.plan import plan_organization_repairs
from rootsteward.policy.repair.repair import SIZE_LIMIT_CHARACTERS, Repair, RepairPlan, Style
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.journal import Journal

SLUG = "scp-repair"


@dataclass(frozen=True, slots=True)
class RepairResult:
    """How the change of one policy ended. `backup_id` finds the old text again."""

    repair: Repair
    outcome: Outcome
    detail: str = ""
    backup_id: str = ""


def plan(
    controls: Controls,
    accounts: Iterable[AccountId],
    *,
    tasks: Iterable[TaskPolicy] = tuple(TaskPolicy),
    style: Style | None = None,
    size_limit: int = SIZE_LIMIT_CHARACTERS,
) -> RepairPlan:
    """The changes that let root sessions do their tasks in these accounts; nothing is done."""
    return plan_organization_repairs(
        controls.organization,
        controls.scps,
        controls.rcps,
        accounts=tuple(accounts),
        tasks=tuple(tasks),
        style=style,
        size_limit=size_limit,
    )


def rehearse(repair: Repair) -> RepairResult:
    """The dry runner: nothing done, no gateway in reach."""
    return RepairResult(repair, Outcome.PLANNED)


def step(
    gateway: ChangeGateway, journal: Journal, backups: BackupStore, repair: Repair
) -> RepairResult:
    """Look, keep the old text, change, look again. Never raises for AWS's answers.

    Raises:
        OperatorError: when the backup or the journal cannot be written; nothing was changed.
    """
    wanted = PolicyChange(SLUG, repair.policy_id, repair.old, repair.new)
    ended = change(gateway, journal, backups, wanted)
    return RepairResult(repair, ended.outcome, ended.detail, ended.backup_id)
