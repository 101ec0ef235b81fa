"""Malformed requests for the sandbox, and what makes an answer acceptable.

A case is a sound request in which something was broken, before it was signed (then it reaches
the parsers) or after (then mostly the signature is wrong).
"""

import json
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import botocore.loaders
import botocore.parsers
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ServiceModel, StructureShape

from rootsteward.sandbox.scenarios.identities import KeyIdentity, identities
from rootsteward.sandbox.services.registry import OPERATIONS
from rootsteward.sandbox.wire.http import Headers, HttpRequest, HttpResponse
from rootsteward.sandbox.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

_HOST = "127.0.0.1:4566"
_NO_SHAPE = StructureShape("Nothing", {"type": "structure", "members": {}})
_LOADER = botocore.loaders.create_loader()
_PROTOCOLS = {
    "iam": "query",
    "sts": "query",
    "organizations": "json",
    "cloudtrail": "json",
    "sqs": "json",
    "guardduty": "rest-json",
    "s3": "rest-xml",
}
_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_INTERNAL = {"InternalFailure", "InternalError", "InternalServerErrorException"}


@dataclass(frozen=True)
class Draft:
    """A request that is not signed yet."""

    service: str
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Case:
    """One request, and what was done to it."""

    label: str
    service: str
    request: HttpRequest


def trouble_with(case: Case, answer: HttpResponse) -> str:
    """Why an answer is none that a client of AWS could read; empty when it is one."""
    if answer.status < 300 or answer.status == 301:
        return ""
    if case.request.method == "HEAD":
        # An answer without a body has no code either.
        return "the sandbox failed" if answer.status == 500 else ""
    if not 400 <= answer.status < 600:
        return f"status {answer.status}"
    code = _code_in(answer)
    if not code:
        return f"no error code in {answer.body[:200]!r}"
    if code in _INTERNAL:
        return f"the sandbox failed: {code}"
    return ""


def _code_in(answer: HttpResponse) -> str:
    """The error code as botocore reads it, in the protocol that the answer itself is in."""
    is_json = "json" in answer.header("content-type")
    parser = botocore.parsers.create_parser("json" if is_json else "rest-xml")
    raw = {"headers": _lower(answer), "status_code": answer.status, "body": answer.body}
    if not is_json and b"<ErrorResponse" in answer.body:
        parser = botocore.parsers.create_parser("query")
    try:
        parsed: dict[str, Any] = parser.parse(raw, _NO_SHAPE)
    except botocore.parsers.ResponseParserError:
        return ""
    code = str(parsed.get("Error", {}).get("Code", ""))
    # WHY not the status: the parser falls back to it when a body says nothing.
    return "" if code == str(answer.status) else code


def _lower(answer: HttpResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers}


