"""Naming the statement that denies, in the words of the organization."""

from collections.abc import Sequence

from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.organization import Organization
from rootsteward.operations.controls import Controls

_TYPE_NAMES = {PolicyType.SCP: "SCP", PolicyType.RCP: "RCP", PolicyType.TASK: "task policy"}


def statement_name(by: DecidedBy, controls: Controls) -> str:
    """One statement: `DenyRoot (p-abc) statement DenyRootUser at OU Workloads, line 4`.

    Without a statement it is a level that lacks an Allow.
    """
    level = level_name(by.level, controls.organization)
    kind = _TYPE_NAMES.get(by.policy_type, by.policy_type.value)
    if by.statement_index is None:
        return f"no {kind} allows it at {level}"
    statement = by.sid or f"#{by.statement_index + 1}"
    where = f", line {by.line}" if by.line is not None else ""
    policy = policy_name(by, controls)
    return f"{kind} {policy} statement {statement} at {level}{where}"


def statement_names(blamed: Sequence[DecidedBy], controls: Controls) -> list[str]:
    """Each statement once, in the order given."""
    return list(dict.fromkeys(statement_name(by, controls) for by in blamed))


def policy_name(by: DecidedBy, controls: Controls) -> str:
    """The name and id of the policy; whatever is known when it is not among the controls."""
    policies = controls.rcps if by.policy_type is PolicyType.RCP else controls.scps
    policy = policies.policies.get(by.policy)
    return f"{policy.name} ({policy.id})" if policy else by.policy


def level_name(level: str, organization: Organization) -> str:
    """Where a policy is attached, such as `OU Workloads`."""
    if level == organization.org_root.id:
        return "the organization root"
    if level in organization.unit_by_id:
        return f"OU {organization.label(level)}"
    return f"account {organization.label(level)}" if level else "the session"
