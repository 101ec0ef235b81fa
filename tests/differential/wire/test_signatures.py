"""Signatures made by botocore verify, and nothing else does."""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.checksums import checksum
from rootsteward.sandbox.wire.http import Headers, HttpRequest
from rootsteward.sandbox.wire.sigv4 import Signature, SigningKey, verify

KEY_ID, SECRET, TOKEN = "AKIAEXAMPLE000000001", "a-made-up-secret", "a-made-up-token"
SESSION_ID, SESSION_SECRET = "ASIAEXAMPLE000000001", "another-made-up-secret"
REGION = "eu-west-1"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sent:
    """What to sign. `presign_seconds` makes an address instead of a header."""

    service: str
    method: str = "POST"
    target: str = "/"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    session: bool = False
    presign_seconds: int | None = None


CASES: Mapping[str, Sent] = {
    "sts form": Sent(
        "sts",
        body=b"Action=GetCallerIdentity&Version=2011-06-15",
        headers=(("Content-Type", FORM),),
    ),
    "iam form in a session": Sent(
        "iam", body=b"Action=GetUser&Version=2010-05-08", session=True, headers=(("A", " b   c "),)
    ),
    "organizations json": Sent(
        "organizations",
        body=b"{}",
        headers=(("X-Amz-Target", "AWSOrganizationsV20161128.ListAccounts"),),
    ),
    "guardduty path with an arn": Sent(
        "guardduty", "GET", "/tags/arn%3Aaws%3Aguardduty%3Aeu-west-1%3A1%3Adetector%2Fx"
    ),
    "guardduty dots and slashes": Sent("guardduty", "GET", "/a/./b/../c//d/"),
    "guardduty repeated query": Sent(
        "guardduty", "DELETE", "/tags/x?tagKeys=b%20c&tagKeys=a&empty=&z=%2F"
    ),
    "s3 key with every kind of character": Sent(
        "s3", "PUT", "/bucket/a%20b/%C3%A9//../%2B%28c%29~", body=b"content"
    ),
    "s3 subresource": Sent("s3", "GET", "/bucket?policy", session=True),
    "s3 listing": Sent("s3", "GET", "/bucket?list-type=2&prefix=a%2Fb&delimiter=%2F"),
    "presigned sts": Sent(
        "sts",
        "GET",
        "/?Action=GetCallerIdentity&Version=2011-06-15",
        presign_seconds=60,
        session=True,
    ),
    "presigned s3": Sent("s3", "GET", "/bucket/a%20key?versionId=x", presign_seconds=900),
    "presigned s3 put": Sent("s3", "PUT", "/bucket/key", presign_seconds=900, session=True),
}


def find_key(access_key_id: str) -> SigningKey | None:
    keys = {
        KEY_ID: SigningKey(SECRET),
        SESSION_ID: SigningKey(SESSION_SECRET, TOKEN, datetime.now(UTC) + timedelta(hours=1)),
    }
    return keys.get(access_key_id)


def signer(sent: Sent) -> Any:  # noqa: ANN401 (botocore's four signers share no typed base)
    credentials = (
        Credentials(SESSION_ID, SESSION_SECRET, TOKEN)
        if sent.session
        else Credentials(KEY_ID, SECRET)
    )
    is_s3 = sent.service == "s3"
    if sent.presign_seconds is not None:
        presigner = S3SigV4QueryAuth if is_s3 else SigV4QueryAuth
        return presigner(credentials, sent.service, REGION, expires=sent.presign_seconds)
    return (S3SigV4Auth if is_s3 else SigV4Auth)(credentials, sent.service, REGION)


def signed(sent: Sent) -> HttpRequest:
    request = AWSRequest(
        method=sent.method,
        url=f"http://127.0.0.1:8000{sent.target}",
        headers=dict(sent.headers),
        data=sent.body,
    )
    signer(sent).add_auth(request)
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    headers = [(name, str(value)) for name, value in prepared.headers.items()]
    return HttpRequest(
        method=sent.method,
        raw_path=parts.path,
        query_string=parts.query,
        headers=Headers([("Host", parts.netloc), *headers]),
        body=sent.body,
        host=parts.netloc,
    )


def verified(request: HttpRequest, now: datetime | None = None) -> Signature:
    return verify(request, find_key, now or datetime.now(UTC))


def refusal(request: HttpRequest, now: datetime | None = None) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        verified(request, now)
    return caught.value


