"""The one way out: paces, signs, sends, translates, and retries what is safe to repeat."""

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from rootsteward.aws.calls import ApiCall
from rootsteward.aws.clients import Clients
from rootsteward.aws.errors import translate
from rootsteward.aws.quiet import calling
from rootsteward.aws.root_session_clients import signing_as
from rootsteward.domain.errors import (
    AwsRefusedError,
    EndpointUnreachableError,
    OutcomeUnknownError,
    RootstewardError,
    ThrottledError,
)
from rootsteward.ports.clock import Clock
from rootsteward.ports.pace import Pace

T = TypeVar("T")

_SERVER_ERRORS = 500
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 20.0

# How often a read is sent in all, by what went wrong.
_ATTEMPTS_THROTTLED = 10
_ATTEMPTS_SERVER_ERROR = 4
_ATTEMPTS_NO_ANSWER = 3


class Door:
    """Sends calls. Safe for threads.

    Args:
        jitter: a number from 0 up to 1, new each time; spreads repetitions out.
    """

    def __init__(
        self, clients: Clients, clock: Clock, pace: Pace, jitter: Callable[[], float]
    ) -> None:
        self.clients = clients
        self._clock = clock
        self._pace = pace
        self._jitter = jitter

    @property
    def region(self) -> str:
        """The Region of regional calls."""
        return self.clients.region

    @property
    def partition(self) -> str:
        """The partition of that Region."""
        return self.clients.partition

    # WHY Any: a client's class is made at run time; each service file annotates what it gets.
    def client(self, call: ApiCall) -> Any:  # noqa: ANN401 (see above)
        """The shared client for a call."""
        if call.root_session is not None:
            return self.clients.for_root_sessions(call.service, call.region)
        return self.clients.own(call.service, call.region)

    def send(self, call: ApiCall, request: Callable[[], T]) -> T:
        """Carry out `request`, which makes exactly one API call.

        A read is repeated, with full jitter, after throttling, server errors, lost answers and
        failed connections. A call that changes something is sent once.

        Raises:
            RootstewardError: whatever `translate` made of the failure. For a call that changes
                something a server error is an `OutcomeUnknownError`: the service may have failed
                after the work was done.
        """
        failures: Counter[int] = Counter()
        while True:
            try:
                return self._once(call, request)
            except RootstewardError as error:
                if call.changes:
                    _raise_for_change(error, call)
                attempts = _attempts_for(error)
                # WHY each reason is counted apart: a server error after nine refusals for haste
                # is the first of its kind.
                failures[attempts] += 1
                if failures[attempts] >= attempts:
                    raise
            self._clock.sleep(self._backoff_seconds(failures.total()))

    def _once(self, call: ApiCall, request: Callable[[], T]) -> T:
        with self._pace.turn(call.pace_key), calling(), signing_as(call.root_session):
            try:
                return request()
            except (ClientError, BotoCoreError, ResponseParserError) as error:
                problem = translate(error, call)
                if isinstance(problem, ThrottledError):
                    self._pace.throttled(call.pace_key)
                raise problem from error

    def _backoff_seconds(self, failures: int) -> float:
        longest: float = min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2 ** (failures - 1))
        return self._jitter() * longest


def _attempts_for(error: RootstewardError) -> int:
    if isinstance(error, ThrottledError):
        return _ATTEMPTS_THROTTLED
    if _is_server_error(error):
        return _ATTEMPTS_SERVER_ERROR
    if isinstance(error, EndpointUnreachableError | OutcomeUnknownError):
        return _ATTEMPTS_NO_ANSWER
    return 1


def _is_server_error(error: RootstewardError) -> bool:
    return (
        isinstance(error, AwsRefusedError)
        and not isinstance(error, ThrottledError)
        and error.refusal.http_status >= _SERVER_ERRORS
    )


def _raise_for_change(error: RootstewardError, call: ApiCall) -> None:
    if _is_server_error(error):
        raise OutcomeUnknownError(
            f"the service failed while it carried out {call.name}: {error.message}",
            help="it may have been carried out; look before doing it again",
        ) from error
    raise error
