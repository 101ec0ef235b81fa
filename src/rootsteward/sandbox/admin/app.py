"""The admin API: its routes, each a few lines on the stage. `docs/sandbox.md` describes them."""

from collections.abc import Sequence
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.sandbox.admin.answers import answer, download, refused
from rootsteward.sandbox.admin.bodies import (
    BehaviourBody,
    BodyReader,
    ClockBody,
    wrong_content_type,
)
from rootsteward.sandbox.admin.guard import Guard
from rootsteward.sandbox.admin.status_page import search_in, status_page, stylesheet
from rootsteward.sandbox.admin.world_view import world_view
from rootsteward.sandbox.behaviour import FaultRules
from rootsteward.sandbox.scenarios.identities import listing
from rootsteward.sandbox.server import ADMIN_PREFIX, AsgiApp
from rootsteward.sandbox.stage import Stage

_MOST_ACCOUNTS = 1000
_MOST_CALLS = 500

# Path, the endpoint's name, and the method.
ROUTES: Sequence[tuple[str, str, str]] = (
    ("/", "status", "GET"),
    ("/status.css", "style", "GET"),
    ("/health", "health", "GET"),
    ("/world", "world", "GET"),
    ("/identities", "identities", "GET"),
    ("/faults", "get_faults", "GET"),
    ("/faults", "put_faults", "PUT"),
    ("/faults", "delete_faults", "DELETE"),
    ("/behaviour", "get_behaviour", "GET"),
    ("/behaviour", "put_behaviour", "PUT"),
    ("/clock", "get_clock", "GET"),
    ("/clock", "post_clock", "POST"),
    ("/reset", "reset", "POST"),
    ("/saved-world", "get_saved_world", "GET"),
    ("/saved-world", "put_saved_world", "PUT"),
)


def admin_app(stage: Stage, *, anywhere: bool = False) -> AsgiApp:
    """The application for `serve(..., admin=...)`.

    With `anywhere` it answers every address, not this machine's alone.
    """
    api = _Api(stage)
    routes = [
        Route(ADMIN_PREFIX + path, getattr(api, endpoint), methods=[method])
        for path, endpoint, method in ROUTES
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_route})
    # WHY a cast: Starlette's types and the server's are two spellings of the same ASGI.
    return cast("AsgiApp", Guard(app, anywhere=anywhere))


def _no_such_route(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    what = "this path takes another method" if status == 405 else "there is no such path"  # noqa: PLR2004 (method not allowed)
    return refused(status, what, "docs/sandbox.md lists the paths of the admin API")


class _Api:
    """The endpoints. They run in the server's event loop, as the calls do, so nothing locks."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._fault_body = BodyReader(FaultRules)
        self._clock_body = BodyReader(ClockBody)
        self._behaviour_body = BodyReader(BehaviourBody)

    async def status(self, request: Request) -> Response:
        return status_page(self._stage, request)

    async def style(self, _request: Request) -> Response:
        return stylesheet()

    async def health(self, _request: Request) -> Response:
        return answer({"status": "ok"})

    async def world(self, request: Request) -> Response:
        try:
            offset = _number(request, "offset", 0, None)
            limit = _number(request, "limit", 200, _MOST_ACCOUNTS)
            calls = _number(request, "calls", 50, _MOST_CALLS)
        except InputError as error:
            return refused(400, error.message, error.help)
        search = search_in(request)
        return answer(
            world_view(self._stage.sandbox, offset=offset, limit=limit, calls=calls, search=search)
        )

    async def identities(self, _request: Request) -> Response:
        return answer(listing(self._stage.world))

    async def get_faults(self, _request: Request) -> Response:
        return answer(self._faults())

    async def put_faults(self, request: Request) -> Response:
        body = await self._fault_body.read(request)
        if isinstance(body, Response):
            return body
        self._stage.sandbox.behave(self._stage.world.behaviour.but(faults=body))
        return answer(self._faults())

    async def delete_faults(self, _request: Request) -> Response:
        self._stage.set_faults()
        return answer(self._faults())

    async def get_behaviour(self, _request: Request) -> Response:
        return answer(self._behaviour())

    async def put_behaviour(self, request: Request) -> Response:
        body = await self._behaviour_body.read(request)
        if isinstance(body, Response):
            return body
        behaviour = self._stage.world.behaviour
        self._stage.sandbox.behave(behaviour.but(throttle=body.throttle, realistic=body.realistic))
        if body.findings_delay_seconds is not None:
            self._stage.world.findings.delay_seconds = body.findings_delay_seconds
        return answer(self._behaviour())

    async def get_clock(self, _request: Request) -> Response:
        return answer(self._clock())

    async def post_clock(self, request: Request) -> Response:
        body = await self._clock_body.read(request)
        if isinstance(body, Response):
            return body
        clock = self._stage.clock
        if body.frozen is not None:
            (clock.freeze if body.frozen else clock.resume)()
        clock.advance(body.advance_seconds)
        return answer(self._clock())

    async def reset(self, request: Request) -> Response:
        # WHY a type for an empty body: it makes a browser ask before another site's page sends it.
        refusal = wrong_content_type(request)
        if refusal is not None:
            return refusal
        try:
            self._stage.reset()
        except OperatorError as error:
            return refused(409, error.message, error.help)
        return answer({"status": "reset"})

    async def get_saved_world(self, _request: Request) -> Response:
        world = self._stage.world
        return download(self._stage.saved(), f"world-{world.organization.id}.json")

    async def put_saved_world(self, request: Request) -> Response:
        refusal = wrong_content_type(request)
        if refusal is not None:
            return refusal
        try:
            self._stage.restore(await request.body())
        except InputError as error:
            return refused(400, error.message, error.help)
        return answer({"status": "loaded"})

    def _faults(self) -> dict[str, object]:
        faults = self._stage.sandbox.faults
        rules = zip(faults.rules.rules, faults.counts(), strict=True)
        return {
            "seed": faults.rules.seed,
            "rules": [
                {**rule.model_dump(mode="json", exclude_defaults=True), **counts}
                for rule, counts in rules
            ],
        }

    def _behaviour(self) -> dict[str, object]:
        behaviour = self._stage.world.behaviour
        return {
            "throttle": behaviour.throttle,
            "realistic": behaviour.realistic,
            "findings_delay_seconds": self._stage.world.findings.delay_seconds,
        }

    def _clock(self) -> dict[str, object]:
        clock = self._stage.clock
        return {
            "now": clock().isoformat(),
            "ahead_seconds": clock.ahead_seconds,
            "frozen": clock.is_frozen,
        }


def _number(request: Request, name: str, default: int, most: int | None) -> int:
    """A whole number of the query string.

    Raises:
        InputError: it is none, or out of range.
    """
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or (most is not None and int(text) > most):
        raise InputError(
            f"`{name}` cannot be `{text}`",
            help=f"a whole number from 0{f' to {most}' if most is not None else ''}",
        )
    return int(text)
