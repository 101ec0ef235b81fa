"""What every GuardDuty operation asks of a request, and GuardDuty's errors.

SOURCE: GuardDuty API reference, errors of each operation (rule card GD-09).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from rootsteward.sandbox.call import Call, Need, ServiceError
from rootsteward.sandbox.services.page_tokens import name_before, token_after
from rootsteward.sandbox.world.findings import Detector
from rootsteward.sandbox.world.world import World

_MOST_PER_PAGE = 50


def bad_request(reason: str, *, error_type: str = "InvalidInputException") -> ServiceError:
    """The one error GuardDuty has for input it does not take, in its usual words."""
    return refused(f"The request is rejected because {reason}.", error_type=error_type)


def refused(message: str, *, error_type: str = "InvalidInputException") -> ServiceError:
    """The same error where GuardDuty has other words (rule card GD-09)."""
    return ServiceError("BadRequestException", message, members={"Type": error_type})


def detector_of(world: World, call: Call) -> Detector:
    """The caller's detector that a call names.

    Raises:
        ServiceError: when the caller has no such detector in the Region.
    """
    detector = world.findings.detector(call.caller.account, call.region)
    if detector is None or detector.id != call.params["DetectorId"]:
        raise bad_request("the input detectorId is not owned by the current account")
    return detector


def administered_detector(world: World, call: Call) -> Detector:
    """The caller's detector that a call names, when it is the Region's administrator's.

    Raises:
        ServiceError: when the caller has no such detector, or does not administer GuardDuty.
    """
    detector = detector_of(world, call)
    if not world.findings.administration.administers(detector.account, call.region):
        raise bad_request("the current account is not the administrator of the organization")
    return detector


def detector_arn(call: Call, detector_id: str) -> str:
    """A detector's ARN, in the caller's account."""
    return f"arn:aws:guardduty:{call.region}:{call.caller.account}:detector/{detector_id}"


def need_on_detector(action: str, call: Call) -> Sequence[Need]:
    """The permission for an action on the detector a call names."""
    arn = detector_arn(call, call.params["DetectorId"])
    return [Need(f"guardduty:{action}", arn, call.caller.account)]


def need_anywhere(action: str, call: Call) -> Sequence[Need]:
    """The permission for an action that is about no detector."""
    return [Need(f"guardduty:{action}", "*", call.caller.account)]


def page(call: Call, names: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """One page of unique names that are in a fixed order, and the token of the next page.

    Raises:
        ServiceError: when the token or the page size is not one GuardDuty takes.
    """
    most = check_page_size(call)
    start = 0
    if token := call.params.get("NextToken"):
        before = name_before(token)
        if before not in names:
            raise refused("The request is rejected because an invalid next token is specified")
        start = names.index(before) + 1
    shown = names[start : start + most]
    more = start + most < len(names)
    return shown, token_after(shown[-1]) if more else None


def check_page_size(call: Call) -> int:
    """The most that a page may hold.

    Raises:
        ServiceError: when the number is not one GuardDuty takes.
    """
    most: int = call.params.get("MaxResults", _MOST_PER_PAGE)
    if not 1 <= most <= _MOST_PER_PAGE:
        raise bad_request("the parameter maxResults is out-of-bounds")
    return most


def asked_again(call: Call, client_token: str) -> bool:
    """Whether a call is one that was carried out already, sent again (rule card GD-10)."""
    return bool(client_token) and call.params.get("ClientToken") == client_token


def iso(at: datetime) -> str:
    """A time as GuardDuty writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
