"""The status page: one world at a glance, without scripts and without anything from elsewhere."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby, islice
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from rootsteward.sandbox.admin.account_search import Search
from rootsteward.sandbox.admin.world_view import View, world_view
from rootsteward.sandbox.recent_calls import SUCCESS
from rootsteward.sandbox.server import ADMIN_PREFIX
from rootsteward.sandbox.stage import Stage

_PACKAGE = "rootsteward.sandbox.admin"
PAGE_ACCOUNTS = 100
_PAGE_CALLS = 60
_MOST_CALLS = 500
_LONGEST_SEARCH = 100
# Where the name of an operation, or an ARN, may go on in the next line.
_BREAKS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=/)(?=.)")
_ASKED = ("q", "holding", "calls", "every", "page")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
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


def search_in(request: Request) -> Search:
    """The accounts that `?q=TEXT` and `?holding=1` ask for."""
    asked = request.query_params
    return Search(asked.get("q", "")[:_LONGEST_SEARCH], asked.get("holding") == "1")


def status_page(stage: Stage, request: Request) -> Response:
    """The page for `?page=N`, counted from 1; what is no such page is the nearest one.

    `?q=` and `?holding=1` choose accounts, `?calls=refused` the calls that did not succeed, and
    `?every=N` has the browser ask again after so many seconds, 2 at least.
    """
    search, number = search_in(request), _number(request, "page", 1)
    pages = max(1, -(-len(search.found_in(stage.world)) // PAGE_ACCOUNTS))
    page = min(max(1, number), pages)
    view = world_view(
        stage.sandbox,
        offset=(page - 1) * PAGE_ACCOUNTS,
        limit=PAGE_ACCOUNTS,
        calls=_MOST_CALLS,
        search=search,
    )
    refused_only = request.query_params.get("calls") == "refused"
    rules = stage.sandbox.faults.rules.rules
    text = _template().render(
        view=view,
        page=page,
        pages=pages,
        search=search,
        asked=_asked(request),
        every=_number(request, "every", 0) and max(2, _number(request, "every", 0)),
        calls=list(islice(_runs(view["recent_calls"], refused_only=refused_only), _PAGE_CALLS)),
        refused=sum(1 for call in view["recent_calls"] if call["outcome"] != SUCCESS),
        refused_only=refused_only,
        rules=[
            {**rule.model_dump(mode="json", exclude_defaults=True), **counts}
            for rule, counts in zip(rules, stage.sandbox.faults.counts(), strict=True)
        ],
        parts=_BREAKS.split,
        prefix=ADMIN_PREFIX,
        frozen=stage.clock.is_frozen,
        ahead_seconds=round(stage.clock.ahead_seconds),
    )
    return Response(text, headers=_HEADERS, media_type="text/html; charset=utf-8")


def _number(request: Request, name: str, default: int) -> int:
    asked = request.query_params.get(name, "")
    # WHY the length: a number of thousands of digits is no page either, and costs to read.
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else default  # noqa: PLR2004 (as above)


def _asked(request: Request) -> Callable[..., str]:
    """Makes the address of this page with some of what was asked changed; None takes it out."""
    kept = {name: request.query_params[name] for name in _ASKED if name in request.query_params}

    def address(anchor: str = "", **changes: object) -> str:
        wanted = kept | {name: str(value) for name, value in changes.items() if value is not None}
        gone = {name for name, value in changes.items() if value is None}
        pairs = urlencode({k: v for k, v in wanted.items() if k not in gone and v})
        return f"?{pairs}{anchor}"

    return address


def _runs(calls: Iterable[View], *, refused_only: bool) -> Iterator[View]:
    """Calls that follow each other and differ in nothing but time, as one with their number."""
    chosen = (call for call in calls if not refused_only or call["outcome"] != SUCCESS)
    for _, alike in groupby(chosen, key=_looks):
        newest, *older = alike
        yield newest | {"times": 1 + len(older)}


def _looks(call: View) -> tuple[object, ...]:
    return tuple(value for name, value in call.items() if name not in {"at", "request_id"})
