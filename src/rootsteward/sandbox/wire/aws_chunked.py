"""The `aws-chunked` content coding of S3: chunks, chunk signatures and trailers (rule card S3-60).

SOURCE: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hmac
from dataclasses import dataclass

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.canonical import sha256_hex, sign
from rootsteward.sandbox.wire.http import Headers

UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
MODES = frozenset({UNSIGNED_TRAILER, SIGNED, SIGNED_TRAILER})

_LINE_END = b"\r\n"
_EMPTY_HASH = sha256_hex(b"")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
_MAX_SIZE_DIGITS = 16


@dataclass(frozen=True, slots=True)
class ChunkSeal:
    """What chunk signatures are made with. `seed` is the signature of the request itself."""

    key: bytes
    stamp: str
    scope: str
    seed: str

    def __repr__(self) -> str:
        return "ChunkSeal()"  # INVARIANT: the signing key is in no log

    def chunk(self, previous: str, data: bytes) -> str:
        """The signature of one chunk."""
        return self._sign(
            "AWS4-HMAC-SHA256-PAYLOAD", previous, f"{_EMPTY_HASH}\n{sha256_hex(data)}"
        )

    def trailer(self, previous: str, lines: bytes) -> str:
        """The signature of the trailing headers."""
        return self._sign("AWS4-HMAC-SHA256-TRAILER", previous, sha256_hex(lines))

    def _sign(self, purpose: str, previous: str, rest: str) -> str:
        return sign(self.key, f"{purpose}\n{self.stamp}\n{self.scope}\n{previous}\n{rest}")


@dataclass(frozen=True, slots=True)
class ChunkedBody:
    """The content of a chunked body, and the headers that trailed it."""

    content: bytes
    trailers: Headers


def decode_aws_chunked(body: bytes, seal: ChunkSeal | None, expected_bytes: str) -> ChunkedBody:
    """Undo `aws-chunked`. With a seal, every chunk and the trailer must be signed.

    `expected_bytes` is `x-amz-decoded-content-length` as sent.

    Raises:
        ServiceError: `IncompleteBody`, `SignatureDoesNotMatch` or `MissingContentLength`.
    """
    if not expected_bytes.isdecimal():
        raise ServiceError(
            "MissingContentLength", "You must provide the Content-Length HTTP header.", 411
        )
    chunks, rest, signature = _chunks(body, seal)
    content = b"".join(chunks)
    if str(len(content)) != expected_bytes:
        raise _incomplete()
    return ChunkedBody(content, _trailers(rest, seal, signature))


def _incomplete() -> ServiceError:
    return ServiceError(
        "IncompleteBody", "The request body terminated unexpectedly or is not aws-chunked"
    )


def _forged() -> ServiceError:
    return ServiceError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
        403,
    )


def _chunks(body: bytes, seal: ChunkSeal | None) -> tuple[list[bytes], bytes, str]:
    chunks: list[bytes] = []
    signature, position = seal.seed if seal else "", 0
    while True:
        end = body.find(_LINE_END, position)
        if end < 0:
            raise _incomplete()
        size, sent = _chunk_head(body[position:end])
        start = end + len(_LINE_END)
        data = body[start : start + size]
        if len(data) != size:
            raise _incomplete()
        if seal is not None:
            signature = seal.chunk(signature, data)
            _compare(signature, sent)
        position = start + size
        if size == 0:
            return chunks, body[position:], signature
        if body[position : position + len(_LINE_END)] != _LINE_END:
            raise _incomplete()
        chunks.append(data)
        position += len(_LINE_END)


def _chunk_head(line: bytes) -> tuple[int, str]:
    size_text, _, extension = line.partition(b";")
    digits = size_text.strip()
    if not 0 < len(digits) <= _MAX_SIZE_DIGITS or digits.strip(b"0123456789abcdefABCDEF"):
        raise _incomplete()
    name, _, value = extension.partition(b"=")
    is_signature = name.strip() == b"chunk-signature"
    return int(digits, 16), value.strip().decode("latin-1") if is_signature else ""


def _trailers(rest: bytes, seal: ChunkSeal | None, signature: str) -> Headers:
    pairs: list[tuple[str, str]] = []
    for line in filter(None, rest.split(_LINE_END)):
        name, colon, value = line.partition(b":")
        if not colon:
            raise _incomplete()
        pairs.append((name.strip(b" \t").decode("latin-1"), value.strip(b" \t").decode("latin-1")))
    headers = Headers(pairs)
    if seal is not None and headers.pairs:
        signed = [pair for pair in headers.pairs if pair[0] != _TRAILER_SIGNATURE]
        lines = "".join(f"{name}:{value}\n" for name, value in signed).encode("latin-1")
        _compare(seal.trailer(signature, lines), headers.get(_TRAILER_SIGNATURE))
    return headers


def _compare(calculated: str, sent: str) -> None:
    if not hmac.compare_digest(calculated.encode(), sent.encode("utf-8", "replace")):
        raise _forged()
