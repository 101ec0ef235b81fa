"""AWS's documented request rates, kept with token buckets (rule card ORG-80, STS-81).

SOURCE: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
SOURCE: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
SOURCE: CloudTrail API reference, `LookupEvents` (rule card TRAIL-40).
LIMIT: AWS publishes no rates for IAM, S3, SQS, GuardDuty and `AssumeRoot`; these are never
throttled here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from rootsteward.sandbox.call import Call
from rootsteward.sandbox.service_failures import throttled


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` requests in the long run, `burst` at once."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Limit:
    """The rates of one operation: for each account, and for all of an organization together."""

    account: Rate
    organization: Rate | None = None


def _limit(
    per_second: float, burst: float, org_per_second: float = 0, org_burst: float = 0
) -> Limit:
    together = Rate(org_per_second, org_burst) if org_per_second else None
    return Limit(Rate(per_second, burst), together)


_LISTS_OF_FIVE = _limit(5, 8, 6, 10)
_TWO_AND_THREE = _limit(2, 3)
_ONE_AND_TWO = _limit(1, 2)
_ONE_AND_THREE = _limit(1, 3, 1, 4)
_ONE = _limit(1, 1)

ORGANIZATIONS: Mapping[str, Limit] = {
    "DescribeAccount": _limit(20, 30, 24, 36),
    "ListAccounts": _limit(8, 12, 9, 15),
    "ListChildren": _limit(6, 10, 7, 12),
    "ListParents": _LISTS_OF_FIVE,
    "ListAccountsForParent": _LISTS_OF_FIVE,
    "ListOrganizationalUnitsForParent": _LISTS_OF_FIVE,
    "ListRoots": _limit(1, 2, 1, 3),
    "DescribeOrganization": _ONE_AND_TWO,
    "CreateOrganizationalUnit": _ONE_AND_TWO,
    "DescribeOrganizationalUnit": _limit(2, 2, 2, 3),
    "DescribePolicy": _limit(2, 2, 2, 3),
    "MoveAccount": _TWO_AND_THREE,
    "UpdateOrganizationalUnit": _TWO_AND_THREE,
    "DeleteOrganizationalUnit": _TWO_AND_THREE,
    "ListTagsForResource": _limit(10, 15, 12, 18),
    "TagResource": _limit(4, 6),
    "UntagResource": _limit(4, 6),
    "ListPolicies": _LISTS_OF_FIVE,
    "ListPoliciesForTarget": _LISTS_OF_FIVE,
    "ListTargetsForPolicy": _LISTS_OF_FIVE,
    "CreatePolicy": _TWO_AND_THREE,
    "DeletePolicy": _TWO_AND_THREE,
    "AttachPolicy": _TWO_AND_THREE,
    "DetachPolicy": _TWO_AND_THREE,
    "UpdatePolicy": _TWO_AND_THREE,
    "EnablePolicyType": _ONE,
    "DisablePolicyType": _ONE,
    "EnableAWSServiceAccess": _ONE_AND_TWO,
    "DisableAWSServiceAccess": _ONE_AND_TWO,
    "RegisterDelegatedAdministrator": _ONE_AND_TWO,
    "DeregisterDelegatedAdministrator": _ONE_AND_TWO,
    "ListAWSServiceAccessForOrganization": _ONE_AND_THREE,
    "ListDelegatedServicesForAccount": _ONE_AND_THREE,
    "ListDelegatedAdministrators": _LISTS_OF_FIVE,
    "CreateAccount": _limit(0.1, 3),
}
# Per account and Region. WHY the burst: AWS names none; a second's worth is assumed.
LOOKUP_EVENTS = Rate(2, 2)
# One bucket for all of them, per account and Region. WHY the burst: AWS names none; a second's
# worth is assumed (rule card STS-81).
STS_SHARED = Rate(600, 600)
STS_OPERATIONS = frozenset(
    {
        "AssumeRole",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetCallerIdentity",
        "GetFederationToken",
        "GetSessionToken",
    }
)


class Bucket:
    """A token bucket, full at first. It knows no clock: every method is told the time."""

    __slots__ = ("_at", "_tokens", "rate")

    def __init__(self, rate: Rate, at: datetime) -> None:
        self.rate = rate
        self._tokens = rate.burst
        self._at = at

    def has_token(self, at: datetime) -> bool:
        """Whether a request would pass."""
        passed_seconds = max(0.0, (at - self._at).total_seconds())
        self._tokens = min(self.rate.burst, self._tokens + passed_seconds * self.rate.per_second)
        self._at = at
        # WHY not 1: refilling by fractions leaves 0.99… where a whole token has come back.
        return self._tokens >= 1 - 1e-9

    def take(self) -> None:
        """Spend one token."""
        self._tokens -= 1


_Key = tuple[str, ...]


class Throttle:
    """The buckets of one sandbox, made when they are first needed."""

    def __init__(self) -> None:
        self._buckets: dict[_Key, Bucket] = {}

    def check(self, call: Call) -> None:
        """Count a call against its rates.

        A refused call takes no token.

        Raises:
            ServiceError: the account or its organization called too often.
        """
        buckets = [self._bucket(key, rate, call.at) for key, rate in _rates(call)]
        if not all(bucket.has_token(call.at) for bucket in buckets):
            raise throttled(call.service)
        for bucket in buckets:
            bucket.take()

    def _bucket(self, key: _Key, rate: Rate, at: datetime) -> Bucket:
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = Bucket(rate, at)
        return found


def _rates(call: Call) -> Iterator[tuple[_Key, Rate]]:
    account = call.caller.account
    if call.service == "sts" and call.operation in STS_OPERATIONS:
        yield ("sts", account, call.region), STS_SHARED
    if (call.service, call.operation) == ("cloudtrail", "LookupEvents"):
        yield ("LookupEvents", account, call.region), LOOKUP_EVENTS
    limit = ORGANIZATIONS.get(call.operation) if call.service == "organizations" else None
    if limit is not None:
        yield (call.operation, account), limit.account
        if limit.organization is not None:
            yield (call.operation, "organization"), limit.organization
