"""From a request to its answer: one sandbox, one call at a time.

The order of the steps is AWS's (rule card ROOT-03): signature, request validation, authorization,
then the operation with its own gates.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from botocore.model import OperationModel

from rootsteward.domain.errors import BugError
from rootsteward.sandbox.behaviour import Behaviour
from rootsteward.sandbox.call import Call, Caller, Output, ServiceError
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.faults import NO_STRIKE, Faults, Reset, Strike
from rootsteward.sandbox.perform import Performer
from rootsteward.sandbox.recent_calls import SUCCESS, RecentCalls
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.services.organizations.account_creation import settle_account_requests
from rootsteward.sandbox.services.registry import OPERATIONS
from rootsteward.sandbox.subject import subject_of
from rootsteward.sandbox.throttle import Throttle
from rootsteward.sandbox.wire.decode import decode
from rootsteward.sandbox.wire.encode import encode, encode_error
from rootsteward.sandbox.wire.http import HttpRequest, HttpResponse
from rootsteward.sandbox.wire.models import Service
from rootsteward.sandbox.wire.route import identify, route
from rootsteward.sandbox.wire.sigv4 import Signature, SigningKey, verify
from rootsteward.sandbox.wire.validate import validate_call
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.trail import event_region
from rootsteward.sandbox.world.world import Credential, World

_log = logging.getLogger(__name__)
_QUERY_SERVICES = {"iam", "sts"}
_CONNECTION_CUT = "connection cut"
_CUT = HttpResponse(0, reset=True)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# Regional services that know no credentials in a Region that is off (rule card STS-08), with the
# code each says so by. STS has an error of its own; S3 redirects by bucket.
_UNKNOWN_CREDENTIALS = {
    "cloudtrail": "UnrecognizedClientException",
    "guardduty": "UnrecognizedClientException",
    "sqs": "InvalidClientTokenId",
}


@dataclass(slots=True)
class _Progress:
    """How far a request has been understood, for an error in its own protocol."""

    request_id: str
    at: datetime
    service: Service | None = None
    operation: OperationModel | None = None
    region: str = ""
    caller: Caller | None = None
    strike: Strike = NO_STRIKE
    error: ServiceError | None = None


class Sandbox:
    """An organization in a box. Not safe for threads.

    `world` may be changed between calls, for example by a scenario or a test; `behave` changes
    its faults on demand. What the world's own `behaviour` says holds from the start.
    """

    def __init__(self, world: World) -> None:
        self.start(world)

    def start(self, world: World) -> None:
        """Serve a world from now on; what is left of the one before is forgotten."""
        self.world = world
        self.recent_calls = RecentCalls()
        self.faults = Faults(world.behaviour.faults)
        self._performer = Performer(world, self.faults)
        self._throttle = Throttle()

    def behave(self, behaviour: Behaviour) -> None:
        """Change faults, throttling and realism at once; the counts of new fault rules are 0."""
        if behaviour.faults is not self.world.behaviour.faults:
            self.faults = Faults(behaviour.faults)
        self.world.behaviour = behaviour
        self._performer.behave(self.faults)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request. Every refusal and every fault becomes an AWS-shaped error."""
        progress = _Progress(ids.request_id(self.world.random), self.world.now())
        try:
            response = self._answer(request, progress)
        except ServiceError as error:
            response = _refuse(error, progress)
        except Exception:  # noqa: BLE001 (one bad request must never take the server down)
            _log.exception("request %s failed inside the sandbox", progress.request_id)
            fault = ServiceError("InternalFailure", "the sandbox failed; see its log", 500)
            response = _refuse(fault, progress)
        if progress.strike is not NO_STRIKE:
            response = _struck(response, progress.strike)
        self._note(progress, response)
        return response

    def _answer(self, request: HttpRequest, progress: _Progress) -> HttpResponse:
        progress.service = service = identify(request)
        if self.faults.active:
            progress.strike = self.faults.strike(subject_of(request, service, self.world))
        strike = progress.strike
        if strike.reset is Reset.BEFORE_WORK:
            return _CUT
        signature = self._verified(request, strike, progress.at)
        if service is None:
            raise not_implemented(signature.service)
        if signature.body is not request.body:
            request = replace(request, body=signature.body)
        routed = route(request, service)
        progress.operation = routed.operation
        progress.region = signature.region
        progress.caller = self._caller(signature)
        self._check_region(service.name, signature.region)
        _find_operation(service.name, routed.operation.name)
        params = decode(request, routed)
        validate_call(service, routed.operation, params)
        call = Call(
            service=service.name,
            operation=routed.operation.name,
            params=params,
            region=signature.region,
            caller=progress.caller,
            request_id=progress.request_id,
            at=progress.at,
            host=request.host,
            source_ip=request.source_ip,
            user_agent=request.headers.get("user-agent"),
            # WHY always: the sandbox stands for AWS's HTTPS endpoints, and policies that deny
            # plain HTTP must not lock everybody out of it (rule card IAM-09).
            secure=True,
        )
        self._check_capacity(call, strike)
        output = self.carry_out(call, strike)
        if strike.lost_answer is not None:
            raise strike.lost_answer
        return encode(output, service, routed.operation, progress.request_id)

    def _verified(self, request: HttpRequest, strike: Strike, at: datetime) -> Signature:
        """The signature, checked against the time that clients sign with."""
        clock = self.world.now
        signing_time = clock.real() if isinstance(clock, SandboxClock) else at
        if strike is NO_STRIKE:
            return verify(request, self._find_key, signing_time)
        find_key = self._find_expired_key if strike.expires_session else self._find_key
        return verify(request, find_key, signing_time + timedelta(seconds=strike.skew_seconds))

    def _check_region(self, service: str, region: str) -> None:
        """Only of Regional services; the global ones take every Region (rule card IAM-22)."""
        if service in _UNKNOWN_CREDENTIALS and region not in self.world.regions:
            raise ServiceError(
                _UNKNOWN_CREDENTIALS[service],
                "The security token included in the request is invalid.",
                403,
            )

    def _caller(self, signature: Signature) -> Caller:
        credential = self.world.credential(signature.access_key_id)
        if credential is None:
            raise BugError(f"access key `{signature.access_key_id}` verified and then was gone")
        return credential.caller

    def _check_capacity(self, call: Call, strike: Strike) -> None:
        """Refuse what a fault or a rate says; such calls reach neither judge nor trail."""
        if strike.refusal is not None:
            raise strike.refusal
        if self.world.behaviour.throttle:
            self._throttle.check(call)

    def carry_out(self, call: Call, strike: Strike = NO_STRIKE) -> Output:
        """Authorize and run one call that is authentic and well formed, and record it.

        Raises:
            ServiceError: the call is refused; it is recorded all the same.
        """
        world = self.world
        operation = _find_operation(call.service, call.operation)
        settle_account_requests(world)
        bucket = world.buckets.find(call.params.get("Bucket", "")) if call.service == "s3" else None
        owner = None if bucket is None else bucket.owner
        world.findings.welcome(world.organization, call.at)
        try:
            output = self._performer.perform(operation, call, strike)
        except ServiceError as error:
            world.trail.record(call, error=error, owner=owner)
            world.findings.observe(call, error=error)
            raise
        finally:
            world.note_key_use(call.caller.access_key_id, call.service, event_region(call))
        world.trail.record(call, output=output, owner=owner)
        world.findings.observe(call)
        return output

    def _find_key(self, access_key_id: str) -> SigningKey | None:
        credential = self.world.credential(access_key_id)
        if credential is None:
            return None
        token = credential.token.reveal() if credential.token else None
        return SigningKey(credential.secret.reveal(), token, self._expiry(credential))

    def _expiry(self, credential: Credential) -> datetime | None:
        """When a session expires, on the clock that signatures are checked with."""
        now = self.world.now
        if credential.expires_at is None or not isinstance(now, SandboxClock):
            return credential.expires_at
        return credential.expires_at - timedelta(seconds=now.ahead_seconds)

    def _find_expired_key(self, access_key_id: str) -> SigningKey | None:
        key = self._find_key(access_key_id)
        return key and replace(key, expires_at=_LONG_AGO)

    def _note(self, progress: _Progress, response: HttpResponse) -> None:
        error = progress.error
        outcome = error.code if error else SUCCESS
        if response.reset:
            outcome = _CONNECTION_CUT
        self.recent_calls.note(
            progress.at,
            progress.request_id,
            progress.service.name if progress.service else "",
            progress.operation.name if progress.operation else "",
            progress.region,
            progress.caller,
            outcome,
            response.status,
            error.message if error else "",
            progress.strike.kinds,
        )


def _struck(response: HttpResponse, strike: Strike) -> HttpResponse:
    """The answer as it reaches the client: late, or not at all."""
    return replace(response, delay_seconds=strike.delay_seconds, reset=strike.reset is not None)


def _find_operation(service: str, name: str) -> Operation:
    operation = OPERATIONS.get((service, name))
    if operation is None:
        raise not_implemented(service, name)
    return operation


def not_implemented(service: str, operation: str = "") -> ServiceError:
    """The sandbox never pretends: what it cannot do it says.

    WHY status 400: no client repeats a request after it.
    """
    what = f"{operation} of {service}" if operation else f"the service {service}"
    code = "InvalidAction" if service in _QUERY_SERVICES else "UnknownOperationException"
    return ServiceError(code, f"the sandbox does not implement {what}")


def _refuse(error: ServiceError, progress: _Progress) -> HttpResponse:
    progress.error = error
    return encode_error(error, progress.service, progress.operation, progress.request_id)
