"""BinaryEquals: base64 on both sides, compared byte by byte."""

import base64
import binascii

from rootsteward.policy.conditions.verdict import ValueTest


def read_binary(text: str) -> bytes | None:
    """The bytes of a base64 text, or None."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def binary_test(values: tuple[str, ...]) -> ValueTest:
    """The operator BinaryEquals; a value that is not base64 equals nothing."""
    wanted = frozenset(b for v in values if (b := read_binary(v)) is not None)
    return lambda value, _: read_binary(value) in wanted
