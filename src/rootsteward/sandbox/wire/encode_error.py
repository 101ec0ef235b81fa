"""A `ServiceError` to an HTTP response, in the true shape of each protocol.

SQS says its query code in a header beside the JSON (rule card SQS-60).
"""

import base64
import hashlib
from collections.abc import Mapping

from botocore.model import OperationModel, StructureShape

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.encode_json import json_bytes
from rootsteward.sandbox.wire.encode_xml import XML_DECLARATION, escape
from rootsteward.sandbox.wire.http import HeaderPairs, HttpResponse
from rootsteward.sandbox.wire.models import Protocol, Service, error_shape
from rootsteward.sandbox.wire.sqs_query import QUERY_CODES

_DEFAULT_STATUS = 400
_SERVER_FAULT = 500
_CORAL = "com.amazon.coral.service#"

# The query names of errors that every service of the JSON family calls otherwise.
_CORAL_NAMES: Mapping[str, str] = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "Throttling": "ThrottlingException",
    "ValidationError": "ValidationException",
    "InvalidParameterValue": "InvalidParameterValueException",
    "MissingParameter": "MissingRequiredParameterException",
}


def host_id(request_id: str) -> str:
    """S3's second request id; it means nothing and follows from the first."""
    return base64.b64encode(hashlib.sha512(request_id.encode()).digest()).decode("ascii")


def encode_error(
    error: ServiceError, service: Service | None, operation: OperationModel | None, request_id: str
) -> HttpResponse:
    """The response of an error.

    `error.code` may be the code on the wire or the name of the model's shape. A status of 400,
    which is `ServiceError`'s default, gives way to the status the model has for the error.
    `error.members` are further members under the model's names. With no service (a request
    for one that is not known) the answer is JSON.
    """
    shape = error_shape(service, error.code) if service else None
    status = _status(error, shape)
    extra = tuple(error.headers.items())
    if service is None or service.protocol is Protocol.JSON:
        headers, body = _json(error, service, shape, status)
    elif service.protocol is Protocol.REST_JSON:
        headers, body = _rest_json(error, shape)
    elif service.name == "s3":
        headers, body = _s3(error, shape, request_id)
    else:
        headers, body = _query(error, service, shape, request_id)
    if operation is not None and operation.http.get("method") == "HEAD":
        body = b""
    if service is None or service.name != "s3":
        headers = (*headers, ("x-amzn-RequestId", request_id))
    return HttpResponse(status, (*headers, *extra), body)


def _status(error: ServiceError, shape: StructureShape | None) -> int:
    if error.http_status != _DEFAULT_STATUS or shape is None:
        return error.http_status
    return int(shape.metadata.get("error", {}).get("httpStatusCode", _DEFAULT_STATUS))


def _wire_code(error: ServiceError, shape: StructureShape | None) -> str:
    if shape is None:
        return error.code
    return str(shape.metadata.get("error", {}).get("code", shape.name))


def _fault(status: int) -> str:
    return "Receiver" if status >= _SERVER_FAULT else "Sender"


def _query(
    error: ServiceError, service: Service, shape: StructureShape | None, request_id: str
) -> tuple[HeaderPairs, bytes]:
    status = _status(error, shape)
    code = _wire_code(error, shape)
    if service.name == "sqs":
        code = QUERY_CODES.get(code, code)
    detail = "<Detail/>" if service.name == "sqs" else ""
    # WHY none when it is empty: some errors were recorded without (rule card IAM-08).
    message = f"<Message>{escape(error.message)}</Message>" if error.message else ""
    text = (
        f'<ErrorResponse xmlns="{service.xml_namespace}"><Error><Type>{_fault(status)}</Type>'
        f"<Code>{escape(code)}</Code>{message}"
        f"{_elements(error.members)}{detail}</Error>"
        f"<RequestId>{escape(request_id)}</RequestId></ErrorResponse>"
    )
    return (("Content-Type", "text/xml"),), text.encode()


def _elements(members: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in members.items())


def _s3(
    error: ServiceError, shape: StructureShape | None, request_id: str
) -> tuple[HeaderPairs, bytes]:
    second_id = host_id(request_id)
    text = (
        f"{XML_DECLARATION}<Error><Code>{escape(_wire_code(error, shape))}</Code>"
        f"<Message>{escape(error.message)}</Message>{_elements(error.members)}"
        f"<RequestId>{escape(request_id)}</RequestId><HostId>{second_id}</HostId></Error>"
    )
    headers = (
        ("Content-Type", "application/xml"),
        ("x-amz-request-id", request_id),
        ("x-amz-id-2", second_id),
    )
    return headers, text.encode()


def _json(
    error: ServiceError, service: Service | None, shape: StructureShape | None, status: int
) -> tuple[HeaderPairs, bytes]:
    version = service.json_version if service else "1.1"
    headers: HeaderPairs = (("Content-Type", f"application/x-amz-json-{version}"),)
    code = _wire_code(error, shape)
    if service is None or not service.query_compatible:
        return headers, _json_document(code, error, shape)
    query_code = QUERY_CODES.get(code, code)
    modelled = shape or error_shape(service, _shape_of_query_code(code))
    if modelled is not None:
        name = f"com.amazonaws.{service.name}#{modelled.name}"
    else:
        name = _CORAL + _CORAL_NAMES.get(code, code)
    headers = (*headers, ("x-amzn-query-error", f"{query_code};{_fault(status)}"))
    return headers, _json_document(name, error, modelled)


def _shape_of_query_code(code: str) -> str:
    return next((name for name, query in QUERY_CODES.items() if query == code), code)


def _json_document(type_name: str, error: ServiceError, shape: StructureShape | None) -> bytes:
    document = {"__type": type_name, _message_key(error, shape): error.message}
    return json_bytes(document | _located(error.members, shape))


def _message_key(error: ServiceError, shape: StructureShape | None) -> str:
    """`Message` or `message`: as the model has it; coral's own access denial says `Message`."""
    for name in shape.members if shape else ():
        if name.lower() == "message":
            member = shape.members[name] if shape else None
            return str(member.serialization.get("name", name)) if member else name
    return "Message" if error.code.startswith("AccessDenied") else "message"


def _located(members: Mapping[str, str], shape: StructureShape | None) -> dict[str, str]:
    if shape is None:
        return dict(members)
    known = shape.members
    return {
        str(known[name].serialization.get("name", name)) if name in known else name: value
        for name, value in members.items()
    }


def _rest_json(error: ServiceError, shape: StructureShape | None) -> tuple[HeaderPairs, bytes]:
    code = _wire_code(error, shape)
    headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", code))
    # SOURCE: GuardDuty's bodies name the kind of bad request instead (rule card GD-09).
    return headers, _json_document(error.members.get("Type", code), error, shape)
