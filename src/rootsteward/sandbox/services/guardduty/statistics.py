"""How many findings there are, by severity, account, day, type or resource.

SOURCE: GuardDuty API reference, `GetFindingsStatistics`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.guardduty.findings import selected
from rootsteward.sandbox.services.guardduty.requests import bad_request, need_on_detector
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.finding_record import FindingRecord
from rootsteward.sandbox.world.world import World

_MOST_GROUPS, _GROUPS = 100, 25

# What findings are grouped by, as members of the group's description.
_Key = Callable[[FindingRecord], Mapping[str, Any]]


def _day(finding: FindingRecord) -> datetime:
    return finding.updated_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


_GROUPINGS: Mapping[str, tuple[str, _Key]] = {
    "ACCOUNT": ("GroupedByAccount", lambda finding: {"AccountId": finding.account}),
    "DATE": (
        "GroupedByDate",
        lambda finding: {"Date": _day(finding), "Severity": finding.kind.severity.value},
    ),
    "FINDING_TYPE": ("GroupedByFindingType", lambda finding: {"FindingType": finding.kind.value}),
    "RESOURCE": (
        "GroupedByResource",
        lambda finding: {
            "AccountId": finding.account,
            "ResourceId": finding.access_key_id,
            "ResourceType": "AccessKey",
        },
    ),
    "SEVERITY": (
        "GroupedBySeverity",
        lambda finding: {"Severity": finding.kind.severity.value},
    ),
}


def _statistics(world: World, call: Call) -> Output:
    params = call.params
    if ("GroupBy" in params) == bool(params.get("FindingStatisticTypes")):
        raise bad_request("one of groupBy and findingStatisticTypes must be specified")
    findings = selected(world, call)
    if "GroupBy" not in params:
        return {"FindingStatistics": {"CountBySeverity": _count_by_severity(findings)}}
    member, key = _GROUPINGS[params["GroupBy"]]
    groups = _groups(findings, key)
    if "OrderBy" in params:
        # WHY by number: the real answer is ordered by it, most first unless it is asked ASC.
        descending = params["OrderBy"] == "DESC"
        groups.sort(key=lambda group: int(group["TotalFindings"]), reverse=descending)
    return {"FindingStatistics": {member: groups[: _most(params)]}}


def _most(params: Mapping[str, Any]) -> int:
    most: int = params.get("MaxResults", _GROUPS)
    if not 1 <= most <= _MOST_GROUPS:
        raise bad_request("an invalid or out-of-range value is specified as an input parameter")
    return most


def _count_by_severity(findings: Sequence[FindingRecord]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in findings:
        severity = str(finding.kind.severity.value)
        counts[severity] = counts.get(severity, 0) + 1
    return counts


def _groups(findings: Sequence[FindingRecord], key: _Key) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for finding in findings:
        named = key(finding)
        group = groups.setdefault(
            tuple(named.values()),
            {**named, "LastGeneratedAt": finding.updated_at, "TotalFindings": 0},
        )
        group["TotalFindings"] += 1
        group["LastGeneratedAt"] = max(group["LastGeneratedAt"], finding.updated_at)
    return list(groups.values())


OPERATIONS: Operations = {
    "GetFindingsStatistics": Operation(
        lambda _, call: need_on_detector("GetFindingsStatistics", call), _statistics
    ),
}
