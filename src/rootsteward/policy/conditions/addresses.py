"""IpAddress and NotIpAddress.

SOURCE: the recordings (rule card COND-08). A value that is no address fails both
operators. A value in the IPv4-mapped range of IPv6 is the IPv4 address. Leading zeros are decimal.
A range of IPv4 is masked before it is compared; a range of IPv6 with bits beyond its prefix holds
nothing. A range that cannot be read holds nothing.
"""

import re
from dataclasses import dataclass

from rootsteward.policy.conditions.verdict import ValueTest

_OCTET = re.compile(r"[0-9]{1,3}")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_PREFIX = re.compile(r"([+-]?)0*([0-9]{1,3})")
_V4_BITS = 32
_V6_BITS = 128
_V6_GROUPS = 8
_MAPPED_HIGH = 0xFFFF
_LARGEST_OCTET = 255
_OCTETS = 4


@dataclass(frozen=True, slots=True)
class Address:
    """An address as a number, and its width in bits: 32 or 128."""

    number: int
    bits: int


def read_address(text: str) -> Address | None:
    """The address of a request's value, or None."""
    if ":" not in text:
        number = _read_v4(text)
        return None if number is None else Address(number, _V4_BITS)
    wide = _read_v6(text)
    if wide is None:
        return None
    if wide >> _V4_BITS == _MAPPED_HIGH:
        return Address(wide & (2**_V4_BITS - 1), _V4_BITS)
    return Address(wide, _V6_BITS)


def _read_v4(text: str) -> int | None:
    octets = text.split(".")
    if len(octets) != _OCTETS or not all(_OCTET.fullmatch(o) for o in octets):
        return None
    number = 0
    for octet in octets:
        if int(octet) > _LARGEST_OCTET:
            return None
        number = number << 8 | int(octet)
    return number


def _read_v6(text: str) -> int | None:
    """128 bits. A dotted tail is read in the IPv4-mapped range only, as the service does."""
    head, dot, _ = text.rpartition(":")
    tail = text[len(head) + 1 :]
    if dot and "." in tail:
        low = _read_v4(tail)
        if low is None:
            return None
        number = _read_groups(f"{head}:{low >> 16:x}:{low & 0xFFFF:x}")
        return number if number is not None and number >> _V4_BITS == _MAPPED_HIGH else None
    return _read_groups(text)


def _read_groups(text: str) -> int | None:
    left, gap, right = text.partition("::")
    high = left.split(":") if left else []
    low = right.split(":") if right else []
    if not all(_GROUP.fullmatch(group) for group in high + low):
        return None
    missing = _V6_GROUPS - len(high) - len(low)
    if missing < 1 if gap else missing != 0:
        return None
    number = 0
    for group in (*high, *["0"] * missing, *low):
        number = number << 16 | int(group, 16)
    return number


@dataclass(frozen=True, slots=True)
class AddressRange:
    """The addresses that agree with `base` under `mask`, both of `bits` bits."""

    base: int
    mask: int
    bits: int

    def holds(self, address: Address) -> bool:
        """Whether the address is in the range."""
        return address.bits == self.bits and address.number & self.mask == self.base


def read_range(text: str) -> AddressRange | None:
    """The range of a policy's value; a bare address is a range of one; None holds nothing."""
    address, slash, prefix = text.partition("/")
    wide = ":" in address
    number = _read_v6(address) if wide else _read_v4(address)
    bits = _V6_BITS if wide else _V4_BITS
    length = _read_length(prefix) if slash else bits
    if number is None or length is None or length > bits:
        return None
    mask = (2**length - 1) << (bits - length)
    # WHY: the service masks the base of an IPv4 range only.
    return AddressRange(number if wide else number & mask, mask, bits)


def _read_length(text: str) -> int | None:
    """The length of a prefix: a whole number with or without sign and leading zeros."""
    match = _PREFIX.fullmatch(text)
    length = int(match[1] + match[2]) if match else -1
    return None if length < 0 else length


def address_test(values: tuple[str, ...], *, negated: bool) -> ValueTest:
    """IpAddress, or NotIpAddress when `negated`."""
    ranges = tuple(r for v in values if (r := read_range(v)) is not None)

    def test(text: str) -> bool:
        address = read_address(text)
        if address is None:
            return False
        return any(r.holds(address) for r in ranges) is not negated

    return lambda value, _: test(value)
