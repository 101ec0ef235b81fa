"""Tags as IAM reads and shows them, and the condition keys they bring (rule card IAM-11)."""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import ContextValue
from rootsteward.sandbox.call import Call, Output, Params, ServiceError
from rootsteward.sandbox.services.iam.paging import page

# SOURCE: IAM quotas.
MOST_TAGS = 50
_RESERVED_PREFIX = "aws:"


def request_tags_context(params: Params) -> dict[str, ContextValue]:
    """`aws:RequestTag/…` and `aws:TagKeys`; neither is there when the request has no tags."""
    tags: Sequence[Mapping[str, str]] = params.get("Tags", ())
    keys = tuple(params.get("TagKeys") or (tag["Key"] for tag in tags))
    context: dict[str, ContextValue] = {
        f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags
    }
    return {**context, "aws:TagKeys": keys} if keys else context


def resource_tags_context(tags: Mapping[str, str]) -> dict[str, ContextValue]:
    """`aws:ResourceTag/…`, and the older name that IAM has for it."""
    return {
        f"{prefix}:ResourceTag/{key}": value
        for key, value in tags.items()
        for prefix in ("aws", "iam")
    }


def read_tags(params: Params) -> dict[str, str]:
    """The tags of a request; none when it has none.

    Raises:
        ServiceError: `InvalidInput`, when a key is given twice or is AWS's own.
    """
    pairs = [(tag["Key"], tag["Value"]) for tag in params.get("Tags", ())]
    if len({key.casefold() for key, _ in pairs}) != len(pairs):
        raise invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(key.lower().startswith(_RESERVED_PREFIX) for key, _ in pairs):
        raise invalid_input(f"Tag keys must not start with {_RESERVED_PREFIX}")
    return dict(pairs)


def add_tags(tags: dict[str, str], params: Params) -> None:
    """Put the tags of a request on something; a key that is there keeps its old spelling's place.

    Raises:
        ServiceError: `InvalidInput`, or `LimitExceeded` when there would be too many.
    """
    given = read_tags(params)
    if not given:
        raise invalid_input("Tags must not be empty.")
    folded = {key.casefold(): key for key in tags}
    if len(folded.keys() | {key.casefold() for key in given}) > MOST_TAGS:
        raise ServiceError(
            "LimitExceeded", "The number of tags has reached the maximum limit.", 409
        )
    for key, value in given.items():
        tags.pop(folded.get(key.casefold(), key), None)
        tags[key] = value


def drop_tags(tags: dict[str, str], params: Params) -> None:
    """Take the named tags off something; names that are not there change nothing.

    Raises:
        ServiceError: `InvalidInput`, when no names are given.
    """
    if not params["TagKeys"]:
        raise invalid_input("TagKeys must not be empty.")
    wanted = {key.casefold() for key in params["TagKeys"]}
    for key in [key for key in tags if key.casefold() in wanted]:
        del tags[key]


def shown_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags in the shape of the model."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag(call: Call, tags: dict[str, str]) -> Output:
    """Add or change tags."""
    add_tags(tags, call.params)
    return {}


def untag(call: Call, tags: dict[str, str]) -> Output:
    """Remove tags."""
    drop_tags(tags, call.params)
    return {}


def list_tags(call: Call, tags: dict[str, str]) -> Output:
    """One page of tags, in alphabetical order."""
    return page("Tags", sorted(tags.items()), call.params, lambda t: {"Key": t[0], "Value": t[1]})


def invalid_input(message: str) -> ServiceError:
    """The input is wrong in a way the model does not tell."""
    return ServiceError("InvalidInput", message)
