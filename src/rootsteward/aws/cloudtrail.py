"""CloudTrail: who opened root sessions, from the event history of the caller's account."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.pages import every_page
from rootsteward.aws.service import Service
from rootsteward.domain.findings import TrailEvent

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail.client import CloudTrailClient


class CloudTrailService(Service):
    """`TrailReader`."""

    def assume_root_events(self, region: str, since: datetime) -> Iterator[TrailEvent]:
        """`AssumeRoot` events recorded in a Region since a moment, newest first.

        LIMIT: the event history keeps 90 days, and an event takes minutes to appear in it.
        """
        call = ApiCall("cloudtrail", "LookupEvents", region)
        client: CloudTrailClient = self._door.client(call)
        for page in every_page(
            lambda more: self._door.send(
                call,
                lambda: client.lookup_events(
                    LookupAttributes=[
                        {"AttributeKey": "EventName", "AttributeValue": "AssumeRoot"}
                    ],
                    StartTime=since,
                    **more,
                ),
            )
        ):
            for event in page["Events"]:
                yield trail_event(json.loads(event["CloudTrailEvent"]))


# WHY Any: a record's members differ from event to event, and null stands for many of them.
def trail_event(record: Mapping[str, Any]) -> TrailEvent:
    """One CloudTrail record, tolerant of what a refused or an older record leaves out."""
    identity = record.get("userIdentity") or {}
    asked = record.get("requestParameters") or {}
    issued = (record.get("responseElements") or {}).get("credentials") or {}
    return TrailEvent(
        id=record["eventID"],
        at=datetime.fromisoformat(record["eventTime"]),
        name=record["eventName"],
        source=record["eventSource"],
        region=record["awsRegion"],
        account=record.get("recipientAccountId") or identity.get("accountId", ""),
        principal_arn=identity.get("arn", ""),
        access_key_id=identity.get("accessKeyId", ""),
        issued_access_key_id=issued.get("accessKeyId", ""),
        target_account=_account_in(asked.get("targetPrincipal", "")),
        task_policy_arn=(asked.get("taskPolicyArn") or {}).get("arn", ""),
        error_code=record.get("errorCode", ""),
    )


def _account_in(principal: str) -> str:
    """The target is an account id or the ARN of its root user (rule card STS-42)."""
    return principal.split(":")[4] if principal.startswith("arn:") else principal
