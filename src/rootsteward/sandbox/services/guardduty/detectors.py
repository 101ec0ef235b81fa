"""Detectors: GuardDuty switched on in one account and Region."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.guardduty.requests import (
    asked_again,
    bad_request,
    check_page_size,
    detector_of,
    iso,
    need_anywhere,
    need_on_detector,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.world import World

_ON, _OFF = {"Status": "ENABLED"}, {"Status": "DISABLED"}
_FREQUENCY = "SIX_HOURS"
# LIMIT: the sandbox has the foundational data sources and none of the protection plans.
# SOURCE: the shape of a detector whose plans are all off (rule card GD-12).
_DATA_SOURCES: Mapping[str, Any] = {
    "CloudTrail": _ON,
    "DNSLogs": _ON,
    "FlowLogs": _ON,
    "S3Logs": _OFF,
    "Kubernetes": {"AuditLogs": _OFF},
    "MalwareProtection": {"ScanEc2InstanceWithFindings": {"EbsVolumes": _OFF}},
}
_FOUNDATIONAL = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
# The other features, each with what it says of its additional configuration, if anything.
_PLANS: Mapping[str, tuple[str, ...] | None] = {
    "S3_DATA_EVENTS": None,
    "EKS_AUDIT_LOGS": None,
    "EBS_MALWARE_PROTECTION": None,
    "RDS_LOGIN_EVENTS": (),
    "AI_PROTECTION": None,
    "AI_ANALYST": None,
    "EKS_RUNTIME_MONITORING": ("EKS_ADDON_MANAGEMENT",),
    "LAMBDA_NETWORK_LOGS": None,
    "RUNTIME_MONITORING": (
        "EKS_ADDON_MANAGEMENT",
        "ECS_FARGATE_AGENT_MANAGEMENT",
        "EC2_AGENT_MANAGEMENT",
    ),
}


def _list(world: World, call: Call) -> Output:
    """An account has one detector in a Region: a token is not even read."""
    check_page_size(call)
    detector = world.findings.detector(call.caller.account, call.region)
    return {"DetectorIds": [detector.id] if detector else []}


def _get(world: World, call: Call) -> Output:
    detector = detector_of(world, call)
    account = detector.account
    role = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
    return {
        "CreatedAt": iso(detector.created_at),
        "UpdatedAt": iso(detector.created_at),
        "FindingPublishingFrequency": _FREQUENCY,
        "ServiceRole": f"arn:aws:iam::{account}:{role}",
        "Status": "ENABLED",
        "DataSources": _DATA_SOURCES,
        "Features": _features(call.at, detector.created_at),
        "Tags": {},
    }


def _features(now: datetime, created_at: datetime) -> list[dict[str, Any]]:
    """SOURCE: what is always on counts as updated whenever it is asked for (rule card GD-12)."""
    always = [{"Name": name, **_ON, "UpdatedAt": now} for name in _FOUNDATIONAL]
    return always + [
        {"Name": name, **_OFF, "UpdatedAt": created_at}
        | ({} if parts is None else {"AdditionalConfiguration": _parts(parts, created_at)})
        for name, parts in _PLANS.items()
    ]


def _parts(names: Sequence[str], created_at: datetime) -> list[dict[str, Any]]:
    return [{"Name": name, **_OFF, "UpdatedAt": created_at} for name in names]


def _create(world: World, call: Call) -> Output:
    if not call.params["Enable"]:
        raise bad_request("the sandbox has no detectors that are switched off")
    if unsupported := {"DataSources", "Features", "Tags"} & call.params.keys():
        raise bad_request(f"the sandbox does not act on {', '.join(sorted(unsupported))}")
    if call.params.get("FindingPublishingFrequency", _FREQUENCY) != _FREQUENCY:
        raise bad_request("the sandbox does not act on FindingPublishingFrequency")
    detector = world.findings.detector(call.caller.account, call.region)
    if detector is not None:
        if asked_again(call, detector.client_token):
            return {"DetectorId": detector.id}
        raise bad_request("a detector already exists for the current account")
    detector = world.findings.switch_on(call.caller.account, call.region, call.at)
    detector.client_token = call.params.get("ClientToken", "")
    return {"DetectorId": detector.id}


def _delete(world: World, call: Call) -> Output:
    detector = detector_of(world, call)
    administration = world.findings.administration
    if administration.ruler_of(detector.account, call.region) != detector.account:
        raise bad_request("the current account is a member of an administrator account")
    if administration.administers(detector.account, call.region):
        raise bad_request("the current account is the administrator of the organization")
    world.findings.switch_off(detector.account, detector.region)
    return {}


OPERATIONS: Operations = {
    "ListDetectors": Operation(lambda _, call: need_anywhere("ListDetectors", call), _list),
    "CreateDetector": Operation(lambda _, call: need_anywhere("CreateDetector", call), _create),
    "GetDetector": Operation(lambda _, call: need_on_detector("GetDetector", call), _get),
    "DeleteDetector": Operation(lambda _, call: need_on_detector("DeleteDetector", call), _delete),
}
