"""Requests that mean something, as many and as odd as a client's own serializer lets through.

Names, ids and tokens are those of the world and of earlier answers, so that most requests get past
the checks of the wire and reach what is behind them.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

import botocore.loaders
import botocore.parsers
import botocore.serialize
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.credentials import Credentials
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.scenarios.identities import MANAGEMENT_PROFILE, KeyIdentity, identities
from rootsteward.sandbox.services.registry import OPERATIONS
from rootsteward.sandbox.wire.http import Headers, HttpRequest, HttpResponse
from rootsteward.sandbox.world.identities import IamUser
from rootsteward.sandbox.world.world import World

_HOST = "127.0.0.1:4566"
_LOADER = botocore.loaders.create_loader()
_KEPT = 40
_DEEPEST = 4

_ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
_DENY_ROOT = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
}
_FOR_ALL = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
_BUCKET = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:aws:s3:::made-one",
}
_TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def _document(statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


# The first six are sound, for some service at least.
_SOUND = 6
_STATEMENTS: list[Any] = [
    [_ALLOW], [_FOR_ALL], _ALLOW, [_TRUST], [_DENY_ROOT], [_BUCKET], [], "x", ["x"], None, 5,
    [{}], [None], [_ALLOW, _ALLOW], [{**_ALLOW, "Condition": {"Bool": []}}],
    [{**_ALLOW, "Action": 5}], [{**_FOR_ALL, "Principal": {"AWS": []}}],
    [{**_ALLOW, "Sid": 5}], [{**_ALLOW, "Resource": {}}], [{**_ALLOW, "Condition": "x"}],
    [{**_ALLOW, "Condition": {"StringLike": {"${aws:username": "${"}}}],
    _FOR_ALL, {**_TRUST, "Action": "s3:*"},
]  # fmt: skip
_DOCUMENTS = [
    *map(_document, _STATEMENTS),
    "{}", "[]", "null", "", "{", '{"Statement": [{"Effect": "Allow"}]}', '{"a": 1e999}',
    '{"tags": {"a": {"tag_key": {"@@assign": "A"}}}}', '{"tags": {"a": {"tag_key": {}}}}',
    '{"plans": {"p": {"@@append": ["x"]}}}', '{"tags": []}', '{"tags": {"@@assign": 5}}',
]  # fmt: skip
_TEXTS = [
    "", "a", "x" * 128, "ü𝄞", "123456789012", "arn:aws:iam::123456789012:root", "arn:aws:iam::1:x",
    "*", "/", "/a/", "true", "0", "-1", "us-east-1", "EventName", "AssumeRoot", "${aws:username}",
]  # fmt: skip
_NAMED: Mapping[str, list[str]] = {
    "ServicePrincipal": ["iam.amazonaws.com", "guardduty.amazonaws.com", "nothing.amazonaws.com"],
    "TaskPolicyArn": [task.arn() for task in TaskPolicy],
    "arn": [task.arn() for task in TaskPolicy],
    "AttributeKey": ["EventName", "ResourceName", "Username", "ReadOnly", "EventSource"],
    "AttributeName": ["severity", "updatedAt", "service.count", "Policy", "colour"],
    "AttributeNames": ["All", "Policy", "QueueArn", "Colour"],
    "Bucket": ["made-one", "made-one", "made-two"],
    "Key": ["a", "a/b", "ü"],
    "ActionNames": ["iam:GetUser", "s3:*", "nothing"],
    "ContextKeyName": ["aws:username", "aws:PrincipalArn"],
    "RoleSessionName": ["someone"],
}
# They leave less to try.
_ENDING = ("Close", "Delete", "Deregister", "Detach", "Disable", "Remove")
_DOCUMENT_NAMES = ("Document", "Content", "Policy", "PolicyInputList", "ResourcePolicy")


# What there must be, so that the requests to come have something to be about.
_FIRST: list[tuple[str, str, dict[str, Any]]] = [
    ("organizations", "EnableAWSServiceAccess", {"ServicePrincipal": "iam.amazonaws.com"}),
    ("iam", "EnableOrganizationsRootCredentialsManagement", {}),
    ("iam", "EnableOrganizationsRootSessions", {}),
    ("iam", "CreateUser", {"UserName": "made-one"}),
    ("iam", "CreateAccessKey", {"UserName": "made-one"}),
    (
        "iam",
        "CreateRole",
        {"RoleName": "made-one", "AssumeRolePolicyDocument": _document(_TRUST)},
    ),
    ("iam", "CreatePolicy", {"PolicyName": "made-one", "PolicyDocument": _document(_ALLOW)}),
    ("iam", "CreateVirtualMFADevice", {"VirtualMFADeviceName": "made-one"}),
    ("s3", "CreateBucket", {"Bucket": "made-one"}),
    ("s3", "PutObject", {"Bucket": "made-one", "Key": "made-one", "Body": b"x"}),
    ("sqs", "CreateQueue", {"QueueName": "made-one"}),
    ("guardduty", "ListDetectors", {}),
    ("guardduty", "EnableOrganizationAdminAccount", {}),
    ("organizations", "EnablePolicyType", {"PolicyType": "TAG_POLICY"}),
]


class Caller:
    """Makes plausible requests for a world, and learns from the answers."""

    def __init__(self, world: World, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 (requests that can be made again)
        self._regions = world.regions
        self._operations = sorted(OPERATIONS)
        self._weights = [0.4 if name.startswith(_ENDING) else 1 for _, name in self._operations]
        keys = [i for i in identities(world) if isinstance(i, KeyIdentity)]
        keys.sort(key=lambda identity: identity.profile != MANAGEMENT_PROFILE)
        self._keys = [Credentials(i.access_key_id, i.secret.reveal()) for i in keys]
        self._known: dict[str, list[Any]] = defaultdict(list)
        self._models: dict[str, ServiceModel] = {}
        self._learn_world(world)

    def first_requests(self) -> Iterator[tuple[OperationModel, HttpRequest]]:
        """Requests of the management account that make things; each is to be learned from."""
        management = self._known["AccountId"][0]
        for service, name, params in _FIRST:
            wanted = {
                "EnableOrganizationAdminAccount": {"AdminAccountId": management},
                "EnablePolicyType": {"RootId": self._known["RootId"][0]},
                "CreateBucket": {
                    "CreateBucketConfiguration": {"LocationConstraint": self._regions[0]}
                },
            }.get(name, {})
            yield self.request_for(service, name, {**params, **wanted}, key=self._keys[0])

    def history_requests(self) -> Iterator[tuple[OperationModel, HttpRequest]]:
        """Requests for the event history of every key there was."""
        for key in tuple(self._keys):
            yield self.request_for("cloudtrail", "LookupEvents", {}, key=key)

    def request(self) -> tuple[OperationModel, HttpRequest]:
        """A request of some operation."""
        ((service, name),) = self._random.choices(self._operations, self._weights)
        return self.request_for(service, name)

    def request_for(
        self,
        service: str,
        name: str,
        params: dict[str, Any] | None = None,
        *,
        key: Credentials | None = None,
    ) -> tuple[OperationModel, HttpRequest]:
        """A request of an operation; its parameters are made up where none are given."""
        operation = self._model(service).operation_model(name)
        if params is None:
            params = self._structure(operation.input_shape, 0) if operation.input_shape else {}
        serializer = botocore.serialize.create_serializer(
            operation.service_model.metadata["protocol"], include_validation=False
        )
        drafted = serializer.serialize_to_request(params, operation)
        return operation, self._signed(service, drafted, key)

    def learn(self, operation: OperationModel, answer: HttpResponse) -> None:
        """Keep the names, ids, tokens and credentials of an answer for requests to come."""
        if answer.status >= 300 or operation.output_shape is None:
            return
        parser = botocore.parsers.create_parser(operation.service_model.metadata["protocol"])
        headers = {name.lower(): value for name, value in answer.headers}
        raw = {"headers": headers, "status_code": answer.status, "body": answer.body}
        parsed = parser.parse(raw, operation.output_shape)
        parsed.pop("ResponseMetadata", None)
        self._learn_all("", parsed)

    # --- parameters

    def _model(self, service: str) -> ServiceModel:
        if service not in self._models:
            loaded = _LOADER.load_service_model(service, "service-2")
            self._models[service] = ServiceModel(loaded, service)
        return self._models[service]

    def _structure(self, shape: StructureShape, depth: int) -> dict[str, Any]:
        required = set(shape.required_members)
        return {
            name: self._value(name, member, depth)
            for name, member in shape.members.items()
            if member.serialization.get("location") == "uri"
            or self._chance(0.98 if name in required | {"arn"} else 1 / max(7, len(shape.members)))
        }

    def _value(self, name: str, shape: Shape, depth: int) -> Any:  # noqa: ANN401 (by the shape)
        if isinstance(shape, StructureShape):
            return self._structure(shape, depth + 1) if depth < _DEEPEST else {}
        if isinstance(shape, ListShape):
            return [self._value(name, shape.member, depth + 1) for _ in range(self._few())]
        if isinstance(shape, MapShape):
            return {
                self._value(name, shape.key, depth + 1): self._value("", shape.value, depth + 1)
                for _ in range(self._few())
            }
        return self._scalar(name, shape)

    def _scalar(self, name: str, shape: Shape) -> Any:  # noqa: ANN401 (by the shape)
        match shape.type_name:
            case "string":
                return self._text(name, shape)
            case "integer" | "long":
                low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 1000)
                odd = [low - 1, high + 1, 0, -1, 10**12]
                return self._random.choice(odd if self._chance(0.1) else [low, high, max(low, 1)])
            case "float" | "double":
                return self._random.choice([0.0, -1.5, 1e300])
            case "boolean":
                return self._chance(0.5)
            case "timestamp":
                return datetime.now(UTC) + timedelta(hours=self._random.randint(-50, 50))
            case "blob":
                return self._random.choice([b"", b"x", b"\x00\xff"])
            case other:
                raise AssertionError(other)

    def _text(self, name: str, shape: Shape) -> str:
        allowed: list[str] = shape.metadata.get("enum", [])
        known = [*self._known[name], *_NAMED.get(name, [])]
        if name.endswith(("Name", "Key", "Label", "Value")):
            known += ["made-one", "made-two"]
        known = [value for value in known if _fits(value, shape)]
        if allowed and self._chance(0.95):
            return self._random.choice(allowed)
        if name.endswith(_DOCUMENT_NAMES) and self._chance(0.9):
            return self._random.choice(_DOCUMENTS[:_SOUND] if self._chance(0.6) else _DOCUMENTS)
        if known and self._chance(0.85):
            return str(self._random.choice(known))
        others = [value for values in self._known.values() for value in values]
        fitting = [value for value in others if _fits(value, shape)] if self._chance(0.8) else []
        return str(self._random.choice(fitting or [*_TEXTS, *others]))

    def _few(self) -> int:
        return self._random.choice([0, 1, 1, 1, 2, 3])

    def _chance(self, of: float) -> bool:
        return self._random.random() < of

    # --- what is learned

    def _learn_world(self, world: World) -> None:
        organization = world.organization
        self._learn("Id", organization.org_root_id)
        self._known["RootId"].append(organization.org_root_id)
        for entity in [*organization.units, *organization.policies.policies]:
            self._learn("Id", entity)
        for account in organization.accounts:
            for holder in world.identities.holders_in(account):
                self._learn("UserName" if isinstance(holder, IamUser) else "RoleName", holder.name)
                self._learn("Arn", holder.arn)
        for account in list(organization.accounts)[:_KEPT]:
            for name in ("AccountId", "TargetPrincipal", "TargetId", "ChildId", "AdminAccountId"):
                self._learn(name, str(account))
        self._known["AccountId"].insert(0, str(organization.management_account_id))

    def _learn_all(self, name: str, value: Any) -> None:  # noqa: ANN401 (whatever was answered)
        if isinstance(value, dict):
            if "SecretAccessKey" in value and "SessionToken" in value:
                self._keys.append(
                    Credentials(
                        value["AccessKeyId"], value["SecretAccessKey"], value["SessionToken"]
                    )
                )
                del self._keys[_KEPT:-_KEPT]
            for inner, item in value.items():
                self._learn_all(inner, item)
        elif isinstance(value, list):
            for item in value:
                self._learn_all(name, item)
        elif isinstance(value, str) and value:
            self._learn(name, value)

    def _learn(self, name: str, value: str) -> None:
        names = [name, name.removesuffix("s")] if name.endswith("s") else [name]
        if name in {"Id", "Name", "Arn"}:
            # Every operation calls what it names by a longer name.
            names += [f"{kind}{name}" for kind in ("Policy", "Account", "Parent", "Root", "Target")]
            names += [f"{kind}Id" for kind in ("Resource", "Child", "OrganizationalUnit")]
            names += ["ResourceArn", "RoleArn", "SourceParentId", "DestinationParentId"]
        for each in names:
            held = self._known[each]
            if value not in held:
                held.append(value)
                del held[:-_KEPT]

    # --- signing

    def _signed(
        self, service: str, drafted: dict[str, Any], key: Credentials | None
    ) -> HttpRequest:
        prepare_request_dict(drafted, f"http://{_HOST}", context={"client_config": None})
        request = create_request_object(drafted)
        wide, narrow = self._chance(0.6), self._chance(0.2)
        key = key or (self._keys[0] if wide else self._random.choice(self._keys))
        region = self._random.choice(self._regions) if narrow else self._regions[0]
        (S3SigV4Auth if service == "s3" else SigV4Auth)(key, service, region).add_auth(request)
        sent = request.prepare()
        address = urlsplit(sent.url)
        body = sent.body or b""
        return HttpRequest(
            method=sent.method,
            raw_path=address.path or "/",
            query_string=address.query,
            headers=Headers([("host", _HOST), *((n, _text(v)) for n, v in sent.headers.items())]),
            body=body.encode() if isinstance(body, str) else body,
            host=_HOST,
        )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _fits(value: str, shape: Shape) -> bool:
    pattern = shape.metadata.get("pattern", "")
    if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", len(value)):
        return False
    try:
        return not pattern or re.fullmatch(pattern, value) is not None
    except re.error:
        return True
