"""Operations that answer page by page, read off botocore's paginators, and empty pages of them.

SOURCE: AWS promises that a page may be empty and still have a token (rule card ORG-08).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import DataNotFoundError

from rootsteward.sandbox.call import Output, Params
from rootsteward.sandbox.wire.models import loader

_MARK = "after-an-empty-page."


@dataclass(frozen=True, slots=True)
class Paging:
    """The names of the members that page: tokens of request and answer, lists, "more" flag."""

    input_token: str
    output_token: str
    lists: tuple[str, ...]
    more: str | None


@cache
def paging_of(service: str, operation: str) -> Paging | None:
    """How an operation pages, or None when it does not.

    LIMIT: operations with several tokens (`ListObjectVersions`) count as not paged.
    """
    config = _paginators(service).get(operation)
    if config is None or isinstance(config["input_token"], list):
        return None
    lists = config["result_key"]
    return Paging(
        input_token=config["input_token"],
        output_token=config["output_token"],
        lists=tuple(lists) if isinstance(lists, list) else (lists,),
        more=config.get("more_results"),
    )


@cache
def _paginators(service: str) -> Mapping[str, Mapping[str, Any]]:
    try:
        found = loader().load_service_model(service, "paginators-1")
    except DataNotFoundError:
        return {}
    pagination: Mapping[str, Mapping[str, Any]] = found["pagination"]
    return pagination


def follows_empty_page(params: Params, paging: Paging) -> bool:
    """Whether a request goes on after a page that was emptied."""
    token = params.get(paging.input_token)
    return isinstance(token, str) and token.startswith(_MARK)


def without_mark(params: Params, paging: Paging) -> Params:
    """The request as it would have been without the empty page."""
    token: str = params[paging.input_token]
    try:
        original = urlsafe_b64decode(token.removeprefix(_MARK)).decode()
    except ValueError:
        return params
    rest = {name: value for name, value in params.items() if name != paging.input_token}
    return rest | ({paging.input_token: original} if original else {})


def emptied(output: Output, params: Params, paging: Paging) -> Output:
    """A page with nothing on it, whose token leads to the page it stands for."""
    token = _MARK + urlsafe_b64encode(params.get(paging.input_token, "").encode()).decode()
    empty: dict[str, Any] = {name: [] for name in paging.lists if name in output}
    if paging.more:
        empty[paging.more] = True
    if "KeyCount" in output:
        empty["KeyCount"] = 0
    return {**output, **empty, paging.output_token: token}
