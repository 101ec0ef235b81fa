"""Session tags: what they must look like, and the condition keys they bring (rule card STS-10)."""

from collections.abc import Mapping, Sequence

from rootsteward.domain.authorization import ContextValue
from rootsteward.sandbox.call import Call, ServiceError


def check_session_tags(call: Call) -> None:
    """Refuse tags that cannot be those of a session.

    Raises:
        ServiceError: `InvalidParameterValue`.
    """
    keys = [tag["Key"].casefold() for tag in _tags(call)]
    if len(set(keys)) < len(keys):
        raise _refused("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.casefold() in keys for key in call.caller.transitive_tags):
        raise _refused(
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session."
        )
    if not {key.casefold() for key in _transitive_keys(call)} <= set(keys):
        raise _refused("The specified transitive tag key must be included in the requested tags.")


def _refused(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", message)


def needs_tag_session(call: Call) -> bool:
    """Whether the session is to have tags, be they new or handed on."""
    return bool(_tags(call) or call.caller.transitive_tags)


def session_tags(call: Call) -> dict[str, str]:
    """The tags of the new session: those handed on by the calling one, and those given."""
    return {**call.caller.transitive_tags, **{tag["Key"]: tag["Value"] for tag in _tags(call)}}


def transitive_tags(call: Call) -> dict[str, str]:
    """The tags that the new session will hand on in its turn."""
    wanted = {key.casefold() for key in _transitive_keys(call)}
    given = {tag["Key"]: tag["Value"] for tag in _tags(call) if tag["Key"].casefold() in wanted}
    return {**call.caller.transitive_tags, **given}


def tags_context(call: Call) -> dict[str, ContextValue]:
    """The condition keys of the request for a session with tags; none without."""
    tags = session_tags(call)
    if not tags:
        return {}
    context: dict[str, ContextValue] = {
        **{f"aws:RequestTag/{key}": value for key, value in tags.items()},
        "aws:TagKeys": tuple(tags),
    }
    transitive = tuple(_transitive_keys(call))
    return {**context, "sts:TransitiveTagKeys": transitive} if transitive else context


def _tags(call: Call) -> Sequence[Mapping[str, str]]:
    tags: Sequence[Mapping[str, str]] = call.params.get("Tags", ())
    return tags


def _transitive_keys(call: Call) -> Sequence[str]:
    keys: Sequence[str] = call.params.get("TransitiveTagKeys", ())
    return keys