@pytest.mark.parametrize("name", CASES)
def test_what_botocore_signs_verifies(name: str) -> None:
    sent = CASES[name]
    signature = verified(signed(sent))
    assert signature.access_key_id == (SESSION_ID if sent.session else KEY_ID)
    assert (signature.region, signature.service) == (REGION, sent.service)
    assert signature.body == sent.body
    assert abs(signature.signed_at - datetime.now(UTC)) < timedelta(minutes=1)


def tampered(request: HttpRequest) -> dict[str, HttpRequest]:
    """The request with one signed thing changed."""
    variants = {
        "method": replace(request, method="PATCH"),
        "path": replace(request, raw_path=request.raw_path + "x"),
        "query": replace(request, query_string=request.query_string + "&extra=1"),
        "host": with_header(request, "host", "127.0.0.1:8001"),
    }
    if request.body:
        for position in range(len(request.body)):
            flipped = bytearray(request.body)
            flipped[position] ^= 1
            variants[f"body byte {position}"] = replace(request, body=bytes(flipped))
    if "x-amz-date" in request.headers:
        later = request.headers.get("x-amz-date")
        later = later[:-2] + str((int(later[-2]) + 1) % 10) + "Z"
        variants["date"] = with_header(request, "x-amz-date", later)
    return variants


def with_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    pairs = [(n, value if n == name else v) for n, v in request.headers]
    return replace(request, headers=Headers(pairs))


@pytest.mark.parametrize("name", CASES)
def test_nothing_signed_can_be_changed(name: str) -> None:
    for changed, request in tampered(signed(CASES[name])).items():
        error = refusal(request)
        expected = {
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "XAmzContentSHA256Mismatch",
        }
        assert error.code in expected, changed


@pytest.mark.parametrize("name", ["sts form", "s3 subresource", "guardduty repeated query"])
def test_every_bit_of_the_signature_counts(name: str) -> None:
    request = signed(CASES[name])
    authorization = request.headers.get("authorization")
    for position in range(len(authorization) - 64, len(authorization)):
        digit = authorization[position]
        for bit in (1, 2, 4, 8):
            other = f"{int(digit, 16) ^ bit:x}"
            forged = authorization[:position] + other + authorization[position + 1 :]
            assert refusal(with_header(request, "authorization", forged)).code.startswith(
                ("SignatureDoesNotMatch", "InvalidSignature")
            )


def test_a_session_needs_its_own_token() -> None:
    request = signed(CASES["iam form in a session"])
    assert refusal(with_header(request, "x-amz-security-token", "other")).code == (
        "InvalidClientTokenId"
    )
    without = [pair for pair in request.headers if pair[0] != "x-amz-security-token"]
    assert refusal(replace(request, headers=Headers(without))).code == "InvalidClientTokenId"


def test_a_long_term_key_takes_no_token() -> None:
    request = signed(CASES["sts form"])
    headers = Headers([*request.headers, ("x-amz-security-token", TOKEN)])
    assert refusal(replace(request, headers=headers)).message == (
        "The security token included in the request is invalid."
    )


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("sts form", "InvalidClientTokenId", 403),
        ("organizations json", "UnrecognizedClientException", 400),
        ("guardduty repeated query", "UnrecognizedClientException", 403),
        ("s3 subresource", "InvalidAccessKeyId", 403),
    ],
)
def test_an_unknown_key_is_refused_in_the_services_words(name: str, code: str, status: int) -> None:
    with pytest.raises(ServiceError) as caught:
        verify(signed(CASES[name]), lambda _: None, datetime.now(UTC))
    assert (caught.value.code, caught.value.http_status) == (code, status)


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("sts form", "MissingAuthenticationToken", 403),
        ("organizations json", "MissingAuthenticationTokenException", 400),
        ("s3 subresource", "AccessDenied", 403),
    ],
)
def test_an_unsigned_request_is_refused_in_the_services_words(
    name: str, code: str, status: int
) -> None:
    request = signed(CASES[name])
    bare = [pair for pair in request.headers if pair[0] != "authorization"]
    error = refusal(replace(request, headers=Headers(bare)))
    assert (error.code, error.http_status) == (code, status)


@pytest.mark.parametrize(
    ("session", "code", "status"),
    [
        ("iam form in a session", "ExpiredToken", 403),
        ("s3 subresource", "ExpiredToken", 400),
    ],
)
def test_a_session_that_is_over_is_said_to_be_over(session: str, code: str, status: int) -> None:
    now = datetime.now(UTC)
    ended = SigningKey(SESSION_SECRET, TOKEN, now)
    with pytest.raises(ServiceError) as caught:
        verify(signed(CASES[session]), lambda _: ended, now)
    assert (caught.value.code, caught.value.http_status) == (code, status)


