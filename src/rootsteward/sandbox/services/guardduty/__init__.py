"""Amazon GuardDuty: detectors, findings, filters and the organization's administrator."""

from rootsteward.sandbox.services.guardduty import (
    administration,
    detectors,
    filters,
    findings,
    members,
    statistics,
)
from rootsteward.sandbox.services.operation import Operations

OPERATIONS: Operations = {
    **detectors.OPERATIONS,
    **findings.OPERATIONS,
    **filters.OPERATIONS,
    **administration.OPERATIONS,
    **members.OPERATIONS,
    **statistics.OPERATIONS,
}
