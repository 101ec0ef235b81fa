"""The smallest change to the SCPs that lets a root task through, with its proof."""

from rootsteward.policy.repair.plan import plan_organization_repairs, plan_repairs
from rootsteward.policy.repair.repair import (
    ChainOutcome,
    NoRepair,
    Repair,
    RepairPlan,
    Safety,
    Style,
)

__all__ = [
    "ChainOutcome",
    "NoRepair",
    "Repair",
    "RepairPlan",
    "Safety",
    "Style",
    "plan_organization_repairs",
    "plan_repairs",
]
