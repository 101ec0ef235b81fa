"""How single values are read and compared: case, numbers, dates, addresses, binary.

Each reader gives None for text that is not of its kind; a comparison with None is never true.
"""

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE]([+-]?[0-9]{1,10}))?")
_LARGEST_EXPONENT = 2**31 - 1
_EPOCH_SECONDS = re.compile(r"[+-]?[0-9]{1,15}")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
    r"(?:[Tt](?:([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?)?)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IPV4 = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})")
_PREFIX = re.compile(r"([+-]?)0*([0-9]{1,3})")
_LARGEST_OCTET = 255
_BASIC_PLANE = "\uffff"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def fold_case(text: str) -> str:
    """Lower case as the service folds it (rule card COND-04).

    Lower-casing in context (final sigma), never upper-casing, and only in the basic plane.
    """
    lowered = text.lower()
    if text.isascii():
        return lowered
    folded = []
    at = 0
    for char in text:
        size = len(char.lower())
        folded.append(lowered[at : at + size] if char <= _BASIC_PLANE else char)
        at += size
    return "".join(folded)


def read_number(text: str) -> Decimal | None:
    """A decimal number of any length, exactly (rule card COND-05); no infinities, no NaN."""
    match = _NUMBER.fullmatch(text)
    if match is None or abs(int(match[3] or 0)) > _LARGEST_EXPONENT:
        return None
    return Decimal(text)


def read_date_ms(text: str) -> int | None:
    """Milliseconds since 1970: epoch seconds or an ISO 8601 date (rule card COND-06).

    A time without a zone is UTC, and digits past the millisecond are dropped.
    """
    if _EPOCH_SECONDS.fullmatch(text):
        return int(text) * 1000
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        clock = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            int(second or 0), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None
    since = (clock - _EPOCH) // timedelta(seconds=1) - _offset_seconds(zone)
    return since * 1000 + int((fraction or "")[:3].ljust(3, "0"))


def _offset_seconds(zone: str | None) -> int:
    if zone is None or zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def read_bool(text: str) -> bool:
    """`true` in any case is true; everything else is false (rule card COND-07)."""
    return text.lower() == "true"


def read_binary(text: str) -> bytes | None:
    """The bytes that strict base64 stands for."""
    try:
        return base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        return None


def read_address(text: str) -> Address | None:
    """An address as a request carries it (rule card COND-08).

    Leading zeros are decimal. An IPv4-mapped address is its IPv4 address; only there is a
    dotted tail read.
    """
    if ":" not in text:
        return _read_ipv4(text)
    if "." not in text:
        address = _read_ipv6(text)
        return None if address is None else address.ipv4_mapped or address
    head, _, tail = text.rpartition(":")
    around = _read_ipv6(f"{head}:0:0")
    return _read_ipv4(tail) if around is not None and around.ipv4_mapped is not None else None


def _read_ipv4(text: str) -> ipaddress.IPv4Address | None:
    match = _IPV4.fullmatch(text)
    octets = [int(part) for part in match.groups()] if match else []
    if not octets or max(octets) > _LARGEST_OCTET:
        return None
    return ipaddress.IPv4Address(bytes(octets))


def _read_ipv6(text: str) -> ipaddress.IPv6Address | None:
    if "%" in text:
        return None
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None


def in_range(address: Address, cidr: str) -> bool:
    """Whether an address lies in a range as a policy writes it (rule card COND-08).

    An IPv4 range ignores its host bits; an IPv6 range with host bits set holds nothing, and so
    does a range written as an IPv4-mapped address or one that cannot be read.
    """
    base_text, slash, prefix_text = cidr.partition("/")
    base = read_address(base_text)
    if base is None or base.version != address.version:
        return False
    if base.version == 4 and ":" in base_text:  # noqa: PLR2004 (the IP version)
        return False
    length = _PREFIX.fullmatch(prefix_text) if slash else None
    if slash and length is None:
        return False
    prefix = int(length[1] + length[2]) if length else base.max_prefixlen
    if not 0 <= prefix <= base.max_prefixlen:
        return False
    host_bits = base.max_prefixlen - prefix
    network = int(address) >> host_bits << host_bits
    if base.version == 4:  # noqa: PLR2004 (the IP version)
        return int(base) >> host_bits << host_bits == network
    return int(base) == network
