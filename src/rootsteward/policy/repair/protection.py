"""Policies that are not ours to edit."""

import re

from rootsteward.domain.control_policies import ControlPolicy

CONTROL_TOWER_ADVICE = (
    "Control Tower owns this policy: set the parameter `ExemptAssumeRoot` of the control "
    "AWS-GR_RESTRICT_ROOT_USER (in Control Tower or by controltower:UpdateEnabledControl), which "
    "adds the same condition; where a control has no such parameter, disable it for this unit"
)
MANAGED_ADVICE = "AWS owns this policy: attach one of your own in its place, then repair that one"
_CONTROL_TOWER = re.compile(r"aws-guardrails-|AWS-GR_", re.IGNORECASE)
_SID = re.compile(r'"Sid"\s*:\s*"(?:GR[A-Z0-9_]{4,}|CT[A-Z0-9.]{4,}|AWS-?GR_?\w+)"')


def advice_instead_of_edit(policy: ControlPolicy) -> str:
    """What to do about a policy that may not be edited; empty when it may.

    SOURCE: the Control Tower user guide: guardrails are SCPs named `aws-guardrails-…`, their
    statements carry Sids that begin with `GR` (rule card SCP-40).
    """
    if policy.aws_managed:
        return MANAGED_ADVICE
    words = f"{policy.name}\n{policy.description}"
    if _CONTROL_TOWER.search(words) or _SID.search(policy.content):
        return CONTROL_TOWER_ADVICE
    return ""
