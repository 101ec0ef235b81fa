"""Findings: list, get, archive."""

from collections.abc import Sequence
from typing import Any

from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.guardduty.requests import (
    bad_request,
    detector_of,
    iso,
    need_on_detector,
    page,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import finding_criteria
from rootsteward.sandbox.world.finding_record import FindingRecord
from rootsteward.sandbox.world.world import World

_MOST_IDS = 50


def _list(world: World, call: Call) -> Output:
    chosen = selected(world, call)
    shown, token = page(call, [finding.id for finding in _sorted(call, chosen)])
    # SOURCE: the last page has an empty token, other lists have none (rule card GD-11).
    return {"FindingIds": list(shown), "NextToken": token or ""}


def selected(world: World, call: Call) -> list[FindingRecord]:
    """The findings that the caller sees and that fit the criteria of the call."""
    detector_of(world, call)
    criterion = call.params.get("FindingCriteria", {}).get("Criterion", {})
    try:
        finding_criteria.check(criterion, for_filter=False)
    except OperatorError as error:
        raise bad_request(error.message) from None
    visible = world.findings.visible_to(call.caller.account, call.region, call.at)
    if not criterion:
        return visible
    return [finding for finding in visible if finding_criteria.selects(criterion, finding)]


def _sorted(call: Call, findings: Sequence[FindingRecord]) -> Sequence[FindingRecord]:
    """In the order asked for; without one, as they are given."""
    order = call.params.get("SortCriteria", {})
    name = order.get("AttributeName")
    if name is None:
        return findings
    if name not in finding_criteria.SORTABLE:
        raise bad_request(f"`{name}` is not a field to sort by")
    descending = order.get("OrderBy", "ASC") == "DESC"
    return sorted(findings, key=finding_criteria.sort_value(name), reverse=descending)


def _get(world: World, call: Call) -> Output:
    found = _sorted(call, _named(world, call))
    return {"Findings": [described(finding) for finding in found]}


def _named(world: World, call: Call) -> list[FindingRecord]:
    """The findings that a call names and the caller sees."""
    detector_of(world, call)
    return world.findings.visible_among(_ids(call), call.caller.account, call.region, call.at)


def _ids(call: Call) -> Sequence[str]:
    asked: Sequence[str] = call.params["FindingIds"]
    if len(asked) > _MOST_IDS:
        raise bad_request(f"more than {_MOST_IDS} finding ids are specified")
    return asked


def described(finding: FindingRecord) -> dict[str, Any]:
    """A finding as `GetFindings` shows it (rule card GD-02)."""
    return {
        "SchemaVersion": "2.0",
        "AccountId": finding.account,
        "Region": finding.region,
        "Partition": "aws",
        "Id": finding.id,
        "Arn": finding.arn,
        "Type": finding.kind.value,
        "Severity": finding.kind.severity.value,
        "Title": finding.kind.title_for(finding.api),
        "Description": finding.kind.description_for(finding.api, finding.source_ip),
        "CreatedAt": iso(finding.created_at),
        "UpdatedAt": iso(finding.updated_at),
        "Resource": {
            "ResourceType": "AccessKey",
            "AccessKeyDetails": {
                "AccessKeyId": finding.access_key_id,
                "PrincipalId": finding.account,
                "UserName": "Root",
                "UserType": "Root",
            },
        },
        "Service": _service(finding),
    }


def _service(finding: FindingRecord) -> dict[str, Any]:
    return {
        "ServiceName": "guardduty",
        "DetectorId": finding.detector_id,
        "ResourceRole": "TARGET",
        "Archived": finding.archived,
        "Count": finding.count,
        "EventFirstSeen": iso(finding.first_seen_at),
        "EventLastSeen": iso(finding.last_seen_at),
        "AdditionalInfo": {"Value": "{}", "Type": "default"},
        "FeatureName": "CloudTrailManagementEvent",
        "Action": {"ActionType": "AWS_API_CALL", "AwsApiCallAction": _api_call(finding)},
    }


def _api_call(finding: FindingRecord) -> dict[str, Any]:
    action: dict[str, Any] = {
        "Api": finding.api,
        "ServiceName": finding.service_name,
        "CallerType": "Remote IP",
        "UserAgent": finding.user_agent,
        "RemoteIpDetails": _remote_ip(finding.source_ip),
        "AffectedResources": {},
    }
    return action | {"ErrorCode": finding.error_code} if finding.error_code else action


def _remote_ip(address: str) -> dict[str, Any]:
    """Where a call came from: every member of the real one, nothing known of an address here."""
    version = "IpAddressV6" if ":" in address else "IpAddressV4"
    return {
        version: address,
        "Organization": {"Asn": "", "AsnOrg": "", "Isp": "", "Org": ""},
        "Country": {"CountryName": ""},
        "City": {"CityName": ""},
        "GeoLocation": {"Lat": 0.0, "Lon": 0.0},
    }


def _archive(world: World, call: Call, *, archived: bool) -> Output:
    """Only the administrator, or an account without one, archives (rule card GD-08)."""
    named = _named(world, call)
    account = call.caller.account
    if world.findings.administration.ruler_of(account, call.region) != account:
        raise bad_request("a member account cannot archive findings")
    ids = {finding.id for finding in named}
    if not ids.issuperset(_ids(call)):
        raise bad_request("an invalid finding identifiers is specified")
    world.findings.archive(named, archived=archived)
    return {}


OPERATIONS: Operations = {
    "ListFindings": Operation(lambda _, call: need_on_detector("ListFindings", call), _list),
    "GetFindings": Operation(lambda _, call: need_on_detector("GetFindings", call), _get),
    "ArchiveFindings": Operation(
        lambda _, call: need_on_detector("ArchiveFindings", call),
        lambda world, call: _archive(world, call, archived=True),
    ),
    "UnarchiveFindings": Operation(
        lambda _, call: need_on_detector("UnarchiveFindings", call),
        lambda world, call: _archive(world, call, archived=False),
    ),
}
