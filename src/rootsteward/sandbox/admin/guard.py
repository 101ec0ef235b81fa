"""Who may reach the admin API: programs on this machine, and pages that it served itself.

The API gives away every key of the sandbox, so by default only loopback addresses may ask. A
browser on this machine is one of them and may be showing anybody's page; therefore a request
must name a loopback host (a rebound DNS name does not) and come from no other origin.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rootsteward.sandbox.admin.answers import refused

_OWN_SITES = frozenset({"", "same-origin", "none"})


class Guard:
    """An ASGI application that lets only allowed requests through to another."""

    def __init__(self, app: ASGIApp, *, anywhere: bool) -> None:
        self._app = app
        self._anywhere = anywhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on one request."""
        refusal = None if scope["type"] != "http" else self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if not self._anywhere:
            client = request.client.host if request.client else ""
            if not _is_loopback(client):
                return refused(
                    403,
                    "the admin API answers this machine only",
                    "ask from the machine itself, or serve with --remote-admin",
                )
            if not _is_loopback(_name_of(f"//{host}")):
                return refused(
                    403,
                    "the admin API is not at the host that was named",
                    "use http://127.0.0.1 or http://localhost with the sandbox's port",
                )
        origin = request.headers.get("origin")
        foreign = origin is not None and origin != f"{request.url.scheme}://{host}"
        if foreign or request.headers.get("sec-fetch-site", "") not in _OWN_SITES:
            return refused(403, "the admin API answers no other site's page", "open it directly")
        return None


def _name_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)
