"""From a request to its answer: one sandbox, one call at a time.

The order of the steps is AWS's (rule card ROOT-03): signature, request validation, authorization,
then the operation with its own gates.
"""

import logging
from dataclasses import dataclass, replace

from botocore.model import OperationModel

from rootsteward.domain.errors import BugError
from rootsteward.sandbox.call import Call, Caller, Output, ServiceError
from rootsteward.sandbox.judge import authorize
from rootsteward.sandbox.services.operation import Operation
from rootsteward.sandbox.services.organizations.account_creation import settle_account_requests
from rootsteward.sandbox.services.registry import OPERATIONS
from rootsteward.sandbox.wire.decode import decode
from rootsteward.sandbox.wire.encode import encode, encode_error
from rootsteward.sandbox.wire.http import HttpRequest, HttpResponse
from rootsteward.sandbox.wire.models import Service
from rootsteward.sandbox.wire.route import identify, route
from rootsteward.sandbox.wire.sigv4 import Signature, SigningKey, verify
from rootsteward.sandbox.wire.validate import validate_call
from rootsteward.sandbox.world import ids
from rootsteward.sandbox.world.trail import event_region
from rootsteward.sandbox.world.world import World

_log = logging.getLogger(__name__)
_QUERY_SERVICES = {"iam", "sts"}
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
    service: Service | None = None
    operation: OperationModel | None = None


class Sandbox:
    """An organization in a box. Not safe for threads.

    `world` may be changed between calls, for example by a scenario or a test.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request. Every refusal and every fault becomes an AWS-shaped error."""
        progress = _Progress(ids.request_id(self.world.random))
        try:
            return self._answer(request, progress)
        except ServiceError as error:
            return _refuse(error, progress)
        except Exception:  # noqa: BLE001 (one bad request must never take the server down)
            _log.exception("request %s failed inside the sandbox", progress.request_id)
            fault = ServiceError("InternalFailure", "the sandbox failed; see its log", 500)
            return _refuse(fault, progress)

    def _answer(self, request: HttpRequest, progress: _Progress) -> HttpResponse:
        progress.service = service = identify(request)
        signature = verify(request, self._find_key, self.world.now())
        if service is None:
            raise not_implemented(signature.service)
        routed = route(replace(request, body=signature.body), service)
        progress.operation = routed.operation
        self._check_region(service.name, signature.region)
        _find_operation(service.name, routed.operation.name)
        params = decode(replace(request, body=signature.body), routed)
        validate_call(service, routed.operation, params)
        call = Call(
            service=service.name,
            operation=routed.operation.name,
            params=params,
            region=signature.region,
            caller=self._caller(signature),
            request_id=progress.request_id,
            at=self.world.now(),
            host=request.host,
            source_ip=request.source_ip,
            user_agent=request.headers.get("user-agent"),
            # WHY always: the sandbox stands for AWS's HTTPS endpoints, and policies that deny
            # plain HTTP must not lock everybody out of it (rule card IAM-09).
            secure=True,
        )
        return encode(self.carry_out(call), service, routed.operation, progress.request_id)

    def _check_region(self, service: str, region: str) -> None:
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

    def carry_out(self, call: Call) -> Output:
        """Authorize and run one call that is authentic and well formed, and record it.

        Raises:
            ServiceError: the call is refused; it is recorded all the same.
        """
        world = self.world
        operation = _find_operation(call.service, call.operation)
        settle_account_requests(world)
        try:
            authorize(world, call, operation.needs(world, call))
            output = operation.handle(world, call)
        except ServiceError as error:
            world.trail.record(call, error=error)
            world.findings.observe(call, error=error)
            raise
        finally:
            world.note_key_use(call.caller.access_key_id, call.service, event_region(call))
        world.trail.record(call, output=output)
        world.findings.observe(call)
        return output

    def _find_key(self, access_key_id: str) -> SigningKey | None:
        credential = self.world.credential(access_key_id)
        if credential is None:
            return None
        token = credential.token.reveal() if credential.token else None
        return SigningKey(credential.secret.reveal(), token, credential.expires_at)


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
    return encode_error(error, progress.service, progress.operation, progress.request_id)
