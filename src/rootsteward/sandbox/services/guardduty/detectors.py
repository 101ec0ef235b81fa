"""Detectors: GuardDuty switched on in one account and Region."""

from collections.abc import Mapping
from typing import Any

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.guardduty.requests import (
    asked_again,
    bad_request,
    detector_of,
    iso,
    need_anywhere,
    need_on_detector,
    page,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.world import World

_ON, _OFF = {"Status": "ENABLED"}, {"Status": "DISABLED"}
# LIMIT: the sandbox has the foundational data sources and none of the protection plans.
_DATA_SOURCES: Mapping[str, Any] = {
    "CloudTrail": _ON,
    "DNSLogs": _ON,
    "FlowLogs": _ON,
    "S3Logs": _OFF,
}


def _list(world: World, call: Call) -> Output:
    detector = world.findings.detector(call.caller.account, call.region)
    shown, token = page(call, [detector.id] if detector else [])
    return {"DetectorIds": list(shown)} | ({"NextToken": token} if token else {})


def _get(world: World, call: Call) -> Output:
    detector = detector_of(world, call)
    account = detector.account
    role = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
    return {
        "CreatedAt": iso(detector.created_at),
        "UpdatedAt": iso(detector.created_at),
        "FindingPublishingFrequency": "SIX_HOURS",
        "ServiceRole": f"arn:aws:iam::{account}:{role}",
        "Status": "ENABLED",
        "DataSources": _DATA_SOURCES,
        "Features": [
            {"Name": name, "Status": "ENABLED", "UpdatedAt": detector.created_at}
            for name in ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
        ],
        "Tags": {},
    }


def _create(world: World, call: Call) -> Output:
    if not call.params["Enable"]:
        raise bad_request("the sandbox has no detectors that are switched off")
    if unsupported := {"DataSources", "Features", "Tags"} & call.params.keys():
        raise bad_request(f"the sandbox does not act on {', '.join(sorted(unsupported))}")
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
