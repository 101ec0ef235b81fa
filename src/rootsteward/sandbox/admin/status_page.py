"""The status page: one world at a glance, without scripts and without anything from elsewhere."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from rootsteward.sandbox.admin.world_view import world_view
from rootsteward.sandbox.server import ADMIN_PREFIX
from rootsteward.sandbox.stage import Stage

_PACKAGE = "rootsteward.sandbox.admin"
PAGE_ACCOUNTS = 100
_PAGE_CALLS = 60
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
}


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(_PACKAGE), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("status.html")


@cache
def _stylesheet_text() -> str:
    return files(_PACKAGE).joinpath("templates", "status.css").read_text("utf-8")


def stylesheet() -> Response:
    """The page's style."""
    return Response(_stylesheet_text(), headers=_HEADERS, media_type="text/css")


def status_page(stage: Stage, request: Request) -> Response:
    """The page for `?page=N`, counted from 1; what is no such page is the nearest one."""
    total = len(stage.world.organization.accounts)
    pages = max(1, -(-total // PAGE_ACCOUNTS))
    asked = request.query_params.get("page", "1")
    # WHY the length: a number of thousands of digits is no page either, and costs to read.
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1  # noqa: PLR2004 (as above)
    page = min(max(1, number), pages)
    view = world_view(
        stage.sandbox, offset=(page - 1) * PAGE_ACCOUNTS, limit=PAGE_ACCOUNTS, calls=_PAGE_CALLS
    )
    text = _template().render(
        view=view,
        page=page,
        pages=pages,
        prefix=ADMIN_PREFIX,
        frozen=stage.clock.is_frozen,
        ahead_seconds=round(stage.clock.ahead_seconds),
    )
    return Response(text, headers=_HEADERS, media_type="text/html; charset=utf-8")
