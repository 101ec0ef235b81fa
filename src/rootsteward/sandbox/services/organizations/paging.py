"""Pages of Organizations lists: `NextToken` and `MaxResults` (rule card ORG-08)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from rootsteward.sandbox.call import Call, Output
from rootsteward.sandbox.services.organizations.refusals import invalid_input

_Item = TypeVar("_Item")
PAGE_ITEMS = 20


def page(
    name: str, items: Iterable[_Item], call: Call, show: Callable[[_Item], dict[str, Any]]
) -> Output:
    """One page of `items` under the member `name`.

    LIMIT: a token holds a position, so items that come or go between two pages may be seen twice
    or not at all; AWS promises no more.
    """
    start = _position(call)
    size = call.params.get("MaxResults", PAGE_ITEMS)
    window = list(islice(items, start, start + size + 1))
    output: dict[str, Any] = {name: [show(item) for item in window[:size]]}
    if len(window) > size:
        output["NextToken"] = _token(call, start + size)
    return output


def _token(call: Call, position: int) -> str:
    return urlsafe_b64encode(f"{call.operation}:{position}".encode()).decode()


def _position(call: Call) -> int:
    token = call.params.get("NextToken")
    if token is None:
        return 0
    try:
        operation, _, position = urlsafe_b64decode(token.encode()).decode().partition(":")
        if operation == call.operation and position.isdecimal():
            return int(position)
    except ValueError:
        pass
    raise invalid_input(
        "INVALID_NEXT_TOKEN",
        "You specified an invalid value for nextToken. You must get the value from the response "
        "to a previous call to the API.",
    )
