from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore import exceptions as sdk

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.clients import Clients
from rootsteward.aws.door import Door
from rootsteward.aws.sessions import operator_session
from rootsteward.aws.settings import AwsSettings
from rootsteward.domain.errors import (
    AccessDeniedError,
    AwsRefusedError,
    EndpointUnreachableError,
    OutcomeUnknownError,
    ThrottledError,
)

if TYPE_CHECKING:
    from unit.aws.conftest import SteppedClock

READ = ApiCall("iam", "ListAccessKeys", account="222222222222")
CHANGE = ApiCall("iam", "DeleteAccessKey", account="222222222222", changes=True)


def refusal(code: str, status: int, operation: str = "ListAccessKeys") -> sdk.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "…"},
        "ResponseMetadata": {"RequestId": "r", "HTTPStatusCode": status},
    }
    return sdk.ClientError(response, operation)


THROTTLED = refusal("Throttling", 400)
FAILED = refusal("ServiceFailure", 500)
DENIED = refusal("AccessDenied", 403)
LOST = sdk.ReadTimeoutError(endpoint_url="https://iam.amazonaws.com")
UNREACHABLE = sdk.EndpointConnectionError(endpoint_url="https://iam.amazonaws.com", error="no")


class Script:
    """A request that fails in the given ways, one after the other, and then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.sent = 0

    def __call__(self) -> str:
        self.sent += 1
        if self._failures:
            raise self._failures.pop(0)
        return "answer"


class NoPace:
    """Every turn comes at once."""

    @contextmanager
    def turn(self, _api: str) -> Iterator[None]:
        yield

    def throttled(self, api: str) -> None:
        pass


@pytest.fixture
def make_door(clock: "SteppedClock") -> Callable[[float], Door]:
    settings = AwsSettings(region="eu-west-1")
    clients = Clients(operator_session(settings), settings)
    return lambda jitter: Door(clients, clock, NoPace(), lambda: jitter)


@pytest.mark.parametrize(
    "failures",
    [
        [THROTTLED] * 9,
        [FAILED] * 3,
        [LOST] * 2,
        [UNREACHABLE] * 2,
        [THROTTLED, FAILED, LOST],
    ],
)
def test_a_read_is_repeated_until_it_is_answered(
    make_door: Callable[[float], Door], failures: list[Exception]
) -> None:
    script = Script(*failures)
    assert make_door(0.5).send(READ, script) == "answer"
    assert script.sent == len(failures) + 1


@pytest.mark.parametrize(
    ("failure", "attempts", "kind"),
    [
        (THROTTLED, 10, ThrottledError),
        (FAILED, 4, AwsRefusedError),
        (LOST, 3, OutcomeUnknownError),
        (UNREACHABLE, 3, EndpointUnreachableError),
        (DENIED, 1, AccessDeniedError),
    ],
)
def test_a_read_is_given_up_in_the_end_with_the_last_reason(
    make_door: Callable[[float], Door], failure: Exception, attempts: int, kind: type[Exception]
) -> None:
    script = Script(*[failure] * 50)
    with pytest.raises(kind):
        make_door(0.5).send(READ, script)
    assert script.sent == attempts


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (THROTTLED, ThrottledError),
        (FAILED, OutcomeUnknownError),
        (LOST, OutcomeUnknownError),
        (UNREACHABLE, EndpointUnreachableError),
        (DENIED, AccessDeniedError),
    ],
)
def test_a_change_is_sent_once_whatever_happens(
    make_door: Callable[[float], Door], failure: Exception, kind: type[Exception]
) -> None:
    script = Script(failure)
    with pytest.raises(kind):
        make_door(0.5).send(CHANGE, script)
    assert script.sent == 1


def test_a_server_error_on_a_change_keeps_the_words_of_aws(
    make_door: Callable[[float], Door],
) -> None:
    with pytest.raises(OutcomeUnknownError) as caught:
        make_door(0.5).send(CHANGE, Script(refusal("ServiceFailure", 500, "DeleteAccessKey")))
    assert str(caught.value) == (
        "the service failed while it carried out iam:DeleteAccessKey: aws refused "
        "iam:DeleteAccessKey in account 222222222222: ServiceFailure: …"
    )
    assert caught.value.help == "it may have been carried out; look before doing it again"


def test_repetitions_back_off_up_to_a_bound_with_full_jitter(
    make_door: Callable[[float], Door], clock: "SteppedClock"
) -> None:
    make_door(1.0).send(READ, Script(*[THROTTLED] * 8))
    assert clock.waits == [0.5, 1, 2, 4, 8, 16, 20, 20]


def test_no_jitter_means_no_wait(make_door: Callable[[float], Door], clock: "SteppedClock") -> None:
    make_door(0.0).send(READ, Script(FAILED, FAILED))
    assert clock.waits == []
