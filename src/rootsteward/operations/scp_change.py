"""Changing the text of one control policy: look, keep, act, look, write down."""

from dataclasses import dataclass
from typing import Protocol

from rootsteward.domain.errors import AwsRefusedError, RootstewardError
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.receipt import Receipt
from rootsteward.operations.record import answer_as_json, digest
from rootsteward.ports.aws_gateway import ControlPolicyWriter, OrganizationReader
from rootsteward.ports.backups import BackupStore
from rootsteward.ports.journal import Journal, JsonValue

BACKUP_KIND = "control-policy"
_API = "organizations:UpdatePolicy"


class ChangeGateway(OrganizationReader, ControlPolicyWriter, Protocol):
    """What a change reads and writes."""


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One change: whose it is (`slug`), of which policy, from what to what.

    `part_of` is the id of the plan that this is a part of, when there is one.
    """

    slug: str
    policy_id: str
    old: str
    new: str
    part_of: str = ""

    @property
    def plan_id(self) -> str:
        """Follows from the contents, unless it is a part of a plan."""
        return self.part_of or digest(
            {"operation": self.slug, "policy": self.policy_id, "old": self.old, "new": self.new}
        )


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """How it ended. `backup_id` finds the old text again; empty when nothing was sent.

    `after` is the text as it was seen afterwards, None when it was not.
    """

    outcome: Outcome
    detail: str = ""
    backup_id: str = ""
    after: str | None = None


def change(
    gateway: ChangeGateway, journal: Journal, backups: BackupStore, wanted: PolicyChange
) -> ChangeResult:
    """Carry out one change. Never raises for AWS's answers.

    Raises:
        OperatorError: when the backup or the journal cannot be written; nothing was changed.
    """
    current, unseen = _text(gateway, wanted.policy_id)
    if current is None:
        return ChangeResult(Outcome.UNKNOWN, unseen)
    if current == wanted.new:
        return ChangeResult(Outcome.CLEAN, "the policy already reads so; nothing was changed")
    if current != wanted.old:
        detail = "the policy is no longer the one the plan was made for; plan again"
        return ChangeResult(Outcome.CHANGED_MEANWHILE, detail)
    backup_id = backups.save(BACKUP_KIND, wanted.policy_id, current)
    answer = _send(gateway, journal, wanted, backup_id)
    result = _look(gateway, wanted, answer, backup_id)
    _record(
        journal,
        "result",
        wanted,
        {
            "act": "look",
            "outcome": result.outcome.value,
            "detail": result.detail,
            "before": current,
            "after": result.after,
            "backup": backup_id,
        },
    )
    return result


def _send(
    gateway: ChangeGateway, journal: Journal, wanted: PolicyChange, backup_id: str
) -> Receipt | RootstewardError:
    """INVARIANT: the intent is on record before the call is made."""
    kept: dict[str, JsonValue] = {"act": _API, "backup": backup_id}
    _record(journal, "intent", wanted, {**kept, "before": wanted.old, "wanted": wanted.new})
    answer: Receipt | RootstewardError
    try:
        answer = gateway.update_policy_content(wanted.policy_id, wanted.new)
    except RootstewardError as error:
        answer = error
    _record(journal, "result", wanted, {**kept, **answer_as_json(answer)})
    return answer


def _look(
    gateway: ChangeGateway,
    wanted: PolicyChange,
    answer: Receipt | RootstewardError,
    backup_id: str,
) -> ChangeResult:
    """A lost answer is looked up, never resent. After a refusal the look is for the record."""
    found, unseen = _text(gateway, wanted.policy_id)
    if isinstance(answer, AwsRefusedError):
        refusal = answer.refusal
        detail = f"{refusal.code}: {refusal.message}"
        return ChangeResult(Outcome.DENIED, detail, backup_id, found)
    if found is None:
        return ChangeResult(Outcome.UNKNOWN, unseen, backup_id)
    if found == wanted.new:
        return ChangeResult(Outcome.DONE, "", backup_id, found)
    detail = "aws accepted the change and does not show it yet; look again in a minute"
    if isinstance(answer, RootstewardError):
        detail = answer.message
    return ChangeResult(Outcome.UNKNOWN, detail, backup_id, found)


def _text(gateway: ChangeGateway, policy_id: str) -> tuple[str | None, str]:
    """The policy's present text, or None and why it could not be seen."""
    try:
        return gateway.control_policy(policy_id).content, ""
    except RootstewardError as error:
        return None, error.message


def _record(journal: Journal, phase: str, wanted: PolicyChange, body: dict[str, JsonValue]) -> None:
    journal.record(f"{wanted.slug}.{phase}", wanted.policy_id, {"plan": wanted.plan_id, **body})
