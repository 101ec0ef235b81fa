"""GuardDuty's finding criteria: which findings a list, or a suppression rule, selects.

SOURCE: GuardDuty API reference, `FindingCriteria` and `Condition` (rule card GD-06).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.world.finding_record import FindingRecord

# WHY Any: criteria have the shape of botocore's model.
Criterion = Mapping[str, Mapping[str, Any]]
Value = str | float

MAX_VALUES = 50


def epoch_ms(at: datetime) -> int:
    """A time as GuardDuty counts it."""
    return int(at.timestamp() * 1000)


def _address(finding: FindingRecord, *, six: bool) -> str:
    return finding.source_ip if (":" in finding.source_ip) is six else ""


_API_CALL = "service.action.awsApiCallAction"
_KEY = "resource.accessKeyDetails"

_FIELDS: Mapping[str, Callable[[FindingRecord], Value]] = {
    "id": lambda finding: finding.id,
    "arn": lambda finding: finding.arn,
    "partition": lambda _: "aws",
    "schemaVersion": lambda _: "2.0",
    "type": lambda finding: finding.kind.value,
    "accountId": lambda finding: finding.account,
    "region": lambda finding: finding.region,
    "severity": lambda finding: finding.kind.severity.value,
    "updatedAt": lambda finding: epoch_ms(finding.updated_at),
    "createdAt": lambda finding: epoch_ms(finding.created_at),
    "resource.resourceType": lambda _: "AccessKey",
    f"{_KEY}.accessKeyId": lambda finding: finding.access_key_id,
    f"{_KEY}.principalId": lambda finding: finding.account,
    f"{_KEY}.userName": lambda _: "Root",
    f"{_KEY}.userType": lambda _: "Root",
    "service.archived": lambda finding: "true" if finding.archived else "false",
    "service.count": lambda finding: finding.count,
    "service.detectorId": lambda finding: finding.detector_id,
    "service.featureName": lambda _: "CloudTrailManagementEvent",
    "service.serviceName": lambda _: "guardduty",
    "service.resourceRole": lambda _: "TARGET",
    "service.eventFirstSeen": lambda finding: epoch_ms(finding.first_seen_at),
    "service.eventLastSeen": lambda finding: epoch_ms(finding.last_seen_at),
    "service.action.actionType": lambda _: "AWS_API_CALL",
    f"{_API_CALL}.api": lambda finding: finding.api,
    f"{_API_CALL}.serviceName": lambda finding: finding.service_name,
    f"{_API_CALL}.callerType": lambda _: "Remote IP",
    f"{_API_CALL}.errorCode": lambda finding: finding.error_code,
    f"{_API_CALL}.userAgent": lambda finding: finding.user_agent,
    f"{_API_CALL}.remoteIpDetails.ipAddressV4": lambda finding: _address(finding, six=False),
    f"{_API_CALL}.remoteIpDetails.ipAddressV6": lambda finding: _address(finding, six=True),
    f"{_API_CALL}.remoteIpDetails.geoLocation.lat": lambda _: 0.0,
    f"{_API_CALL}.remoteIpDetails.geoLocation.lon": lambda _: 0.0,
}

SORTABLE = frozenset(_FIELDS)

# Fields of the CreateFilter reference that findings about root have no value for. What is below
# these two is not all listed: the reference has some four hundred, and gains more.
_ABSENT = frozenset({"associatedAttackSequenceArn", "confidence"})
_ABSENT_BELOW = ("resource.", "service.")


def _no_value(_finding: FindingRecord) -> Value:
    return ""


def _field(name: str) -> Callable[[FindingRecord], Value] | None:
    """How to read a field, or None when GuardDuty has no such field."""
    known = _FIELDS.get(name)
    if known is None and (name in _ABSENT or name.startswith(_ABSENT_BELOW)):
        return _no_value
    return known


def _listed(value: Value, wanted: object) -> bool:
    if not isinstance(wanted, list | tuple):
        return False
    if isinstance(value, str):
        return value in wanted
    return any(_is_number(text) and float(text) == value for text in wanted)


def _matches_a_pattern(value: Value, patterns: object) -> bool:
    return isinstance(patterns, list | tuple) and any(
        fnmatchcase(str(value), pattern.replace("[", "[[]")) for pattern in patterns
    )


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _above(value: Value, bound: Any) -> bool:  # noqa: ANN401 (a number of the model's shape)
    return not isinstance(value, str) and value > bound


def _below(value: Value, bound: Any) -> bool:  # noqa: ANN401 (a number of the model's shape)
    return not isinstance(value, str) and value < bound


_CONDITIONS: Mapping[str, Callable[[Value, Any], bool]] = {
    "Eq": _listed,
    "Equals": _listed,
    "Neq": lambda value, wanted: not _listed(value, wanted),
    "NotEquals": lambda value, wanted: not _listed(value, wanted),
    "Gt": _above,
    "GreaterThan": _above,
    "Gte": lambda value, bound: _above(value, bound) or value == bound,
    "GreaterThanOrEqual": lambda value, bound: _above(value, bound) or value == bound,
    "Lt": _below,
    "LessThan": _below,
    "Lte": lambda value, bound: _below(value, bound) or value == bound,
    "LessThanOrEqual": lambda value, bound: _below(value, bound) or value == bound,
    "Matches": _matches_a_pattern,
    "NotMatches": lambda value, patterns: not _matches_a_pattern(value, patterns),
}
_FILTERS_ONLY = frozenset({"Matches", "NotMatches"})


def check(criterion: Criterion, *, for_filter: bool) -> None:
    """Refuse criteria that GuardDuty would not take.

    Raises:
        OperatorError: names the field or operator and what would do.
    """
    for name, condition in criterion.items():
        if _field(name) is None:
            raise OperatorError(f"`{name}` is not a field of the findings that are here")
        for operator, operand in condition.items():
            _check_operator(name, operator, operand, for_filter=for_filter)


def _check_operator(name: str, operator: str, operand: object, *, for_filter: bool) -> None:
    if operator in _FILTERS_ONLY and not for_filter:
        raise OperatorError(f"`{operator}` on `{name}` is for filters only")
    if isinstance(operand, list | tuple) and len(operand) > MAX_VALUES:
        raise OperatorError(f"`{name}` has more than {MAX_VALUES} values")


def selects(criterion: Criterion, finding: FindingRecord) -> bool:
    """Whether every condition of every field holds for a finding."""
    return all(
        _CONDITIONS[operator](value, operand)
        for name, condition in criterion.items()
        for value in [(_field(name) or _no_value)(finding)]
        for operator, operand in condition.items()
    )


def sort_value(name: str) -> Callable[[FindingRecord], Value]:
    """The value findings are sorted by, for a field in `SORTABLE`."""
    return _FIELDS[name]
