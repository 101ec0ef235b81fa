"""The checksums a client may send with a body.

LIMIT: CRC32C and CRC64NVME are computed byte by byte in Python, about 10 MB a second; bodies in
a sandbox are small. The xxHash family is not computed and so not compared.
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.http import Headers

HEADER_PREFIX = "x-amz-checksum-"
_CRC32C_POLYNOMIAL = 0x82F63B78
_CRC64NVME_POLYNOMIAL = 0x9A6C9329AC4BC9B5


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        row = byte
        for _ in range(8):
            row = (row >> 1) ^ polynomial if row & 1 else row >> 1
        rows.append(row)
    return tuple(rows)


def _reflected_crc(data: bytes, polynomial: int, bits: int) -> bytes:
    table, ones = _table(polynomial), (1 << bits) - 1
    crc = ones
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return (crc ^ ones).to_bytes(bits // 8, "big")


_ALGORITHMS: Mapping[str, Callable[[bytes], bytes]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: _reflected_crc(data, _CRC32C_POLYNOMIAL, 32),
    "crc64nvme": lambda data: _reflected_crc(data, _CRC64NVME_POLYNOMIAL, 64),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
}


def checksum(algorithm: str, data: bytes) -> str:
    """The checksum in base64, as it stands in `x-amz-checksum-<algorithm>`.

    Raises:
        KeyError: the algorithm is none of crc32, crc32c, crc64nvme, sha1, sha256, sha512, md5.
    """
    return base64.b64encode(_ALGORITHMS[algorithm](data)).decode("ascii")


def verify_checksums(headers: Headers, body: bytes) -> None:
    """Compare every checksum in headers (or trailers) with the decoded body.

    Raises:
        ServiceError: `BadDigest` when one differs, `InvalidDigest` for a malformed Content-MD5.
    """
    if "content-md5" in headers:
        _verify_content_md5(headers.get("content-md5"), body)
    for name in headers.names():
        algorithm = name.removeprefix(HEADER_PREFIX)
        if algorithm != name and algorithm in _ALGORITHMS:
            _verify(algorithm, headers.get(name), body)


def _verify(algorithm: str, sent: str, body: bytes) -> None:
    if sent.strip() != checksum(algorithm, body):
        raise ServiceError(
            "BadDigest",
            f"The {algorithm.upper()} you specified did not match the calculated checksum.",
        )


def _verify_content_md5(sent: str, body: bytes) -> None:
    calculated = checksum("md5", body)
    if len(sent.strip()) != len(calculated):
        raise ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.")
    if sent.strip() != calculated:
        raise ServiceError(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            members={"ExpectedDigest": sent.strip(), "CalculatedDigest": calculated},
        )
