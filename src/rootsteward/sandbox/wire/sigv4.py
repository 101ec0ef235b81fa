"""Is this request signed by the key it names? AWS Signature Version 4, header and presigned.

The steps, each of which may refuse, are numbered in `verify`. Nothing here knows what the key
may do; whoever answers to `find_key` knows the keys.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire import refusals
from rootsteward.sandbox.wire.aws_chunked import (
    MODES,
    UNSIGNED_TRAILER,
    ChunkSeal,
    decode_aws_chunked,
)
from rootsteward.sandbox.wire.canonical import (
    ALGORITHM,
    canonical_request,
    derive_key,
    sha256_hex,
    sign,
)
from rootsteward.sandbox.wire.checksums import verify_checksums
from rootsteward.sandbox.wire.http import HttpRequest
from rootsteward.sandbox.wire.refusals import STAMP, Dialect, dialect_of
from rootsteward.sandbox.wire.route import identify

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
MAX_PRESIGNED_SECONDS = 604_800
_SKEW = timedelta(minutes=15)
_SKEW_OF_JSON = timedelta(minutes=5)
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+)\s*,\s*SignedHeaders=([^,\s]+)\s*,"
    r"\s*Signature=([0-9a-f]{64})\s*"
)
_STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_SECONDS = re.compile(r"\d{1,7}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PAYLOAD_WORDS = MODES | {UNSIGNED_PAYLOAD}
_SCOPE_PARTS = 5
_TERMINATOR = "aws4_request"
_PRESIGNED_NAMES = ("Credential", "Date", "Expires", "SignedHeaders", "Signature")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The secret behind an access key id. `session_token` is None for long-term keys."""

    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that verifies. `body` is the content, with `aws-chunked` undone."""

    access_key_id: str
    region: str
    service: str
    signed_at: datetime
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says about its own signature. Nothing of it is verified."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: str
    signature: str = field(repr=False)
    stamp: str
    token: str | None = field(repr=False)
    lifetime_seconds: int | None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{_TERMINATOR}"

    @property
    def is_s3(self) -> bool:
        return self.service == "s3"


def verify(
    request: HttpRequest, find_key: Callable[[str], SigningKey | None], now: datetime
) -> Signature:
    """Who signed the request, if the signature is right.

    `find_key` gives the key of an access key id, or None when there is none (or it is inactive).

    Raises:
        ServiceError: it is not signed, or not so that it can be believed, in the words of the
            service it is meant for.
    """
    try:
        return _verify(request, find_key, now)
    except _RefusedError as refused:
        raise refused.reason(dialect_of(identify(request))) from None


class _RefusedError(Exception):
    """A refusal that does not know yet which service words it."""

    def __init__(self, reason: Callable[[Dialect], ServiceError]) -> None:
        super().__init__("refused")
        self.reason = reason


def _verify(
    request: HttpRequest, find_key: Callable[[str], SigningKey | None], now: datetime
) -> Signature:
    # (1) what the request says
    claim = _claim(request)
    signed_at = _signed_at(claim)
    # (2) the key, and the session it belongs to
    key = find_key(claim.access_key_id)
    if key is None:
        raise _RefusedError(lambda d: refusals.unknown_key(d, claim.access_key_id))
    _check_session(claim, key, now)
    # (3) the clock
    _check_clock(request, claim, signed_at, now)
    # (4) the signature
    payload_hash = _payload_hash(request, claim)
    signing_key = derive_key(key.secret, claim.date, claim.region, claim.service)
    _check_signature(request, claim, payload_hash, signing_key)
    # (5) the body that the signature speaks of
    body = _body(request, claim, payload_hash, signing_key)
    return Signature(claim.access_key_id, claim.region, claim.service, signed_at, body)


def _claim(request: HttpRequest) -> _Claim:
    authorization = request.headers.get("authorization")
    if authorization:
        return _claim_of_header(request, authorization)
    if "X-Amz-Signature=" in request.query_string or "X-Amz-Algorithm=" in request.query_string:
        return _claim_of_query(request)
    raise _RefusedError(refusals.missing)


def _claim_of_header(request: HttpRequest, authorization: str) -> _Claim:
    found = _AUTHORIZATION.fullmatch(authorization)
    if not found:
        raise _RefusedError(_why_unreadable(authorization))
    credential, signed_headers, signature = found.groups()
    stamp = request.headers.get("x-amz-date") or _stamp_of_date(request.headers.get("date"))
    token = request.headers.get("x-amz-security-token") or None
    return _build_claim(request, credential, signed_headers, signature, stamp, token, None)


def _why_unreadable(authorization: str) -> Callable[[Dialect], ServiceError]:
    if not authorization.startswith(ALGORITHM):
        return refusals.unsupported
    absent = [
        n for n in ("Credential", "SignedHeaders", "Signature") if f"{n}=" not in authorization
    ]
    reasons = [f"Authorization header requires '{name}' parameter." for name in absent]
    reason = " ".join(reasons) or "Authorization header has a part that cannot be read."
    return lambda dialect: refusals.malformed(dialect, reason)


def _stamp_of_date(text: str) -> str:
    try:
        return f"{parsedate_to_datetime(text).astimezone(UTC):{STAMP}}"
    except (ValueError, OverflowError, TypeError, IndexError):
        return ""


def _claim_of_query(request: HttpRequest) -> _Claim:
    values: dict[str, str] = {}
    for part in request.query_string.split("&"):
        name, _, value = part.partition("=")
        values.setdefault(name, unquote(value))
    if values.get("X-Amz-Algorithm", ALGORITHM) != ALGORITHM:
        raise _RefusedError(refusals.unsupported)
    absent = [name for name in _PRESIGNED_NAMES if not values.get(f"X-Amz-{name}")]
    lifetime = values.get("X-Amz-Expires", "")
    if absent or not _SECONDS.fullmatch(lifetime) or int(lifetime) > MAX_PRESIGNED_SECONDS:
        reason = (
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            "X-Amz-Expires parameters."
            if absent
            else "X-Amz-Expires must be a number of seconds less than a week (604800)"
        )
        raise _RefusedError(lambda d: refusals.malformed(d, reason, presigned=True))
    return _build_claim(
        request,
        values["X-Amz-Credential"],
        values["X-Amz-SignedHeaders"],
        values["X-Amz-Signature"],
        values["X-Amz-Date"],
        values.get("X-Amz-Security-Token"),
        int(lifetime),
    )


def _build_claim(
    request: HttpRequest,
    credential: str,
    signed_headers: str,
    signature: str,
    stamp: str,
    token: str | None,
    lifetime_seconds: int | None,
) -> _Claim:
    # WHY: an access key id has no slash, and neither has a region or a service.
    parts = credential.split("/")
    if len(parts) != _SCOPE_PARTS or parts[4] != _TERMINATOR or not _STAMP.fullmatch(stamp):
        reason = (
            "Authorization requires a Credential of the form "
            "<key>/<YYYYMMDD>/<region>/<service>/aws4_request and an 'X-Amz-Date' or 'Date'."
        )
        presigned = lifetime_seconds is not None
        raise _RefusedError(lambda d: refusals.malformed(d, reason, presigned=presigned))
    claim = _Claim(
        access_key_id=parts[0],
        date=parts[1],
        region=parts[2],
        service=parts[3],
        signed_headers=signed_headers,
        signature=signature,
        stamp=stamp,
        token=token,
        lifetime_seconds=lifetime_seconds,
    )
    _check_signed_headers(request, claim)
    return claim


def _check_signed_headers(request: HttpRequest, claim: _Claim) -> None:
    signed = claim.signed_headers.split(";")
    if "host" not in signed:
        reason = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        raise _RefusedError(lambda d: refusals.wrong_scope(d, reason))
    if claim.is_s3:
        unsigned = [
            n for n in request.headers.names() if n.startswith("x-amz-") and n not in signed
        ]
        if unsigned:
            names = ", ".join(unsigned)
            raise _RefusedError(lambda _: refusals.headers_not_signed(names))


def _signed_at(claim: _Claim) -> datetime:
    if claim.date != claim.stamp[:8]:
        reason = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            f"from HTTP: '{claim.date}' != '{claim.stamp[:8]}', from '{claim.stamp}'."
        )
        raise _RefusedError(lambda d: refusals.wrong_scope(d, reason))
    try:
        return datetime.fromisoformat(claim.stamp)
    except ValueError:
        raise _RefusedError(
            lambda d: refusals.malformed(d, f"'{claim.stamp}' is not a date.")
        ) from None


def _check_session(claim: _Claim, key: SigningKey, now: datetime) -> None:
    if key.session_token is None and claim.token is None:
        return
    known, sent = (key.session_token or "").encode(), (claim.token or "").encode("utf-8", "replace")
    if not known or not sent or not hmac.compare_digest(known, sent):
        if not sent:
            raise _RefusedError(lambda d: refusals.unknown_key(d, claim.access_key_id))
        raise _RefusedError(refusals.wrong_token)
    if key.expires_at is not None and now >= key.expires_at:
        raise _RefusedError(refusals.expired_token)


def _check_clock(request: HttpRequest, claim: _Claim, signed_at: datetime, now: datetime) -> None:
    if claim.lifetime_seconds is not None:
        _check_lifetime(claim.lifetime_seconds, signed_at, now)
        return
    if abs(now - signed_at) <= _SKEW_OF_JSON:
        return
    is_json = dialect_of(identify(request)) in (Dialect.JSON, Dialect.REST_JSON)
    allowed = _SKEW_OF_JSON if is_json else _SKEW
    if abs(now - signed_at) > allowed:
        raise _RefusedError(
            lambda d: refusals.skewed(d, signed_at=signed_at, now=now, allowed=allowed)
        )


def _check_lifetime(lifetime_seconds: int, signed_at: datetime, now: datetime) -> None:
    expires_at = signed_at + timedelta(seconds=lifetime_seconds)
    if now > expires_at:
        raise _RefusedError(
            lambda d: refusals.link_expired(
                d, expires_at=expires_at, now=now, lifetime_seconds=lifetime_seconds
            )
        )
    if signed_at > now + _SKEW:
        raise _RefusedError(lambda d: refusals.link_not_yet_valid(d, signed_at=signed_at, now=now))


def _payload_hash(request: HttpRequest, claim: _Claim) -> str:
    if not claim.is_s3:
        return sha256_hex(request.body)
    announced = request.headers.get("x-amz-content-sha256")
    if not announced and claim.lifetime_seconds is not None:
        return UNSIGNED_PAYLOAD
    if not announced:
        raise refusals.payload_hash_missing()
    if announced not in _PAYLOAD_WORDS and not _SHA256.fullmatch(announced):
        raise ServiceError(
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- value, or a valid "
            "sha256 value.",
            members={"ArgumentName": "x-amz-content-sha256", "ArgumentValue": announced},
        )
    return announced


def _check_signature(
    request: HttpRequest, claim: _Claim, payload_hash: str, signing_key: bytes
) -> None:
    canonical = canonical_request(request, claim.signed_headers, payload_hash, is_s3=claim.is_s3)
    string_to_sign = f"{ALGORITHM}\n{claim.stamp}\n{claim.scope}\n{sha256_hex(canonical)}"
    calculated = sign(signing_key, string_to_sign)
    if not hmac.compare_digest(calculated.encode(), claim.signature.encode("utf-8", "replace")):
        raise _RefusedError(
            lambda d: refusals.mismatch(
                d, access_key_id=claim.access_key_id, string_to_sign=string_to_sign
            )
        )


def _body(request: HttpRequest, claim: _Claim, payload_hash: str, signing_key: bytes) -> bytes:
    if not claim.is_s3:
        return request.body
    if payload_hash in MODES:
        return _chunked_content(request, claim, payload_hash, signing_key)
    if payload_hash != UNSIGNED_PAYLOAD:
        calculated = sha256_hex(request.body)
        if calculated != payload_hash:
            raise refusals.payload_mismatch(payload_hash, calculated)
    if not (request.method == "POST" and "uploadId=" in request.query_string):
        # WHY: completing a multipart upload sends the checksum of the object, not of its body.
        verify_checksums(request.headers, request.body)
    return request.body


def _chunked_content(
    request: HttpRequest, claim: _Claim, payload_hash: str, signing_key: bytes
) -> bytes:
    seal = ChunkSeal(signing_key, claim.stamp, claim.scope, claim.signature)
    decoded = decode_aws_chunked(
        request.body,
        None if payload_hash == UNSIGNED_TRAILER else seal,
        request.headers.get("x-amz-decoded-content-length"),
    )
    announced = request.headers.get("x-amz-trailer").lower().split(",")
    if any(name.strip() and name.strip() not in decoded.trailers for name in announced):
        raise ServiceError(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform "
            "to our published schema.",
        )
    verify_checksums(request.headers, decoded.content)
    verify_checksums(decoded.trailers, decoded.content)
    return decoded.content
