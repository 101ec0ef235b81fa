"""A value that must not be seen: not in a log, an error, a repr, a ledger or a file."""

from hmac import compare_digest
from typing import Never


class Secret:
    """Wraps a secret string; only `reveal()` gives it back.

    It has no useful repr, cannot be pickled or copied into JSON, and compares in constant time.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself. Call it only where the value leaves for AWS."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> Never:
        raise TypeError("a Secret is never stored")
