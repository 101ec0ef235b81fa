"""botocore's service models, loaded once and kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from rootsteward.sandbox.wire.sqs_query import query_model

SERVICES = ("sts", "iam", "organizations", "s3", "sqs", "guardduty", "cloudtrail")
_SIGNING_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


class Protocol(StrEnum):
    """The wire protocols that are spoken. LIMIT: not `ec2` and not CBOR."""

    QUERY = "query"
    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """One service in one protocol. `name` is botocore's; SQS exists twice, once per protocol."""

    name: str
    protocol: Protocol
    model: ServiceModel
    signing_name: str
    api_version: str
    target_prefix: str
    json_version: str
    xml_namespace: str
    query_compatible: bool
    operations: Mapping[str, OperationModel]


@cache
def loader() -> Loader:
    """The loader of the models that botocore ships (and of nothing in the user's home)."""
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@cache
def load(name: str) -> Service:
    """The service that botocore calls `name`, in its first supported protocol.

    Raises:
        botocore.exceptions.UnknownServiceError: botocore has no such service.
        ValueError: it speaks none of the supported protocols.
    """
    return _service(name, loader().load_service_model(name, "service-2"))


@cache
def legacy_sqs() -> Service:
    """SQS in the older query dialect."""
    return _service("sqs", query_model(loader().load_service_model("sqs", "service-2")))


def _service(name: str, raw: Mapping[str, Any]) -> Service:
    model = ServiceModel(raw, name)
    metadata = raw["metadata"]
    return Service(
        name=name,
        protocol=Protocol(metadata["protocol"]),
        model=model,
        signing_name=metadata.get("signingName", metadata["endpointPrefix"]),
        api_version=metadata["apiVersion"],
        target_prefix=metadata.get("targetPrefix", ""),
        json_version=metadata.get("jsonVersion", "1.0"),
        xml_namespace=_namespace(metadata),
        query_compatible="awsQueryCompatible" in metadata,
        operations={n: model.operation_model(n) for n in model.operation_names},
    )


def _namespace(metadata: Mapping[str, Any]) -> str:
    namespace = metadata.get("xmlNamespace", "")
    if metadata["endpointPrefix"] == "s3":
        return "http://s3.amazonaws.com/doc/2006-03-01/"
    return str(namespace["uri"] if isinstance(namespace, Mapping) else namespace)


@lru_cache(maxsize=512)
def by_signing_name(signing_name: str) -> Service | None:
    """The service whose requests are signed for `signing_name`, or None.

    LIMIT: outside `SERVICES`, only services whose signing name is botocore's name are found.
    """
    if not _SIGNING_NAME.fullmatch(signing_name):
        return None
    try:
        return load(signing_name)
    except (UnknownServiceError, ValueError):
        return None


@lru_cache(maxsize=512)
def by_target_prefix(prefix: str) -> Service | None:
    """The supported JSON service of an `X-Amz-Target` prefix; the part after the last dot decides.

    WHY: botocore sends CloudTrail's prefix in full, other clients only its last part.
    """
    wanted = prefix.rsplit(".", 1)[-1]
    for name in SERVICES:
        service = load(name)
        if wanted and service.target_prefix.rsplit(".", 1)[-1] == wanted:
            return service
    return None


@lru_cache(maxsize=512)
def by_query_version(version: str) -> Service | None:
    """The supported query service of an API version, or None."""
    candidates = [*(load(name) for name in SERVICES), legacy_sqs()]
    query = (s for s in candidates if s.protocol is Protocol.QUERY)
    return next((s for s in query if s.api_version == version), None)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One member of a structure, with what the wire needs to know about it."""

    name: str
    wire_name: str
    shape: Shape
    location: str
    flattened: bool
    xml_attribute: bool


@cache
def members_of(shape: StructureShape) -> tuple[Member, ...]:
    """The members of a structure, worked out once per shape."""
    return tuple(_member(name, member) for name, member in shape.members.items())


def _member(name: str, shape: Shape) -> Member:
    serialization = shape.serialization
    return Member(
        name=name,
        wire_name=str(serialization.get("name", name)),
        shape=shape,
        location=serialization.get("location", ""),
        flattened=bool(serialization.get("flattened")),
        xml_attribute=bool(serialization.get("xmlAttribute")),
    )


def element_name(shape: ListShape) -> str:
    """The name of a list's elements in query forms and XML; empty when the model gives none."""
    return str(shape.member.serialization.get("name", ""))


def error_shape(service: Service, code: str) -> StructureShape | None:
    """The modelled error of a code or of a shape name, or None."""
    return _error_shapes(service).get(code)


@cache
def _error_shapes(service: Service) -> Mapping[str, StructureShape]:
    found: dict[str, StructureShape] = {}
    for shape in service.model.error_shapes:
        if isinstance(shape, StructureShape):
            found[shape.name] = shape
            code = shape.metadata.get("error", {}).get("code")
            if code:
                found.setdefault(code, shape)
    return found
