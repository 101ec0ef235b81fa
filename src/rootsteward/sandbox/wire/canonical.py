"""The canonical request and the keys of Signature Version 4.

SOURCE: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from functools import lru_cache
from posixpath import normpath
from urllib.parse import quote, unquote_to_bytes

from rootsteward.sandbox.wire.http import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
_SAFE = "-_.~"
_SIGNATURE_PARAMETER = "X-Amz-Signature"


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=4096)
def derive_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The signing key of a secret key for one day, region and service. Kept, for it never changes.

    The arguments are secret; nothing here is logged.
    """
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode("utf-8", "surrogateescape"), "sha256")
    return key


def sign(key: bytes, string_to_sign: str) -> str:
    """The signature in hexadecimal."""
    data = string_to_sign.encode("utf-8", "surrogateescape")
    return hmac.digest(key, data, "sha256").hex()


def canonical_request(
    request: HttpRequest, signed_headers: str, payload_hash: str, *, is_s3: bool
) -> bytes:
    """The bytes that a signature is over; `signed_headers` is the list as the client sent it."""
    lines = [
        request.method,
        canonical_path(request.raw_path, is_s3=is_s3),
        canonical_query(request.query_string),
    ]
    for name in signed_headers.split(";"):
        values = ",".join(" ".join(value.split()) for value in request.headers.every(name))
        lines.append(f"{name}:{values}")
    lines += ["", signed_headers, payload_hash]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def canonical_path(raw_path: str, *, is_s3: bool) -> str:
    """The path, encoded once for S3 and, without dot segments, twice for all others."""
    if raw_path in ("", "/"):
        return "/"
    if is_s3:
        return quote(unquote_to_bytes(raw_path), safe="/" + _SAFE)
    normal = normpath(raw_path)
    # WHY: POSIX keeps two leading slashes and drops a last one; the signature does neither.
    normal = "/" + normal.lstrip("/")
    if raw_path.endswith("/") and not normal.endswith("/"):
        normal += "/"
    return quote(normal, safe="/" + _SAFE)


def canonical_query(query_string: str) -> str:
    """The query, encoded uniformly and sorted, without the signature itself."""
    if not query_string:
        return ""
    pairs = []
    for part in query_string.split("&"):
        name, _, value = part.partition("=")
        if part and name != _SIGNATURE_PARAMETER:
            pairs.append((_reencode(name), _reencode(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _reencode(text: str) -> str:
    return quote(unquote_to_bytes(text), safe=_SAFE)