class Fuzzer:
    """Makes cases for a world; the same seed makes the same cases, but for signatures."""

    def __init__(self, world: World, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 (cases that can be made again)
        self._regions = world.regions
        keys = [i for i in identities(world) if isinstance(i, KeyIdentity)]
        self._keys = [Credentials(i.access_key_id, i.secret.reveal()) for i in keys]
        self._operations = sorted(OPERATIONS)
        self._buckets = ["hinode-payments-exports", "hinode-payments-receipts", "nobodys"]
        self._before: list[Callable[[Draft], Draft]] = [
            self._garbage_body, self._cut_body, self._wrong_shape, self._deep_body, self._bomb,
            self._wrong_type, self._wrong_target, self._wrong_path, self._wrong_query,
            self._wrong_method, self._odd_headers, self._untouched,
        ]  # fmt: skip
        self._after: list[Callable[[HttpRequest], HttpRequest]] = [
            self._mangled_authorization, self._changed_body, self._dropped_header,
            self._odd_date, self._broken_chunks,
        ]  # fmt: skip

    def case(self) -> Case:
        """A request with one or two things wrong."""
        draft = self._draft()
        step = self._random.choice(self._before)
        label = step.__name__
        draft = step(draft)
        if self._random.random() < 0.3:
            draft = self._random.choice(self._before)(draft)
        request = self._signed(draft)
        if self._random.random() < 0.25:
            after = self._random.choice(self._after)
            label = after.__name__
            request = after(request)
        return Case(label.lstrip("_"), draft.service, request)

    def sound(self) -> HttpRequest:
        """A request that must be answered."""
        body = b"Action=GetCallerIdentity&Version=2011-06-15"
        draft = Draft("sts", "POST", "/", headers={"Content-Type": _FORM}, body=body)
        return self._signed(draft, self._keys[0])

    # --- sound requests, with values of the wrong kinds inside

    def _draft(self) -> Draft:
        service, operation = self._random.choice(self._operations)
        model = ServiceModel(_LOADER.load_service_model(service, "service-2"), service)
        shape = model.operation_model(operation)
        members = shape.input_shape.members if shape.input_shape else {}
        protocol = _PROTOCOLS[service]
        if protocol == "query":
            fields = [("Action", operation), ("Version", model.api_version)]
            fields += [(name, str(self._junk(0))) for name in members if self._chance()]
            fields += [(f"{name}.member.1", "x") for name in members if not self._chance(0.8)]
            body = "&".join(f"{quote(n)}={quote(v)}" for n, v in fields).encode("utf-8")
            return Draft(service, "POST", "/", headers={"Content-Type": _FORM}, body=body)
        params = {name: self._junk(2) for name in members if self._chance()}
        if protocol == "json":
            headers = {
                "Content-Type": f"application/x-amz-json-{model.metadata['jsonVersion']}",
                "X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation}",
            }
            return Draft(service, "POST", "/", headers=headers, body=json.dumps(params).encode())
        path, _, query = shape.http["requestUri"].partition("?")
        for part in ("Bucket", "Key+", "DetectorId", "FilterName", "ResourceArn"):
            value = self._random.choice([*self._buckets, "0" * 32, "x", "%2e%2e", "ü"])
            path = path.replace(f"{{{part}}}", quote(value, safe="%"))
        if protocol == "rest-json":
            headers = {"Content-Type": "application/json"}
            body = json.dumps(params).encode() if shape.http["method"] in {"POST", "PUT"} else b""
            return Draft(service, shape.http["method"], path, query, headers, body)
        body = b"<A><B>1</B></A>" if shape.http["method"] in {"PUT", "POST"} else b""
        return Draft(service, shape.http["method"], path, query, {}, body)

    def _chance(self, of: float = 0.6) -> bool:
        return self._random.random() < of

    def _junk(self, depth: int) -> Any:  # noqa: ANN401 (any JSON value)
        choices: list[Any] = [
            "", "x", "0", "-1", "1e999", "null", "r-aaaa", "ou-aaaa-11111111", "p-FullAWSAccess",
            "666666666666", "arn:aws:iam::666666666666:root", "SERVICE_CONTROL_POLICY",
            "iam.amazonaws.com", "ACCOUNT", "\x00\x01", "ü𝄞\ud7ff", "A" * 3000, "{}", "[[[",
            0, -1, 2**70, 1.5, True, None,
        ]  # fmt: skip
        if depth:
            choices += [
                [self._junk(depth - 1)],
                {"Key": self._junk(depth - 1), "Value": "x"},
                {"arn": self._junk(depth - 1)},
                {"Criterion": {"severity": {"Gte": self._junk(0)}}},
                [{"AttributeKey": "EventName", "AttributeValue": self._junk(0)}],
            ]
        return self._random.choice(choices)

    # --- before signing

    def _untouched(self, draft: Draft) -> Draft:
        return draft

    def _garbage_body(self, draft: Draft) -> Draft:
        body = self._random.choice(
            [b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b"1", b'"text"', b"<", b"<a", b"</a>",
             b"a=b=c&&=%", b"%zz=%", b"\x00" * 64, b"Action=", b"{}{}", b"<?xml?>"]
        )  # fmt: skip
        return replace(draft, body=body)

    def _cut_body(self, draft: Draft) -> Draft:
        return replace(draft, body=draft.body[: self._random.randrange(len(draft.body) + 1)])

    def _wrong_shape(self, draft: Draft) -> Draft:
        document = {
            "MaxResults": [],
            "Filter": 5,
            "Tags": "x",
            "Policy": {"a": []},
            "Attributes": 1,
        }
        body = self._random.choice(
            [
                json.dumps(document).encode(),
                b'{"MaxResults": NaN}',
                b'{"a": 1, "a": 2}',
                b"<Tagging><TagSet><Tag/></TagSet></Tagging>",
                b"<CreateBucketConfiguration><LocationConstraint><x/></LocationConstraint>",
            ]
        )
        return replace(draft, body=body)

    def _deep_body(self, draft: Draft) -> Draft:
        deep = self._random.choice([b"[" * 50_000, b'{"a":' * 20_000, b"<a>" * 20_000])
        return replace(draft, body=deep)

    def _bomb(self, draft: Draft) -> Draft:
        body = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;&c;</a>'
        return replace(draft, body=body)

    def _wrong_type(self, draft: Draft) -> Draft:
        types = ["", "text/html", "application/json; charset=\x7f", "multipart/form-data", _FORM]
        return replace(draft, headers={**draft.headers, "Content-Type": self._choose(types)})

    def _wrong_target(self, draft: Draft) -> Draft:
        if draft.headers.get("Content-Type") == _FORM:
            body = self._random.choice(
                [b"Action=Nothing&Version=2010-05-08", b"Version=2010-05-08", b"Action=ListUsers",
                 b"Action=GetUser&Version=1999-01-01", b"Action=GetUser&Action=DeleteUser"]
            )  # fmt: skip
            return replace(draft, body=body)
        targets = ["", "Nothing", "AWSOrganizationsV20161128.", ".ListRoots", "AmazonSQS.Nothing"]
        return replace(draft, headers={**draft.headers, "X-Amz-Target": self._choose(targets)})

    def _wrong_path(self, draft: Draft) -> Draft:
        paths = ["/", "//", "/../..", "/%", "/%zz", "/%00", "/a//b", "/" + "a" * 4000,
                 "/detector", "/detector/x/findings/get/more", "/666666666666/payments-orders",
                 "/b%2fk", "/%f0%28%8c%28"]  # fmt: skip
        return replace(draft, path=self._choose(paths))

    def _wrong_query(self, draft: Draft) -> Draft:
        queries = ["policy&acl", "=", "&&&", "max-keys=x&list-type=2", "%=%", "list-type=2",
                   "uploadId=1", "max-keys=99999999999999999999&list-type=2", "policy=%00",
                   "X-Amz-Algorithm=AWS4-HMAC-SHA256", "maxResults=ten"]  # fmt: skip
        return replace(draft, query=self._choose(queries))

    def _wrong_method(self, draft: Draft) -> Draft:
        methods = ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW"]
        return replace(draft, method=self._choose(methods))

    def _odd_headers(self, draft: Draft) -> Draft:
        odd = self._random.choice(
            [
                {"x-amz-checksum-crc32": "AAAA"},
                {"x-amz-decoded-content-length": "many"},
                {"content-encoding": "aws-chunked"},
                {"content-md5": "?"},
                {"range": "bytes=9-1"},
                {"if-match": '"'},
                {"x-amz-sdk-checksum-algorithm": "MD6"},
                {"x-amz-security-token": "nonsense"},
                {"x-amz-meta-ü": "ü"} if draft.service == "nobody" else {"x-amz-meta-a": "b"},
            ]
        )
        return replace(draft, headers={**draft.headers, **odd})

    def _choose(self, values: list[str]) -> str:
        return self._random.choice(values)

    # --- signing

    def _signed(self, draft: Draft, key: Credentials | None = None) -> HttpRequest:
        key = key or self._random.choice(self._keys)
        url = f"http://{_HOST}{draft.path}" + (f"?{draft.query}" if draft.query else "")
        request = AWSRequest(draft.method, url, dict(draft.headers), draft.body)
        region = self._random.choice([*self._regions, "us-east-1", "xx-nowhere-9"])
        signer = S3SigV4Auth if draft.service == "s3" else SigV4Auth
        if draft.service == "s3":
            request.context["client_config"] = None
        signer(key, draft.service, region).add_auth(request)
        pairs = [(name, str(value)) for name, value in request.headers.items()]
        address = urlsplit(url)
        return HttpRequest(
            method=draft.method,
            raw_path=address.path or "/",
            query_string=address.query,
            headers=Headers([("host", _HOST), *pairs]),
            body=draft.body,
            host=_HOST,
        )

    # --- after signing

    def _with(self, request: HttpRequest, name: str, value: str) -> HttpRequest:
        kept = [pair for pair in request.headers.pairs if pair[0] != name]
        return replace(request, headers=Headers([*kept, (name, value)]))

    def _mangled_authorization(self, request: HttpRequest) -> HttpRequest:
        text = request.headers.get("authorization")
        at = self._random.randrange(len(text) + 1)
        mangled = self._random.choice(
            [
                text[:at],
                text[:at] + "\udcff" + text[at:],
                text.replace("AWS4-HMAC-SHA256", "AWS"),
                text.replace("aws4_request", "aws5"),
                text.replace("host;", ""),
                "Basic eDp5",
                "",
                text.replace("/", "//", 1),
            ]
        )
        return self._with(request, "authorization", mangled)

    def _changed_body(self, request: HttpRequest) -> HttpRequest:
        return replace(request, body=request.body + b" ")

    def _dropped_header(self, request: HttpRequest) -> HttpRequest:
        gone = self._random.choice(request.headers.pairs)
        return replace(request, headers=Headers([p for p in request.headers.pairs if p != gone]))

    def _odd_date(self, request: HttpRequest) -> HttpRequest:
        dates = ["", "yesterday", "20260230T250000Z", "99991231T235959Z", "00000000T000000Z"]
        return self._with(request, "x-amz-date", self._choose(dates))

    def _broken_chunks(self, request: HttpRequest) -> HttpRequest:
        body = self._random.choice(
            [b"5\r\nhello", b"zz;chunk-signature=1\r\n", b"0\r\n\r\n", b"-1\r\n", b"5;chunk"]
        )
        modes = ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]
        changed = replace(request, body=body)
        return self._with(changed, "x-amz-content-sha256", self._choose(modes))
