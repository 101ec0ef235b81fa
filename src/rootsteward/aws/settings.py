"""How to reach AWS: everything an operator may choose, as one value."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rootsteward.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """Where and as whom to call. `None` leaves the choice to the standard AWS configuration.

    Holds no credentials: those come from the standard chain (environment, shared files, SSO,
    container and instance roles) each time a client needs them.

    Args:
        profile: name in the shared AWS configuration files.
        region: for the regional services; also picks the Regional STS endpoint.
        endpoint_url: one address for every service, as the sandbox has.
        credentials_file: the only file to take profiles from; no other configuration is read.
        connect_timeout_seconds: how long to wait for a connection.
        read_timeout_seconds: how long to wait for an answer once a request was sent.
        max_connections: how many connections to one service are kept for reuse; one shared
            pool. More calls at once are possible and make a connection each.

    Raises:
        InputError: when `endpoint_url` is not an http or https address.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    credentials_file: Path | None = None
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 30.0
    max_connections: int = 256

    def __post_init__(self) -> None:
        if self.endpoint_url is None:
            return
        if not _is_address(self.endpoint_url):
            raise InputError(
                f"`{self.endpoint_url}` is not an endpoint address",
                help="an endpoint reads http://host:port or https://host",
            )


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # A port that is no number, or out of range; an IPv6 address that is never closed.
        return False
