"""Reads every page of a list, each page a call of its own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

# WHY Any: botocore's answers are typed per operation; a page is read by its own service file.
Page = Mapping[str, Any]


def every_page(
    fetch: Callable[[dict[str, Any]], Page], *, sent: str = "NextToken", got: str = "NextToken"
) -> Iterator[Page]:
    """Yield pages until one has no token.

    An empty page with a token is not the end (rule card ORG-41).

    Args:
        fetch: makes the call with the given extra parameters.
        sent: the parameter that continues a list.
        got: the member of the answer that holds its value.
    """
    more: dict[str, Any] = {}
    while True:
        page = fetch(more)
        yield page
        token = page.get(got)
        if not token:
            return
        more = {sent: token}
