"""Documented request rates, as token buckets: so many a second, so many at once.

SOURCE: "Quotas and service limits for AWS Organizations", throttle limits per account
(rule card ORG-40); "Quotas in AWS CloudTrail" for LookupEvents (rule card TRAIL-40).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` on the long run; `burst` after a rest."""

    per_second: float
    burst: float


_ORGANIZATIONS: Mapping[str, Rate] = {
    "DescribeAccount": Rate(20, 30),
    "DescribeOrganization": Rate(1, 2),
    "DescribeOrganizationalUnit": Rate(2, 2),
    "DescribePolicy": Rate(2, 2),
    "DeregisterDelegatedAdministrator": Rate(1, 2),
    "DisableAWSServiceAccess": Rate(1, 2),
    "EnableAWSServiceAccess": Rate(1, 2),
    "ListAWSServiceAccessForOrganization": Rate(1, 3),
    "ListAccounts": Rate(8, 12),
    "ListAccountsForParent": Rate(5, 8),
    "ListChildren": Rate(6, 10),
    "ListDelegatedAdministrators": Rate(5, 8),
    "ListOrganizationalUnitsForParent": Rate(5, 8),
    "ListParents": Rate(5, 8),
    "ListPolicies": Rate(5, 8),
    "ListPoliciesForTarget": Rate(5, 8),
    "ListRoots": Rate(1, 2),
    "ListTagsForResource": Rate(10, 15),
    "ListTargetsForPolicy": Rate(5, 8),
    "RegisterDelegatedAdministrator": Rate(1, 2),
    "UpdatePolicy": Rate(2, 3),
}

DOCUMENTED: Mapping[str, Rate] = {
    **{f"organizations:{operation}": rate for operation, rate in _ORGANIZATIONS.items()},
    "cloudtrail:LookupEvents": Rate(2, 2),
}
