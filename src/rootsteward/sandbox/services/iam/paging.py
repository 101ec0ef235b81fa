"""Pages of IAM lists: `Marker` and `MaxItems`."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rootsteward.sandbox.call import Output, Params, ServiceError

_Item = TypeVar("_Item")
_DEFAULT_ITEMS = 100


def page(
    name: str, items: Sequence[_Item], params: Params, show: Callable[[_Item], dict[str, Any]]
) -> Output:
    """One page of `items` under the member `name`."""
    start = _start(params)
    end = start + params.get("MaxItems", _DEFAULT_ITEMS)
    output: dict[str, Any] = {
        name: [show(item) for item in items[start:end]],
        "IsTruncated": end < len(items),
    }
    if end < len(items):
        output["Marker"] = str(end)
    return output


def _start(params: Params) -> int:
    marker = params.get("Marker", "0")
    if not marker.isdecimal():
        raise ServiceError("ValidationError", "Invalid Marker.")
    return int(marker)
