"""How each service says that it is overloaded or broken: one table (rule card STS-80)."""

from collections.abc import Mapping
from dataclasses import dataclass

from rootsteward.sandbox.call import ServiceError

_RATE_EXCEEDED = "Rate exceeded"
_INTERNAL = "We encountered an internal error. Please try again."
_UNKNOWN_FAILURE = (
    "The request processing has failed because of an unknown error, exception or failure."
)
_UNAVAILABLE = "The request has failed due to a temporary failure of the server."
_TOO_MANY_REQUESTS = (
    "You have sent too many requests in too short a period of time. Try again later."
)
_SERVICE_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class _Words:
    code: str
    message: str
    http_status: int


_THROTTLED: Mapping[str, _Words] = {
    "sts": _Words("Throttling", _RATE_EXCEEDED, 400),
    "iam": _Words("Throttling", _RATE_EXCEEDED, 400),
    "organizations": _Words("TooManyRequestsException", _TOO_MANY_REQUESTS, 400),
    "s3": _Words("SlowDown", "Please reduce your request rate.", 503),
    "sqs": _Words("RequestThrottled", "The request was denied due to request throttling.", 400),
    "guardduty": _Words("ThrottlingException", _RATE_EXCEEDED, 400),
    "cloudtrail": _Words("ThrottlingException", _RATE_EXCEEDED, 400),
}
_BROKEN: Mapping[str, _Words] = {
    "sts": _Words("InternalFailure", _UNKNOWN_FAILURE, 500),
    "iam": _Words("ServiceFailure", _UNKNOWN_FAILURE, 500),
    "organizations": _Words(
        "ServiceException",
        "AWS Organizations can't complete your request because of an internal service error. "
        "Try again later.",
        500,
    ),
    "s3": _Words("InternalError", _INTERNAL, 500),
    "sqs": _Words("InternalFailure", _UNKNOWN_FAILURE, 500),
    "guardduty": _Words("InternalServerErrorException", "An internal server error occurred.", 500),
    "cloudtrail": _Words("InternalFailure", _UNKNOWN_FAILURE, 500),
}
_ANY_THROTTLED = _THROTTLED["guardduty"]
_ANY_BROKEN = _BROKEN["cloudtrail"]


def throttled(service: str) -> ServiceError:
    """Too many calls, in the words of a service; the call was not carried out."""
    return _error(_THROTTLED.get(service, _ANY_THROTTLED))


def broken(service: str, http_status: int) -> ServiceError:
    """A fault of the service's own: 503 is `ServiceUnavailable` everywhere, 500 has a name."""
    if http_status == _SERVICE_UNAVAILABLE:
        return ServiceError("ServiceUnavailable", _UNAVAILABLE, _SERVICE_UNAVAILABLE)
    return _error(_BROKEN.get(service, _ANY_BROKEN))


def _error(words: _Words) -> ServiceError:
    return ServiceError(words.code, words.message, words.http_status)
