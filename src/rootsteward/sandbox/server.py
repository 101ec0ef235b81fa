"""The sandbox over HTTP: one ASGI application and two ways to run it.

The application reads a request, hands it to `handle`, and sends the response. It knows nothing
of AWS but how to word its own failures. `handle` runs in the event loop's thread, one request at
a time, so whoever keeps the world needs no lock.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import Enum
from types import FrameType
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rootsteward.domain.errors import BugError, InputError
from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.encode_error import encode_error
from rootsteward.sandbox.wire.http import Headers, HttpRequest, HttpResponse
from rootsteward.sandbox.wire.models import Protocol
from rootsteward.sandbox.wire.route import identify

# WHY Any: these are the types of the ASGI specification, which are dictionaries of anything.
Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Message], Any]
AsgiApp = Callable[[Scope, Receive, Send], Any]
Handle = Callable[[HttpRequest], HttpResponse]

MAX_BODY_BYTES = 16 * 1024 * 1024
# WHY: no bucket name and no AWS path begins with an underscore, so nothing is taken away.
ADMIN_PREFIX = "/_rootsteward"

# The ASGI extension by which the connection and the application speak about more than messages.
_CONNECTION = "rootsteward.connection"
_STARTUP_SECONDS = 30.0
# How long a client may take to read its answer once the server stops.
_DRAIN_SECONDS = 0.5
_NO_CONTENT = 204
_MAPPED = "::ffff:"
_log = logging.getLogger(__name__)


class _NoBody(Enum):
    """Why there is no body to answer to."""

    TOO_LARGE = "over the limit"
    CUT_SHORT = "ended before its length, and the client still listens"
    GONE = "the client hung up"


class _Pauses:
    """Answers that are held back. When the server stops, none of them is waited for."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._ended = False

    async def wait(self, seconds: float) -> bool:
        """Wait so long; False as soon as the server stops, and then there is no answer."""
        if self._ended:
            return False
        end = asyncio.get_running_loop().create_future()
        self._waiting.add(end)
        try:
            await asyncio.wait([end], timeout=seconds)
        finally:
            self._waiting.discard(end)
        return not self._ended

    def end(self) -> None:
        """Let every wait end, those to come at once."""
        self._ended = True
        for end in self._waiting:
            end.set_result(None)


def asgi_app(
    handle: Handle,
    *,
    admin: AsgiApp | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
    pauses: _Pauses | None = None,
) -> AsgiApp:
    """The ASGI application that answers every request by `handle`.

    Paths below `ADMIN_PREFIX` go to `admin`, if there is one. A body over `max_body_bytes`, or
    one that ends too early, is refused in the protocol's words; an exception out of `handle`
    becomes that protocol's internal failure and one log line.
    """
    pauses = pauses or _Pauses()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if admin is not None and scope["path"].startswith(ADMIN_PREFIX):
            await admin(scope, receive, send)
            return
        body = await _read_body(scope, receive, max_body_bytes)
        if body is _NoBody.GONE:
            return
        if isinstance(body, _NoBody):
            response = _refuse_body(body, _request(scope, b""))
        else:
            response = _answer(handle, _request(scope, body))
        if response.delay_seconds > 0 and not await pauses.wait(response.delay_seconds):
            response = replace(response, reset=True)
        await _send(scope, receive, send, response)

    return app


async def _read_body(scope: Scope, receive: Receive, max_body_bytes: int) -> bytes | _NoBody:
    """The whole body, or why there is none (one that is too large is read and dropped).

    INVARIANT: part of a body is never taken for all of it.
    """
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return _NoBody.GONE
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= max_body_bytes:
            chunks.append(chunk)
        else:
            chunks.clear()
        more = message.get("more_body", False)
    if _connection(scope).get("cut_short"):
        return _NoBody.CUT_SHORT
    return b"".join(chunks) if size <= max_body_bytes else _NoBody.TOO_LARGE


def _connection(scope: Scope) -> dict[str, Any]:
    connection: dict[str, Any] = scope.get("extensions", {}).get(_CONNECTION, {})
    return connection


def _request(scope: Scope, body: bytes) -> HttpRequest:
    headers = Headers(
        (name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))
        for name, value in scope["headers"]
    )
    client = scope.get("client")
    return HttpRequest(
        method=scope["method"],
        raw_path=(scope.get("raw_path") or b"/").decode("latin-1"),
        query_string=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        host=headers.get("host"),
        # WHY: where both families are served, addresses of IPv4 come as those of IPv6.
        source_ip=client[0].removeprefix(_MAPPED) if client else "127.0.0.1",
    )


def _answer(handle: Handle, request: HttpRequest) -> HttpResponse:
    try:
        return handle(request)
    except Exception:  # noqa: BLE001 (any failure is answered in the protocol's words)
        # INVARIANT: no request takes the server down. WHY the path alone: the query string of a
        # presigned address holds a signature and a token.
        _log.exception("the sandbox failed on %s %s", request.method, request.raw_path)
        return _failure(request)


def _failure(request: HttpRequest) -> HttpResponse:
    service = identify(request)
    is_s3 = service is not None and service.protocol is Protocol.REST_XML
    error = ServiceError(
        "InternalError" if is_s3 else "InternalFailure",
        "We encountered an internal error. Please try again.",
        500,
    )
    return encode_error(error, service, None, str(uuid.uuid4()))


