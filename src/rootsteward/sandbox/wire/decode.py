"""A routed request to parameters, in the shapes of botocore's model."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import cast

from botocore.model import ListShape, Shape, StructureShape

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.decode_json import (
    decode_json_body,
    decode_json_object,
    decode_json_value,
    parse_json,
)
from rootsteward.sandbox.wire.decode_query import decode_query
from rootsteward.sandbox.wire.decode_xml import decode_xml_body
from rootsteward.sandbox.wire.http import HttpRequest
from rootsteward.sandbox.wire.models import Member, Protocol, Service, members_of
from rootsteward.sandbox.wire.route import Routed
from rootsteward.sandbox.wire.scalars import MalformedError, Value, from_text

_PROTOCOL_FIELDS = frozenset({"Action", "Version"})
_AWS_CHUNKED = "aws-chunked"


def decode(request: HttpRequest, routed: Routed) -> dict[str, Value]:
    """The parameters of a request. `request.body` is the body after `aws-chunked` is undone.

    Timestamps are aware datetimes, blobs bytes; members that were not sent are absent. An empty
    body leaves a payload member out. Nothing is validated beyond types: see `validate`.

    Raises:
        ServiceError: the request cannot be read, with the protocol's own code.
    """
    shape = routed.operation.input_shape
    if not isinstance(shape, StructureShape):
        return {}
    try:
        return _DECODERS[routed.service.protocol](request, routed, shape)
    except MalformedError as error:
        raise _refusal(routed.service, str(error)) from None
    except RecursionError:
        raise _refusal(routed.service, "The input is nested too deeply") from None


def _refusal(service: Service, reason: str) -> ServiceError:
    match service.protocol:
        case Protocol.QUERY:
            return ServiceError("MalformedInput", reason)
        case Protocol.JSON | Protocol.REST_JSON:
            return ServiceError("SerializationException", reason)
        case Protocol.REST_XML:
            return ServiceError(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our "
                "published schema",
            )


def _decode_query(_: HttpRequest, routed: Routed, shape: StructureShape) -> dict[str, Value]:
    fields = [pair for pair in routed.fields if pair[0] not in _PROTOCOL_FIELDS]
    return decode_query(fields, shape)


def _decode_json(request: HttpRequest, _: Routed, shape: StructureShape) -> dict[str, Value]:
    return decode_json_body(request.body, shape)


def _decode_rest(request: HttpRequest, routed: Routed, shape: StructureShape) -> dict[str, Value]:
    params: dict[str, Value] = {}
    for member in members_of(shape):
        if member.location:
            value = _located(request, routed, member)
            if value is not None:
                params[member.name] = value
    payload = shape.serialization.get("payload")
    if payload is not None:
        _decode_payload(request, routed, shape, params)
    elif any(not member.location for member in members_of(shape)) and request.body.strip():
        params |= _decode_body(request, routed, shape)
    return params


def _decode_body(request: HttpRequest, routed: Routed, shape: StructureShape) -> dict[str, Value]:
    if routed.service.protocol is Protocol.REST_JSON:
        return decode_json_body(request.body, shape)
    name = shape.serialization.get("name", "")
    return cast("dict[str, Value]", decode_xml_body(request.body, shape, name))


def _decode_payload(
    request: HttpRequest, routed: Routed, shape: StructureShape, params: dict[str, Value]
) -> None:
    name = shape.serialization["payload"]
    payload = shape.members[name]
    if not request.body:
        return
    match payload.type_name:
        case "blob":
            params[name] = request.body
        case "string":
            params[name] = _utf8(request.body)
        case _ if routed.service.protocol is Protocol.REST_JSON:
            params[name] = _json_payload(payload, request.body)
        case _:
            expected = str(payload.serialization.get("name", payload.name))
            params[name] = decode_xml_body(request.body, payload, expected)


def _json_payload(payload: Shape, body: bytes) -> Value:
    value = parse_json(body)
    if isinstance(payload, StructureShape) and not payload.is_document_type:
        return decode_json_object(payload, value)
    return decode_json_value(payload, value)


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("The body is not valid UTF-8") from None


def _located(request: HttpRequest, routed: Routed, member: Member) -> Value:
    """The value of a member outside the body, or None when it was not sent."""
    try:
        match member.location:
            case "uri":
                text = routed.labels.get(member.wire_name)
                return None if text is None else from_text(member.shape, text)
            case "querystring":
                return _from_query(routed, member)
            case "header":
                return _from_header(request, member)
            case "headers":
                return _from_header_prefix(request, member)
            case _:
                return None
    except MalformedError as error:
        if routed.service.protocol is not Protocol.REST_XML:
            raise
        members = {"ArgumentName": member.wire_name}
        raise ServiceError("InvalidArgument", str(error), members=members) from None


def _from_query(routed: Routed, member: Member) -> Value:
    values = [value for name, value in routed.fields if name == member.wire_name]
    if not values:
        return None
    if member.shape.type_name == "list":
        element = cast("ListShape", member.shape).member
        return [from_text(element, value) for value in values]
    return from_text(member.shape, values[0])


def _from_header(request: HttpRequest, member: Member) -> Value:
    name = member.wire_name.lower()
    if name not in request.headers:
        return None
    text = _header_text(request.headers.get(name))
    if name == "content-encoding":
        # WHY: `aws-chunked` is how the body travelled and no part of the object's encoding.
        codings = [coding.strip() for coding in text.split(",")]
        text = ",".join(coding for coding in codings if coding.lower() != _AWS_CHUNKED)
        return text or None
    if member.shape.type_name == "list":
        element = cast("ListShape", member.shape).member
        texts = (_header_text(value) for value in request.headers.every(name))
        return [from_text(element, item) for text in texts for item in _split_list(text)]
    return from_text(member.shape, text)


def _split_list(text: str) -> list[str]:
    rows = csv.reader(io.StringIO(text), skipinitialspace=True, escapechar="\\")
    try:
        return [item.strip() for row in rows for item in row]
    except csv.Error:
        raise MalformedError("A header is not a list of values") from None


def _from_header_prefix(request: HttpRequest, member: Member) -> Value:
    prefix = member.wire_name.lower()
    found = {
        name[len(prefix) :]: ",".join(_header_text(v) for v in request.headers.every(name))
        for name in request.headers.names()
        if name.startswith(prefix)
    }
    return found or None


def _header_text(value: str) -> str:
    if not value.isascii() and not value.isprintable():
        raise MalformedError("A header value is not valid UTF-8")
    return value


_DECODERS: Mapping[Protocol, Callable[[HttpRequest, Routed, StructureShape], dict[str, Value]]] = {
    Protocol.QUERY: _decode_query,
    Protocol.JSON: _decode_json,
    Protocol.REST_JSON: _decode_rest,
    Protocol.REST_XML: _decode_rest,
}