@pytest.mark.parametrize(
    ("name", "minutes", "code", "words"),
    [
        ("sts form", 16, "SignatureDoesNotMatch", "Signature expired: "),
        ("sts form", -16, "SignatureDoesNotMatch", "Signature not yet current: "),
        ("organizations json", 6, "InvalidSignatureException", "- 5 min.)"),
        ("s3 subresource", 16, "RequestTimeTooSkewed", "The difference between"),
        ("presigned s3", 16, "AccessDenied", "Request has expired"),
        ("presigned s3", -16, "AccessDenied", "Request is not valid yet"),
        ("presigned sts", 2, "SignatureDoesNotMatch", "Signature expired: "),
    ],
)
def test_a_clock_too_far_off_is_refused(name: str, minutes: int, code: str, words: str) -> None:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    error = refusal(signed(CASES[name]), now)
    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize(
    ("name", "minutes"), [("sts form", 14), ("organizations json", -4), ("s3 subresource", -14)]
)
def test_a_clock_a_little_off_is_forgiven(name: str, minutes: int) -> None:
    key = SigningKey(SESSION_SECRET, TOKEN) if CASES[name].session else SigningKey(SECRET)
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    assert verify(signed(CASES[name]), lambda _: key, now).region == REGION


def test_s3_wants_every_amz_header_signed() -> None:
    request = signed(CASES["s3 subresource"])
    headers = Headers([*request.headers, ("x-amz-acl", "public-read")])
    error = refusal(replace(request, headers=headers))
    assert error.code == "AccessDenied"
    assert error.members == {"HeadersNotSigned": "x-amz-acl"}


@pytest.mark.parametrize(
    ("authorization", "service", "code"),
    [
        ("AWS4-HMAC-SHA256 nonsense", "sts", "IncompleteSignature"),
        ("Bearer abc", "sts", "IncompleteSignature"),
        ("AWS AKIA:sig", "s3", "InvalidRequest"),
        ("AWS4-HMAC-SHA256 Credential=a", "s3", "AuthorizationHeaderMalformed"),
    ],
)
def test_an_unreadable_authorization_is_refused(
    authorization: str, service: str, code: str
) -> None:
    body = b"Action=GetUser&Version=2011-06-15" if service == "sts" else b""
    headers = Headers([("authorization", authorization), ("content-type", FORM)])
    assert refusal(HttpRequest("POST", "/", headers=headers, body=body)).code == code


def test_no_secret_is_shown() -> None:
    request = signed(CASES["s3 subresource"])
    shown = repr(verified(request)) + repr(find_key(SESSION_ID)) + repr(request)
    # Another year, so that it is another time whenever the test runs.
    error = refusal(
        with_header(request, "x-amz-date", "1999" + request.headers.get("x-amz-date")[4:])
    )
    shown += repr(error) + repr(error.members) + str(error)
    for secret in (SESSION_SECRET, TOKEN):
        assert secret not in shown


# --- aws-chunked ---------------------------------------------------------------------------------

UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
CONTENT = b"0123456789" * 30
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
CRC32 = base64.b64encode(zlib.crc32(CONTENT).to_bytes(4, "big")).decode()


class FixedPayloadAuth(S3SigV4Auth):
    """botocore's signer, which does not know the streaming payload words itself."""

    word = ""

    def payload(self, request: object) -> str:
        del request
        return self.word


