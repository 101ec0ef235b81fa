"""Changing the text of one control policy: look, keep, act, look, write down."""

from dataclasses import dataclass
from typing import Protocol

from rootsteward.domain.errors import AwsRefusedError, RootstewardError
from rootsteward.domain.outcome import Outcome
from rootsteward.ports.aws_gateway import ControlPolicyWriter, OrganizationReader
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.journal import Journal, JsonValue

BACKUP_KIND = "control-policy"


class ChangeGateway(OrganizationReader, ControlPolicyWriter, Protocol):
    """What a change reads and writes."""


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One change: whose it is (`slug`), of which policy, from what to what."""

    slug: str
    policy_id: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """How it ended. `backup_id` finds the old text again; empty when nothing was sent."""

    outcome: Outcome
    detail: str = ""
    backup_id: str = ""


def change(
    gateway: ChangeGateway, journal: Journal, backups: BackupStore, wanted: PolicyChange
) -> ChangeResult:
    """Carry out one change. Never raises for AWS's answers.

    Raises:
        OperatorError: when the backup or the journal cannot be written; nothing was changed.
    """
    try:
        current = gateway.control_policy(wanted.policy_id).content
    except RootstewardError as error:
        return ChangeResult(Outcome.UNKNOWN, error.message)
    if current == wanted.new:
        return ChangeResult(Outcome.CLEAN, "the policy already reads so; nothing was changed")
    if current != wanted.old:
        detail = "the policy is no longer the one the plan was made for; plan again"
        return ChangeResult(Outcome.CHANGED_MEANWHILE, detail)
    backup_id = backups.save(BACKUP_KIND, wanted.policy_id, current)
    _record(journal, "intent", wanted, {"backup": backup_id})
    result = _send_and_look(gateway, wanted, backup_id)
    outcome: dict[str, JsonValue] = {"outcome": result.outcome.value, "detail": result.detail}
    _record(journal, "result", wanted, {"backup": backup_id, **outcome})
    return result


def _send_and_look(gateway: ChangeGateway, wanted: PolicyChange, backup_id: str) -> ChangeResult:
    """A lost answer is looked up, never resent."""
    detail = "aws accepted the change and does not show it yet; look again in a minute"
    try:
        gateway.update_policy_content(wanted.policy_id, wanted.new)
    except AwsRefusedError as error:
        refusal = error.refusal
        return ChangeResult(Outcome.DENIED, f"{refusal.code}: {refusal.message}", backup_id)
    except RootstewardError as error:
        detail = error.message
    try:
        found = gateway.control_policy(wanted.policy_id).content
    except RootstewardError as error:
        return ChangeResult(Outcome.UNKNOWN, error.message, backup_id)
    if found == wanted.new:
        return ChangeResult(Outcome.DONE, "", backup_id)
    return ChangeResult(Outcome.UNKNOWN, detail, backup_id)


def _record(journal: Journal, phase: str, wanted: PolicyChange, body: dict[str, JsonValue]) -> None:
    journal.record(f"{wanted.slug}.{phase}", wanted.policy_id, body)
