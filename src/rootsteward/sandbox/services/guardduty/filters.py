"""Saved filters; with the action `ARCHIVE` they are suppression rules (rule card GD-08)."""

import re
from collections.abc import Mapping, Sequence
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
    refused,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world import finding_criteria
from rootsteward.sandbox.world.findings import Detector, Filter
from rootsteward.sandbox.world.world import World

# SOURCE: GuardDuty API reference, `CreateFilter`; GuardDuty quotas.
_FILTER_NAME = re.compile(r"[A-Za-z0-9._-]{3,64}\Z")
_MOST_FILTERS = 100
_MOST_DESCRIPTION = 512
# A condition is shown under both of its names, whichever was given (rule card GD-13).
_NAMES = {
    "Eq": "Equals",
    "Neq": "NotEquals",
    "Gt": "GreaterThan",
    "Gte": "GreaterThanOrEqual",
    "Lt": "LessThan",
    "Lte": "LessThanOrEqual",
}
_OTHER_NAMES = _NAMES | {long: short for short, long in _NAMES.items()}


def _filter_needs(action: str, call: Call) -> Sequence[Need]:
    arn = f"{detector_arn(call, call.params['DetectorId'])}/filter/{call.params['FilterName']}"
    return [Need(f"guardduty:{action}", arn, call.caller.account)]


def _own_detector(world: World, call: Call) -> Detector:
    """The caller's detector, when it may have rules: members may not."""
    detector = detector_of(world, call)
    if world.findings.administration.ruler_of(detector.account, call.region) != detector.account:
        raise bad_request("a member account cannot manage filters")
    return detector


def _own_filter(world: World, call: Call) -> tuple[Detector, Filter]:
    """The filter to change, with the detector it belongs to."""
    detector = _own_detector(world, call)
    found = detector.filters.get(call.params["FilterName"])
    if found is None:
        raise bad_request("the given filter name is invalid")
    return detector, found


def _in_order(detector: Detector) -> list[Filter]:
    return sorted(detector.filters.values(), key=lambda each: each.rank)


def _rank(detector: Detector, moved: Filter, rank: int) -> None:
    """Put a filter in its place and number all of them without gaps (rule card GD-13)."""
    order = [each for each in _in_order(detector) if each is not moved]
    order.insert(rank - 1, moved)
    _number(order)


def _number(order: Sequence[Filter]) -> None:
    for rank, each in enumerate(order, 1):
        each.rank = rank


def _check(params: Any) -> None:  # noqa: ANN401 (parameters have the shape of the model)
    if not 1 <= params.get("Rank", 1) <= _MOST_FILTERS:
        raise bad_request("the one or more input parameters have invalid values")
    if "FindingCriteria" in params:
        _check_criterion(params["FindingCriteria"].get("Criterion", {}))
    if len(params.get("Description", "")) > _MOST_DESCRIPTION:
        raise bad_request("the parameter description has an invalid value")


def _check_criterion(criterion: finding_criteria.Criterion) -> None:
    if not criterion:
        raise bad_request("one or more arguments are invalid")
    try:
        finding_criteria.check(criterion, for_filter=True)
    except OperatorError:
        raise refused(
            "The request was rejected because the parameter findingCriteria has an invalid value."
        ) from None


def _create(world: World, call: Call) -> Output:
    params = call.params
    detector = _own_detector(world, call)
    name = params["Name"]
    if not _FILTER_NAME.match(name):
        raise bad_request("the given filter name is invalid")
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
        rank=1,
        criterion=params["FindingCriteria"].get("Criterion", {}),
        created_at=call.at,
        updated_at=call.at,
        description=params.get("Description"),
        tags=params.get("Tags", {}),
        client_token=params.get("ClientToken", ""),
    )
    _rank(detector, detector.filters[name], params.get("Rank", 1))
    return {"Name": name}


def _update(world: World, call: Call) -> Output:
    params = call.params
    detector, found = _own_filter(world, call)
    _check(params)
    if params.get("Rank", 1) > len(detector.filters):
        raise bad_request("the parameter rank is out-of-bounds")
    if "Action" in params:
        found.archives = params["Action"] == "ARCHIVE"
    _rank(detector, found, params.get("Rank", found.rank))
    found.description = params.get("Description", found.description)
    found.criterion = params.get("FindingCriteria", {}).get("Criterion", found.criterion)
    found.updated_at = call.at
    found.version += 1
    return {"Name": found.name}


def _get(world: World, call: Call) -> Output:
    found = detector_of(world, call).filters.get(call.params["FilterName"])
    if found is None:
        raise refused("The request is rejected since no such resource found.")
    return {
        "Name": found.name,
        "Description": found.description,
        "Action": "ARCHIVE" if found.archives else "NOOP",
        "Rank": found.rank,
        "FindingCriteria": {"Criterion": _shown(found.criterion)},
        "Tags": found.tags,
        "CreatedAt": found.created_at,
        "UpdatedAt": found.updated_at,
        "Version": found.version,
    }


def _shown(criterion: finding_criteria.Criterion) -> Mapping[str, Mapping[str, Any]]:
    return {
        name: {_OTHER_NAMES.get(each, each): value for each, value in condition.items()}
        | dict(condition)
        for name, condition in criterion.items()
    }


def _list(world: World, call: Call) -> Output:
    """In the order of their ranks."""
    shown, token = page(call, [each.name for each in _in_order(detector_of(world, call))])
    return {"FilterNames": list(shown)} | ({"NextToken": token} if token else {})


def _delete(world: World, call: Call) -> Output:
    detector, found = _own_filter(world, call)
    del detector.filters[found.name]
    _number(_in_order(detector))
    return {}


OPERATIONS: Operations = {
    "CreateFilter": Operation(lambda _, call: need_on_detector("CreateFilter", call), _create),
    "ListFilters": Operation(lambda _, call: need_on_detector("ListFilters", call), _list),
    "GetFilter": Operation(lambda _, call: _filter_needs("GetFilter", call), _get),
    "UpdateFilter": Operation(lambda _, call: _filter_needs("UpdateFilter", call), _update),
    "DeleteFilter": Operation(lambda _, call: _filter_needs("DeleteFilter", call), _delete),
}
