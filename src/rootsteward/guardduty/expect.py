"""Which GuardDuty findings an operation will raise. Pure; predicts, does not look.

Every call of a root session raises a finding (rule card GD-20), an IAM call in every Region where
GuardDuty is on (rule card GD-21). What SQS only reads is a data event and raises none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rootsteward.domain.identifiers import AccountId

SHORT_TERM_ROOT = "Policy:IAMUser/ShortTermRootCredentialUsage"
ROOT_CREDENTIAL = "Policy:IAMUser/RootCredentialUsage"
DISCOVERY = "Discovery:IAMUser/AnomalousBehavior"
IMPACT = "Impact:IAMUser/AnomalousBehavior"
PERSISTENCE = "Persistence:IAMUser/AnomalousBehavior"


class Likelihood(StrEnum):
    """Certain when it follows from the call; possible when a model of normal behaviour decides."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """One finding that may come. Severity as GuardDuty's default: 1.0 to 10.0."""

    type: str
    account: AccountId
    region: str
    api: str
    likelihood: Likelihood
    severity: float


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call of a root session. `action` as policies name it; `region` empty for IAM."""

    account: AccountId
    action: str
    region: str = ""


_LOW, _MEDIUM, _HIGH = 2.0, 5.0, 8.0
_ANOMALY_BY_VERB = (
    (("List", "Get"), DISCOVERY, _LOW),
    (("Create",), PERSISTENCE, _MEDIUM),
    (("Delete", "Deactivate", "Put", "Set", "Update"), IMPACT, _HIGH),
)


# SOURCE: SQS developer guide, logging with CloudTrail: data events (rule card TRAIL-04).
_DATA_EVENTS = frozenset(
    {
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
        "sqs:ListQueues",
    }
)


def expect(
    calls: Iterable[PlannedCall], regions_with_guardduty: Sequence[str]
) -> tuple[ExpectedFinding, ...]:
    """The findings of planned calls, in the order of the calls; none where GuardDuty is off."""
    return tuple(
        finding
        for call in calls
        for region in _seen_in(call, regions_with_guardduty)
        for finding in _of(call, region)
    )


def _seen_in(call: PlannedCall, regions: Sequence[str]) -> Sequence[str]:
    if call.action in _DATA_EVENTS:
        return []
    if call.action.startswith("iam:"):
        return regions
    return [call.region] if call.region in regions else []


def _of(call: PlannedCall, region: str) -> Iterator[ExpectedFinding]:
    api = call.action.partition(":")[2]
    yield ExpectedFinding(SHORT_TERM_ROOT, call.account, region, api, Likelihood.CERTAIN, _LOW)
    for verbs, finding_type, severity in _ANOMALY_BY_VERB:
        if api.startswith(verbs):
            yield ExpectedFinding(
                finding_type, call.account, region, api, Likelihood.POSSIBLE, severity
            )
