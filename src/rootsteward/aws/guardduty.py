"""GuardDuty: findings of the caller's own detector."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.pages import every_page
from rootsteward.aws.service import Service
from rootsteward.domain.findings import Finding

if TYPE_CHECKING:
    from mypy_boto3_guardduty.client import GuardDutyClient
    from mypy_boto3_guardduty.type_defs import FindingCriteriaTypeDef

_PAGE_SIZE = 50  # SOURCE: GuardDuty API reference: at most 50 ids per ListFindings and GetFindings.


class GuardDutyService(Service):
    """`FindingReader`."""

    def findings(self, region: str, *, types: Sequence[str] = ()) -> Iterator[Finding]:
        """Findings in a Region, newest first, archived ones included.

        An administrator account's detector has the members' findings too. Yields nothing when the
        Region has no detector.
        """
        call = ApiCall("guardduty", "ListDetectors", region)
        client: GuardDutyClient = self._door.client(call)
        for page in every_page(
            lambda more: self._door.send(call, lambda: client.list_detectors(**more))
        ):
            for detector_id in page["DetectorIds"]:
                yield from self._of_detector(region, detector_id, types)

    def _of_detector(
        self, region: str, detector_id: str, types: Sequence[str]
    ) -> Iterator[Finding]:
        call = ApiCall("guardduty", "ListFindings", region)
        client: GuardDutyClient = self._door.client(call)
        # WHY no criterion on `service.archived`: without one both kinds are listed.
        wanted: FindingCriteriaTypeDef = (
            {"Criterion": {"type": {"Equals": list(types)}}} if types else {"Criterion": {}}
        )
        for page in every_page(
            lambda more: self._door.send(
                call,
                lambda: client.list_findings(
                    DetectorId=detector_id,
                    FindingCriteria=wanted,
                    SortCriteria={"AttributeName": "updatedAt", "OrderBy": "DESC"},
                    MaxResults=_PAGE_SIZE,
                    **more,
                ),
            )
        ):
            yield from self._details(region, detector_id, page["FindingIds"])

    def _details(self, region: str, detector_id: str, ids: Sequence[str]) -> Iterator[Finding]:
        if not ids:
            return
        call = ApiCall("guardduty", "GetFindings", region)
        client: GuardDutyClient = self._door.client(call)
        answer = self._door.send(
            call, lambda: client.get_findings(DetectorId=detector_id, FindingIds=ids)
        )
        # GetFindings promises no order; ListFindings gave the newest first.
        by_id = {finding["Id"]: finding for finding in answer["Findings"]}
        yield from (_finding(by_id[each]) for each in ids if each in by_id)


# WHY Any: a finding's members depend on its type; findings about other resources lack most.
def _finding(finding: Mapping[str, Any]) -> Finding:
    service = finding.get("Service", {})
    action = service.get("Action", {}).get("AwsApiCallAction", {})
    key = finding.get("Resource", {}).get("AccessKeyDetails", {})
    return Finding(
        id=finding["Id"],
        arn=finding["Arn"],
        type=finding["Type"],
        account=finding["AccountId"],
        region=finding["Region"],
        severity=float(finding["Severity"]),
        title=finding.get("Title", ""),
        api=action.get("Api", ""),
        service_name=action.get("ServiceName", ""),
        access_key_id=key.get("AccessKeyId", ""),
        user_type=key.get("UserType", ""),
        count=int(service.get("Count", 1)),
        first_seen_at=_at(service.get("EventFirstSeen") or finding["CreatedAt"]),
        last_seen_at=_at(service.get("EventLastSeen") or finding["UpdatedAt"]),
        archived=bool(service.get("Archived", False)),
        source_ip=action.get("RemoteIpDetails", {}).get("IpAddressV4", ""),
    )


def _at(text: str) -> datetime:
    """GuardDuty's times are text in ISO 8601 with a `Z`."""
    return datetime.fromisoformat(text)