def _refuse_body(trouble: _NoBody, request: HttpRequest) -> HttpResponse:
    service = identify(request)
    is_s3 = service is not None and service.protocol is Protocol.REST_XML
    if trouble is _NoBody.TOO_LARGE:
        error = (
            ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
            if is_s3
            else ServiceError("RequestEntityTooLargeException", "Request entity too large", 413)
        )
    else:
        error = ServiceError(
            # Rule card S3-60; no other service says what it calls it.
            "IncompleteBody" if is_s3 else "SerializationException",
            "The request body terminated unexpectedly",
        )
    return encode_error(error, service, None, str(uuid.uuid4()))


async def _send(scope: Scope, receive: Receive, send: Send, response: HttpResponse) -> None:
    abort = _connection(scope).get("abort")
    if response.reset and abort is not None:
        abort()
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    headers = _wire_headers(response, is_head=scope["method"] == "HEAD")
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _wire_headers(response: HttpResponse, *, is_head: bool) -> list[tuple[bytes, bytes]]:
    pairs = [
        (name.lower().encode("latin-1"), value.encode("utf-8", "replace"))
        for name, value in response.headers
    ]
    if is_head and any(name == b"content-length" for name, _ in pairs):
        # WHY: the answer to HEAD has no body, and the length is that of the body GET would have.
        return pairs
    pairs = [pair for pair in pairs if pair[0] != b"content-length"]
    if response.status != _NO_CONTENT:
        pairs.append((b"content-length", b"%d" % len(response.body)))
    return pairs


class _Connection(HttpToolsProtocol):
    """uvicorn's protocol, which also lets the application cut the connection.

    A client that ends its half of the connection still gets an answer, and the application is
    told when the body was not complete.
    """

    @property
    def awaits_body(self) -> bool:
        """Whether a request has begun whose body is not all here."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and cycle.more_body and not cycle.response_complete

    def cut(self) -> None:
        """End the connection at once, whatever is under way on it."""
        self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_CONNECTION: {"abort": self.transport.abort}}

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes True for "stay open"
        # WHY the cast: by uvicorn's word there always is one, and before a request there is none.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete:
            return False
        cycle.keep_alive = False
        if cycle.more_body:
            self.scope["extensions"][_CONNECTION]["cut_short"] = True
            cycle.more_body = False
            cycle.message_event.set()
        return True


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it listens and leaves signals to its caller."""

    def __init__(
        self, config: uvicorn.Config, pauses: _Pauses, on_started: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._pauses = pauses
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut off who has not said everything; let who reads an answer read on, for a while."""
        self._pauses.end()
        self._cut(lambda connection: connection.awaits_body)
        drained = asyncio.get_running_loop().call_later(_DRAIN_SECONDS, self._cut, lambda _: True)
        try:
            await super().shutdown(sockets)
        finally:
            drained.cancel()

    def _cut(self, chosen: Callable[[_Connection], bool]) -> None:
        for connection in cast("set[_Connection]", self.server_state.connections).copy():
            if chosen(connection):
                connection.cut()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # WHY: uvicorn raises the signal again once it has stopped, which would end the process
        # with an error after a clean stop.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        stops = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._stop) for number in stops}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True


def _config(app: AsgiApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        log_level="warning",
        server_header=False,
        # WHY: a call comes from where its connection comes from, whatever a header says.
        proxy_headers=False,
        backlog=2048,
    )


def _listen(host: str, port: int) -> socket.socket:
    if not host:
        # WHY: to a socket it means every address, and a variable that is not set is empty, too.
        raise InputError("the host to listen on is empty", help="name an address, as 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # WHY the protocol: asyncio turns Nagle's delay off only where it is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(
            f"cannot listen on `{host}` port {port}: {str(error.strerror or error).lower()}",
            help="choose another port, or port 0 for any that is free",
        ) from None
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    # WHY: nobody can connect to an address that stands for all of them, and the admin API answers
    # to loopback names only.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (a name, not bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def serve(
    handle: Handle,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    admin: AsgiApp | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Iterator[str]:
    """Serve in a background thread; yields the base URL, and stops when the block ends.

    Port 0 picks a free one. The server listens when the block begins.

    Raises:
        InputError: the address cannot be listened on.
    """
    listener = _listen(host, port)
    url = _url(listener)
    started = threading.Event()
    pauses = _Pauses()
    app = asgi_app(handle, admin=admin, max_body_bytes=max_body_bytes, pauses=pauses)
    server = _Server(_config(app), pauses, started.set)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="rootsteward-sandbox", daemon=True
    )
    thread.start()
    try:
        if not started.wait(_STARTUP_SECONDS):
            raise BugError(f"the sandbox did not begin to listen on {url}")
        yield url
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def serve_forever(
    handle: Handle,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    admin: AsgiApp | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
    on_started: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve in this thread until SIGINT or SIGTERM, then finish what is under way and return.

    `on_started` is called with the base URL once the server listens.

    Raises:
        InputError: the address cannot be listened on.
    """
    listener = _listen(host, port)
    url = _url(listener)
    pauses = _Pauses()
    app = asgi_app(handle, admin=admin, max_body_bytes=max_body_bytes, pauses=pauses)
    server = _Server(_config(app), pauses, lambda: on_started(url))
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
