"""Which service and which operation a request means."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from botocore.model import OperationModel

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire import models
from rootsteward.sandbox.wire.http import HttpRequest
from rootsteward.sandbox.wire.models import Protocol, Service
from rootsteward.sandbox.wire.rest_paths import best_candidate, match_path, subresources

Fields = tuple[tuple[str, str], ...]

_SCOPE_SERVICE = re.compile(r"Credential=[^/\s,]+/\d+/[^/\s,]*/([^/\s,]+)/")
_FORM = "application/x-www-form-urlencoded"
_JSON_TYPES = ("application/x-amz-json-1.0", "application/x-amz-json-1.1", "application/json")
_MAX_FIELDS = 20_000
_IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_VIRTUAL_HOST = re.compile(r"(?P<bucket>.+)\.s3(?:[.-][a-z0-9.-]+)?")
_LOCAL_SUFFIX = ".localhost"
_NO_VERSION = "NO_VERSION_SPECIFIED"


@dataclass(frozen=True, slots=True)
class Routed:
    """A request whose operation is known, with what was read on the way.

    `fields` are the decoded pairs of the query string and, in the query protocol, of the form;
    `labels` the decoded parts of the path that the model names.
    """

    service: Service
    operation: OperationModel
    labels: Mapping[str, str] = field(default_factory=dict)
    fields: Fields = ()


def identify(request: HttpRequest) -> Service | None:
    """The service a request is meant for, or None when its scope names one that is unknown.

    The credential scope of the signature decides; without a signature, `X-Amz-Target`, then the
    form's `Version`, then the host name; what is left is S3's. Raises nothing.
    """
    name = _scope_service(request)
    service = models.by_signing_name(name) if name else _unsigned_service(request)
    if service is not None and service.query_compatible and not _is_json(request):
        return models.legacy_sqs()
    return service


def route(request: HttpRequest, service: Service) -> Routed:
    """The operation that a request means in `service`.

    Raises:
        ServiceError: there is none, in the words of the service's protocol.
    """
    return _ROUTES[service.protocol](request, service)


def form_fields(request: HttpRequest) -> Fields:
    """The decoded pairs of the query string and, when the body is a form, of the body.

    Raises:
        ServiceError: `MalformedQueryString`, when they are not UTF-8 or far too many.
    """
    is_form = request.headers.get("content-type").strip().lower().startswith(_FORM)
    try:
        body = request.body.decode("utf-8") if is_form else ""
        return (*_pairs(request.query_string), *_pairs(body))
    except ValueError:
        raise ServiceError(
            "MalformedQueryString", "The query string contains a syntax error.", 404
        ) from None


def _pairs(text: str) -> Fields:
    if not text:
        return ()
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    return tuple(pairs)


def _scope_service(request: HttpRequest) -> str:
    found = _SCOPE_SERVICE.search(request.headers.get("authorization"))
    if found:
        return found.group(1)
    if "X-Amz-Credential=" in request.query_string:
        scope = unquote(request.query_string.split("X-Amz-Credential=", 1)[1].split("&", 1)[0])
        parts = scope.split("/")
        return parts[-2] if len(parts) > 1 else ""
    return ""


def _unsigned_service(request: HttpRequest) -> Service | None:
    target = request.headers.get("x-amz-target")
    if target:
        return models.by_target_prefix(target.rpartition(".")[0])
    try:
        version = dict(form_fields(request)).get("Version", "")
    except ServiceError:
        version = ""
    by_version = models.by_query_version(version) if version else None
    if by_version is not None:
        return by_version
    label = request.host.split(".", 1)[0].split(":", 1)[0].lower()
    return models.load(label if label in models.SERVICES else "s3")


def _is_json(request: HttpRequest) -> bool:
    content_type = request.headers.get("content-type").split(";", 1)[0].strip().lower()
    return content_type in _JSON_TYPES or "x-amz-target" in request.headers


def _route_query(request: HttpRequest, service: Service) -> Routed:
    fields = form_fields(request)
    named = dict(fields)
    action, version = named.get("Action", ""), named.get("Version", "")
    if not action:
        raise ServiceError("MissingAction", "The request must contain the parameter Action")
    operation = service.operations.get(action)
    if operation is None or version != service.api_version:
        raise ServiceError(
            "InvalidAction",
            f"Could not find operation {action} for version {version or _NO_VERSION}",
        )
    if "QueueUrl" not in named and request.raw_path.count("/") > 1:
        # WHY: SQS's query dialect may name the queue by the address that is posted to.
        fields = (*fields, ("QueueUrl", f"http://{request.host}{request.raw_path}"))
    return Routed(service, operation, fields=fields)


def _route_json(request: HttpRequest, service: Service) -> Routed:
    prefix, _, name = request.headers.get("x-amz-target").rpartition(".")
    operation = service.operations.get(name)
    meant = prefix.rsplit(".", 1)[-1] == service.target_prefix.rsplit(".", 1)[-1]
    content_type = request.headers.get("content-type").split(";", 1)[0].strip().lower()
    if operation is None or not meant or request.method != "POST":
        raise ServiceError("UnknownOperationException", f"Unknown operation {name}".rstrip())
    if content_type not in _JSON_TYPES:
        raise ServiceError(
            "UnknownOperationException", f"Unsupported content type {content_type}".rstrip()
        )
    return Routed(service, operation)


def _route_rest_json(request: HttpRequest, service: Service) -> Routed:
    try:
        fields = _pairs(request.query_string)
        match = match_path(service, request.method, request.raw_path)
    except ValueError:
        raise ServiceError("SerializationException", "The path is not valid UTF-8") from None
    headers = frozenset(request.headers.names())
    found = best_candidate(match.template, dict(fields), headers) if match else None
    if match is None or found is None:
        raise ServiceError(
            "UnknownOperationException",
            f"No operation for {request.method} {request.raw_path}",
            404,
        )
    return Routed(service, found.operation, match.labels, fields)


def _route_rest_xml(request: HttpRequest, service: Service) -> Routed:
    path = request.raw_path
    bucket = bucket_of_host(request.host) if service.name == "s3" else ""
    if bucket:
        path = f"/{bucket}{path}"
    try:
        fields = _pairs(request.query_string)
        match = match_path(service, request.method, path)
    except ValueError:
        raise ServiceError("InvalidURI", "Couldn't parse the specified URI.") from None
    query = dict(fields)
    if match is None:
        raise _method_not_allowed(request, "SERVICE" if path == "/" else "OBJECT")
    found = best_candidate(match.template, query, frozenset(request.headers.names()))
    named = sorted(subresources(service) & query.keys())
    if named and (found is None or not found.literals):
        raise _method_not_allowed(request, named[0].upper())
    if found is None:
        # WHY: the one template without an unconditional operation is `POST /bucket`.
        raise ServiceError(
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
            members={"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
        )
    return Routed(service, found.operation, match.labels, fields)


def _method_not_allowed(request: HttpRequest, resource: str) -> ServiceError:
    return ServiceError(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        405,
        members={"Method": request.method, "ResourceType": resource},
    )


def bucket_of_host(host: str) -> str:
    """The bucket of a virtual-hosted address, or the empty string for a path-style one.

    `bucket.s3.<anything>` and `bucket.localhost` name a bucket; `s3.<anything>`, `localhost` and
    addresses of numbers do not.
    """
    name = host.rsplit(":", 1)[0].lower() if not host.endswith("]") else ""
    if _IP_ADDRESS.fullmatch(name) or name.startswith(("s3.", "s3-", "[")):
        return ""
    found = _VIRTUAL_HOST.fullmatch(name)
    if found:
        return found.group("bucket")
    return name.removesuffix(_LOCAL_SUFFIX) if name.endswith(_LOCAL_SUFFIX) else ""


_ROUTES: Mapping[Protocol, Callable[[HttpRequest, Service], Routed]] = {
    Protocol.QUERY: _route_query,
    Protocol.JSON: _route_json,
    Protocol.REST_JSON: _route_rest_json,
    Protocol.REST_XML: _route_rest_xml,
}
