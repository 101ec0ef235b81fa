"""The words for policies and statements in answers."""

from rootsteward.domain.authorization import DecidedBy, PolicyType


def type_label(policy_type: PolicyType) -> str:
    """The name of a policy type as AWS's messages write it."""
    return _LABELS[policy_type]


_LABELS = {
    PolicyType.SCP: "service control policy",
    PolicyType.RCP: "resource control policy",
    PolicyType.TASK: "task policy",
    PolicyType.SESSION: "session policy",
    PolicyType.IDENTITY: "identity-based policy",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.RESOURCE: "resource-based policy",
}


def describe(by: DecidedBy) -> str:
    """One phrase for a statement or a level."""
    parts = [type_label(by.policy_type)]
    if by.policy:
        parts.append(f"`{by.policy}`")
    if by.statement_index is not None:
        parts.append(f"statement {by.statement_index}" + (f" (Sid {by.sid})" if by.sid else ""))
    if by.level:
        parts.append(f"at `{by.level}`")
    return " ".join(parts)
