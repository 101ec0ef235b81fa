"""An operation's output to an HTTP response."""

from collections.abc import Mapping
from typing import cast

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from rootsteward.domain.errors import BugError
from rootsteward.sandbox.call import Output
from rootsteward.sandbox.wire.encode_error import encode_error, host_id
from rootsteward.sandbox.wire.encode_json import json_bytes, json_object, json_value
from rootsteward.sandbox.wire.encode_xml import XML_DECLARATION, XmlWriter, escape
from rootsteward.sandbox.wire.http import HeaderPairs, HttpResponse
from rootsteward.sandbox.wire.models import Member, Protocol, Service, members_of
from rootsteward.sandbox.wire.scalars import Value, to_text

__all__ = ["encode", "encode_error"]

# Root elements of S3's answers, where they differ from the output shape's or payload's name.
# SOURCE: https://docs.aws.amazon.com/AmazonS3/latest/API/ (response syntax of each operation).
_S3_RESULT_NAMES: Mapping[str, str] = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotification": "NotificationConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListParts": "ListPartsResult",
}
_UNWRAPPED = "GetBucketLocation"


# SOURCE: the S3 API reference's sample answer; botocore's model does not hold the status.
_STATUSES = {"PutBucketPolicy": 204}


def encode(
    output: Output, service: Service, operation: OperationModel, request_id: str
) -> HttpResponse:
    """The response of a successful call. Members that are None are left out.

    Timestamps must be aware. LIMIT: event streams cannot be sent.

    Raises:
        BugError: the output has a member that the model does not know.
    """
    match service.protocol:
        case Protocol.QUERY:
            return _query(output, service, operation, request_id)
        case Protocol.JSON:
            return _json(output, service, operation, request_id)
        case Protocol.REST_JSON | Protocol.REST_XML:
            return _rest(output, service, operation, request_id)


def _query(
    output: Output, service: Service, operation: OperationModel, request_id: str
) -> HttpResponse:
    writer = XmlWriter("iso8601")
    name, shape = operation.name, operation.output_shape
    writer.raw(f'<{name}Response xmlns="{service.xml_namespace}">')
    if isinstance(shape, StructureShape):
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
        writer.raw(f"<{wrapper}>")
        writer.members(shape, output)
        writer.raw(f"</{wrapper}>")
    writer.raw(f"<ResponseMetadata><RequestId>{escape(request_id)}</RequestId></ResponseMetadata>")
    writer.raw(f"</{name}Response>")
    headers = (("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id))
    return HttpResponse(200, headers, writer.text().encode())


def _json(
    output: Output, service: Service, operation: OperationModel, request_id: str
) -> HttpResponse:
    shape = operation.output_shape
    document = json_object(shape, output) if isinstance(shape, StructureShape) else {}
    # WHY: an operation without an output shape answers with no body, as AWS does.
    body = json_bytes(document) if shape is not None else b""
    headers = (
        ("Content-Type", f"application/x-amz-json-{service.json_version}"),
        ("x-amzn-RequestId", request_id),
    )
    return HttpResponse(200, headers, body)


def _rest(
    output: Output, service: Service, operation: OperationModel, request_id: str
) -> HttpResponse:
    shape = operation.output_shape
    status = _STATUSES.get(operation.name, int(operation.http.get("responseCode", 200)))
    headers = list(_identity_headers(service, request_id))
    if not isinstance(shape, StructureShape):
        return HttpResponse(status, tuple(headers))
    for member in members_of(shape):
        value = output.get(member.name)
        if value is None:
            continue
        if member.location == "statusCode":
            status = int(value)
        elif member.location:
            headers.extend(_header_pairs(member, value))
    body, content_type = _rest_body(output, service, operation, shape)
    if operation.http["method"] == "HEAD":
        body = b""
    elif content_type and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", content_type))
    return HttpResponse(status, tuple(headers), body)


def _identity_headers(service: Service, request_id: str) -> HeaderPairs:
    if service.name == "s3":
        return (("x-amz-request-id", request_id), ("x-amz-id-2", host_id(request_id)))
    return (("x-amzn-RequestId", request_id),)


def _header_pairs(member: Member, value: Value) -> HeaderPairs:
    if member.location == "headers":
        pairs = ((f"{member.wire_name}{key}", str(item)) for key, item in value.items())
        return tuple((name, _one_line(text)) for name, text in pairs)
    if isinstance(member.shape, ListShape):
        element = member.shape.member
        text = ",".join(to_text(element, item, "rfc822") for item in value)
    else:
        text = to_text(member.shape, value, "rfc822")
    return ((member.wire_name, _one_line(text)),)


def _one_line(text: str) -> str:
    # INVARIANT: no header value may end its own line, whoever chose its text.
    return text.replace("\r", " ").replace("\n", " ").replace("\x00", " ")


def _rest_body(
    output: Output, service: Service, operation: OperationModel, shape: StructureShape
) -> tuple[bytes, str]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        return _payload_body(output.get(payload), service, operation, shape.members[payload])
    if not any(not member.location for member in members_of(shape)):
        return b"", ""
    if service.protocol is Protocol.REST_JSON:
        return json_bytes(json_object(shape, output)), "application/json"
    return _xml_body(output, service, operation, shape), "application/xml"


def _payload_body(
    value: Value, service: Service, operation: OperationModel, shape: Shape
) -> tuple[bytes, str]:
    if shape.serialization.get("eventstream"):
        raise BugError(f"`{operation.name}` answers with an event stream, which is not spoken")
    if value is None:
        return b"", ""
    if shape.type_name in ("blob", "string"):
        body = value.encode() if isinstance(value, str) else bytes(value)
        return body, "binary/octet-stream" if shape.type_name == "blob" else "application/json"
    if service.protocol is Protocol.REST_JSON:
        return json_bytes(json_value(shape, value)), "application/json"
    name = str(shape.serialization.get("name", shape.name))
    writer = XmlWriter("iso8601_ms")
    writer.raw(f'{XML_DECLARATION}<{name} xmlns="{service.xml_namespace}">')
    writer.members(cast("StructureShape", shape), value)
    writer.raw(f"</{name}>")
    return writer.text().encode(), "application/xml"


def _xml_body(
    output: Output, service: Service, operation: OperationModel, shape: StructureShape
) -> bytes:
    writer = XmlWriter("iso8601_ms")
    if operation.name == _UNWRAPPED and service.name == "s3":
        place = escape(str(output.get("LocationConstraint") or ""))
        writer.raw(f'{XML_DECLARATION}<LocationConstraint xmlns="{service.xml_namespace}">')
        writer.raw(f"{place}</LocationConstraint>")
        return writer.text().encode()
    default = str(shape.serialization.get("name", shape.name))
    name = _S3_RESULT_NAMES.get(operation.name, default) if service.name == "s3" else default
    writer.raw(f'{XML_DECLARATION}<{name} xmlns="{service.xml_namespace}">')
    writer.members(shape, output)
    writer.raw(f"</{name}>")
    return writer.text().encode()