def hmac_hex(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def day_key(stamp: str) -> bytes:
    key = b"AWS4" + SECRET.encode()
    for part in (stamp[:8], REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return key


def put_chunked(
    word: str,
    make_body: Callable[[str, str], bytes],
    *,
    trailer: str = "x-amz-checksum-crc32",
    length: int = len(CONTENT),
) -> HttpRequest:
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(length),
        "X-Amz-Content-SHA256": word,
    }
    if trailer:
        headers["X-Amz-Trailer"] = trailer
    request = AWSRequest("PUT", "http://127.0.0.1:8000/bucket/key", headers=headers, data=b"")
    auth = FixedPayloadAuth(Credentials(KEY_ID, SECRET), "s3", REGION)
    auth.word = word
    auth.add_auth(request)
    prepared = request.prepare()
    pairs = [("Host", "127.0.0.1:8000"), *((n, str(v)) for n, v in prepared.headers.items())]
    found = Headers(pairs)
    seed = found.get("authorization").rsplit("=", 1)[1]
    body = make_body(found.get("x-amz-date"), seed)
    return HttpRequest("PUT", "/bucket/key", "", found, body, "127.0.0.1:8000")


def signed_chunks(stamp: str, seed: str, trailer: str = "") -> bytes:
    key, previous, out = day_key(stamp), seed, b""
    scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
    for chunk in (CONTENT[:200], CONTENT[200:], b""):
        hashed = hashlib.sha256(chunk).hexdigest()
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{stamp}\n{scope}\n{previous}\n{EMPTY_HASH}\n{hashed}"
        previous = hmac_hex(key, text)
        out += f"{len(chunk):x};chunk-signature={previous}\r\n".encode() + chunk
        out += b"\r\n" if chunk else b""
    if trailer:
        hashed = hashlib.sha256(f"{trailer}\n".encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256-TRAILER\n{stamp}\n{scope}\n{previous}\n{hashed}"
        out += f"{trailer}\r\nx-amz-trailer-signature:{hmac_hex(key, text)}\r\n".encode()
    return out + b"\r\n"


def unsigned_chunks(trailer: str) -> bytes:
    return b"c8\r\n%b\r\n64\r\n%b\r\n0\r\n%b\r\n\r\n" % (
        CONTENT[:200],
        CONTENT[200:],
        trailer.encode(),
    )


def test_signed_chunks_are_put_together() -> None:
    assert verified(put_chunked(SIGNED, signed_chunks, trailer="")).body == CONTENT


def test_signed_chunks_with_a_signed_trailer_are_put_together() -> None:
    trailer = f"x-amz-checksum-crc32:{CRC32}"
    request = put_chunked(SIGNED_TRAILER, lambda stamp, seed: signed_chunks(stamp, seed, trailer))
    assert verified(request).body == CONTENT


def test_unsigned_chunks_with_a_checksum_are_put_together() -> None:
    trailer = f"x-amz-checksum-crc32:{CRC32}"
    request = put_chunked(UNSIGNED_TRAILER, lambda *_: unsigned_chunks(trailer))
    assert verified(request).body == CONTENT


def test_no_byte_of_signed_chunks_can_be_changed() -> None:
    trailer = f"x-amz-checksum-crc32:{CRC32}"
    request = put_chunked(SIGNED_TRAILER, lambda stamp, seed: signed_chunks(stamp, seed, trailer))
    for position in range(len(request.body) - 2):
        flipped = bytearray(request.body)
        flipped[position] ^= 1
        error = refusal(replace(request, body=bytes(flipped)))
        assert error.code in {
            "IncompleteBody",
            "SignatureDoesNotMatch",
            "BadDigest",
            "MalformedTrailerError",
        }


def test_a_wrong_trailing_checksum_is_a_bad_digest() -> None:
    request = put_chunked(
        UNSIGNED_TRAILER, lambda *_: unsigned_chunks("x-amz-checksum-crc32:AAAAAA==")
    )
    assert refusal(request).code == "BadDigest"


def test_an_announced_trailer_must_come() -> None:
    request = put_chunked(UNSIGNED_TRAILER, lambda *_: unsigned_chunks("x-amz-other:1"))
    assert refusal(request).code == "MalformedTrailerError"


def test_a_truncated_or_mismeasured_body_is_incomplete() -> None:
    trailer = f"x-amz-checksum-crc32:{CRC32}"
    request = put_chunked(UNSIGNED_TRAILER, lambda *_: unsigned_chunks(trailer))
    assert refusal(replace(request, body=request.body[:150])).code == "IncompleteBody"
    longer = put_chunked(UNSIGNED_TRAILER, lambda *_: unsigned_chunks(trailer), length=301)
    assert refusal(longer).code == "IncompleteBody"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        # SOURCE: the check values of the CRC catalogue for the text 123456789.
        ("crc32", 0xCBF43926.to_bytes(4, "big")),
        ("crc32c", 0xE3069283.to_bytes(4, "big")),
        ("crc64nvme", 0xAE8B14860A799888.to_bytes(8, "big")),
        ("sha1", hashlib.sha1(b"123456789", usedforsecurity=False).digest()),
        ("sha256", hashlib.sha256(b"123456789").digest()),
        ("md5", hashlib.md5(b"123456789", usedforsecurity=False).digest()),
    ],
)
def test_checksums_have_their_published_values(algorithm: str, expected: bytes) -> None:
    assert checksum(algorithm, b"123456789") == base64.b64encode(expected).decode()
