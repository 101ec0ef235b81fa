"""One HTTP request and one HTTP response, as values."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

HeaderPairs = tuple[tuple[str, str], ...]


class Headers:
    """HTTP headers in the order they came; looked up by lower-case name, values untouched.

    Immutable. Bytes that are not UTF-8 are kept as surrogate escapes, so that a signature over
    them can still be checked.
    """

    __slots__ = ("_first", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: HeaderPairs = tuple((name.lower(), value) for name, value in pairs)
        first: dict[str, str] = {}
        for name, value in self.pairs:
            first.setdefault(name, value)
        self._first = first

    def get(self, name: str, default: str = "") -> str:
        """The first value of the header `name` (lower case), or `default`."""
        return self._first.get(name, default)

    def every(self, name: str) -> list[str]:
        """Every value of the header `name` (lower case), in order."""
        return [value for key, value in self.pairs if key == name]

    def names(self) -> Iterable[str]:
        """Each name once, lower case, in order of first appearance."""
        return self._first.keys()

    def __contains__(self, name: object) -> bool:
        return name in self._first

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        # WHY: values carry session tokens and signatures; only names may reach a log.
        return f"Headers({', '.join(self._first)})"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came over the wire.

    `raw_path` is still percent-encoded and has no query; `query_string` has no question mark;
    `host` is the `Host` header as sent, port included. `body` is the body as sent; what is
    left after `aws-chunked` is undone is `Signature.body`.
    """

    method: str
    raw_path: str
    query_string: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = field(default=b"", repr=False)
    host: str = ""
    source_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response to send. Content-Length is added when it is sent.

    `delay_seconds` is waited before the first byte, without blocking other calls; `reset` closes
    the connection without an answer instead. Both exist for faults on demand.
    """

    status: int
    headers: HeaderPairs = ()
    body: bytes = field(default=b"", repr=False)
    delay_seconds: float = 0.0
    reset: bool = False

    def header(self, name: str, default: str = "") -> str:
        """The first value of the header `name`, whatever its case, or `default`."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)
