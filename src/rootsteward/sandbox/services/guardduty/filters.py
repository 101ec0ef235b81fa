"""Saved filters; with the action `ARCHIVE` they are suppression rules (rule card GD-08)."""

import re
from collections.abc import Sequence
from typing import Any

from rootsteward.domain.errors import OperatorError
from rootsteward.sandbox.call import Call, Need, Output
from rootsteward.sandbox.services.guardduty.requests import (
    asked_again,
    bad_request,
    detector_arn,
    detector_of,
    need_on_detector,
    page,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import finding_criteria
from rootsteward.sandbox.world.findings import Detector, Filter
from rootsteward.sandbox.world.world import World

# SOURCE: GuardDuty API reference, `CreateFilter`; GuardDuty quotas.
_FILTER_NAME = re.compile(r"[A-Za-z0-9._-]{3,64}\Z")
_MOST_FILTERS = 100
_MOST_DESCRIPTION = 512


def _filter_needs(action: str, call: Call) -> Sequence[Need]:
    arn = f"{detector_arn(call, call.params['DetectorId'])}/filter/{call.params['FilterName']}"
    return [Need(f"guardduty:{action}", arn, call.caller.account)]


def _own_detector(world: World, call: Call) -> Detector:
    """The caller's detector, when it may have rules: members may not."""
    detector = detector_of(world, call)
    if world.findings.administration.ruler_of(detector.account, call.region) != detector.account:
        raise bad_request("a member account cannot manage filters")
    return detector


def _filter(world: World, call: Call) -> Filter:
    found = detector_of(world, call).filters.get(call.params["FilterName"])
    if found is None:
        raise bad_request("the input filterName is not found")
    return found


def _check(params: Any) -> None:  # noqa: ANN401 (parameters have the shape of the model)
    criterion = params.get("FindingCriteria", {}).get("Criterion", {})
    try:
        finding_criteria.check(criterion, for_filter=True)
    except OperatorError as error:
        raise bad_request(error.message) from None
    if not 1 <= params.get("Rank", 1) <= _MOST_FILTERS:
        raise bad_request("the parameter rank has an invalid value")
    if len(params.get("Description", "")) > _MOST_DESCRIPTION:
        raise bad_request("the parameter description has an invalid value")


def _create(world: World, call: Call) -> Output:
    params = call.params
    detector = _own_detector(world, call)
    name = params["Name"]
    if not _FILTER_NAME.match(name):
        raise bad_request("the parameter name has an invalid value")
    _check(params)
    if name in detector.filters:
        if asked_again(call, detector.filters[name].client_token):
            return {"Name": name}
        raise bad_request("a filter with the given name already exists")
    if len(detector.filters) >= _MOST_FILTERS:
        raise bad_request("the maximum number of filters has been reached")
    detector.filters[name] = Filter(
        name=name,
        archives=params.get("Action", "NOOP") == "ARCHIVE",
        rank=params.get("Rank", 1),
        criterion=params["FindingCriteria"].get("Criterion", {}),
        created_at=call.at,
        updated_at=call.at,
        description=params.get("Description", ""),
        tags=params.get("Tags", {}),
        client_token=params.get("ClientToken", ""),
    )
    return {"Name": name}


def _update(world: World, call: Call) -> Output:
    params = call.params
    _own_detector(world, call)
    found = _filter(world, call)
    _check(params)
    if "Action" in params:
        found.archives = params["Action"] == "ARCHIVE"
    found.rank = params.get("Rank", found.rank)
    found.description = params.get("Description", found.description)
    found.criterion = params.get("FindingCriteria", {}).get("Criterion", found.criterion)
    found.updated_at = call.at
    found.version += 1
    return {"Name": found.name}


def _get(world: World, call: Call) -> Output:
    found = _filter(world, call)
    return {
        "Name": found.name,
        "Description": found.description,
        "Action": "ARCHIVE" if found.archives else "NOOP",
        "Rank": found.rank,
        "FindingCriteria": {"Criterion": found.criterion},
        "Tags": found.tags,
        "CreatedAt": found.created_at,
        "UpdatedAt": found.updated_at,
        "Version": found.version,
    }


def _list(world: World, call: Call) -> Output:
    shown, token = page(call, sorted(detector_of(world, call).filters))
    return {"FilterNames": list(shown)} | ({"NextToken": token} if token else {})


def _delete(world: World, call: Call) -> Output:
    detector = _own_detector(world, call)
    del detector.filters[_filter(world, call).name]
    return {}


OPERATIONS: Operations = {
    "CreateFilter": Operation(lambda _, call: need_on_detector("CreateFilter", call), _create),
    "ListFilters": Operation(lambda _, call: need_on_detector("ListFilters", call), _list),
    "GetFilter": Operation(lambda _, call: _filter_needs("GetFilter", call), _get),
    "UpdateFilter": Operation(lambda _, call: _filter_needs("UpdateFilter", call), _update),
    "DeleteFilter": Operation(lambda _, call: _filter_needs("DeleteFilter", call), _delete),
}
