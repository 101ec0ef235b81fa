"""Naming the statement that denies, in the words of the organization."""

from collections.abc import Sequence

from rootsteward.cli.render import Row
from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.organization import Organization
from rootsteward.operations.controls import Controls

_TYPE_NAMES = {PolicyType.SCP: "SCP", PolicyType.RCP: "RCP", PolicyType.TASK: "task policy"}


def statement_name(by: DecidedBy, controls: Controls) -> str:
    """One statement: `DenyRoot (p-abc) statement DenyRootUser at OU Workloads, line 4`.

    Without a statement it is a level that lacks an Allow.
    """
    level = _level_name(by.level, controls.organization)
    kind = _TYPE_NAMES.get(by.policy_type, by.policy_type.value)
    if by.statement_index is None:
        return f"no {kind} allows it at {level}"
    statement = by.sid or f"#{by.statement_index + 1}"
    where = f", line {by.line}" if by.line is not None else ""
    policy = _policy_name(by, controls)
    return f"{kind} {policy} statement {statement} at {level}{where}"


def statement_names(blamed: Sequence[DecidedBy], controls: Controls) -> list[str]:
    """Each statement once, in the order given."""
    return list(dict.fromkeys(statement_name(by, controls) for by in blamed))


def without_account(text: str, account: str) -> str:
    """AWS's words about one account, so that the same words about another are the same text."""
    return text.replace(account, "ACCOUNT")


def statement_row(by: DecidedBy, controls: Controls) -> Row:
    """One statement for machines."""
    return {
        "policy_type": by.policy_type.value,
        "policy_id": by.policy,
        "policy": _policy_name(by, controls),
        "statement": by.sid or None,
        "statement_index": by.statement_index,
        "level": by.level,
        "level_name": _level_name(by.level, controls.organization),
        "line": by.line,
    }


def _policy_name(by: DecidedBy, controls: Controls) -> str:
    policies: ControlPolicies = controls.rcps if by.policy_type is PolicyType.RCP else controls.scps
    policy = policies.policies.get(by.policy)
    return f"{policy.name} ({policy.id})" if policy else by.policy


def _level_name(level: str, organization: Organization) -> str:
    if level == organization.org_root.id:
        return "the organization root"
    if level in organization.unit_by_id:
        return f"OU {organization.label(level)}"
    return f"account {organization.label(level)}" if level else "the session"
