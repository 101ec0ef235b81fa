"""What the policy simulator refuses before it simulates anything (rule card IAM-26)."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from rootsteward.domain.authorization import ContextValue, NamedDocument, PolicyType
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.call import Params, ServiceError
from rootsteward.sandbox.services.iam.document_rules import readable
from rootsteward.sandbox.services.iam.subjects import no_such_entity
from rootsteward.sandbox.services.iam.tag_rules import invalid_input
from rootsteward.sandbox.world.identities import IamUser, Role
from rootsteward.sandbox.world.world import World

EVERYTHING = "*"
_ARN_PARTS = 6
_SIMULATED = re.compile(r"arn:[\w-]+:iam::(\d{12}):(user|role|group)/(?:.*/)?([^/]+)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_DATE = re.compile(r"[+-]?\d.*", re.ASCII)


def check_inputs(params: Params) -> None:
    """Refuse actions, resources, boundaries, owners and markers that cannot be.

    Raises:
        ServiceError: `InvalidInput`.
    """
    if any(":" not in action for action in params["ActionNames"]):
        raise invalid_input("The action is invalid since it is missing names")
    for name in params.get("ResourceArns", ()):
        if name != EVERYTHING and not _is_arn(name):
            raise invalid_input(f"ResourceNames are not in a valid ARN format: {name}.")
    if len(params.get("PermissionsBoundaryPolicyInputList", ())) > 1:
        raise invalid_input("The list of Permissions Boundary policies cannot exceed 1 items.")
    owner = params.get("ResourceOwner")
    if owner is not None and not _is_arn(owner):
        raise invalid_input(f"'{owner}' is not a valid as a Resource Owner.")
    if not params.get("Marker", "0").isdecimal():
        raise invalid_input("Invalid marker for pagination.")


def _is_arn(text: str) -> bool:
    return text.startswith("arn:") and len(text.split(":", _ARN_PARTS - 1)) == _ARN_PARTS


def check_resource_policy(params: Params, caller_arn: str | None) -> None:
    """Refuse a resource policy without a caller or a resource that it could be about.

    Raises:
        ServiceError: `InvalidInput`.
    """
    if "ResourcePolicy" not in params:
        return
    if not caller_arn:
        raise invalid_input("Invalid caller - Caller cannot be null or empty.")
    if not _SIMULATED.fullmatch(caller_arn):
        raise invalid_input(
            "Invalid caller - Caller must be an IAM user, role or group in this context."
        )
    if EVERYTHING in params.get("ResourceArns", (EVERYTHING,)):
        raise invalid_input(
            f"Invalid Entity Arn: {EVERYTHING} does not clearly define entity type and name."
        )


def source_of(world: World, arn: str, account: AccountId) -> IamUser | Role:
    """The user or role whose policies are simulated; the path in its ARN makes no difference.

    Raises:
        ServiceError: `InvalidInput` or `NoSuchEntity`.
    """
    found = _SIMULATED.fullmatch(arn)
    if found is None:
        raise invalid_input(f"Invalid ARN provided in the request: {arn}")
    owner, kind, name = found.groups()
    if owner != account:
        raise invalid_input(
            f"Invalid Policy Source Arn: caller's account {account} does not have access to "
            f"policies in account {owner}."
        )
    holder: IamUser | Role | None = None
    if kind == "user":
        holder = world.identities.user(account, name)
    elif kind == "role":
        holder = world.identities.role(account, name)
    if holder is None:
        raise no_such_entity("Unable to retrieve specified IAM entity.")
    return holder


def documents(texts: Iterable[str], name: str) -> tuple[NamedDocument, ...]:
    """Policies of the request, called after the list they stand in.

    Raises:
        ServiceError: `InvalidInput`.
    """
    return tuple(
        NamedDocument(f"{name}.{number}", _readable(text, number))
        for number, text in enumerate(texts, 1)
    )


def _readable(text: str, number: int) -> str:
    try:
        return readable(text, PolicyType.IDENTITY)
    except ServiceError:
        raise invalid_input(f"Policy input list item {number} has invalid content") from None


# --- context entries

_Entry = Mapping[str, Any]


def context_values(entries: Sequence[_Entry]) -> dict[str, ContextValue]:
    """The context that a request gives.

    Raises:
        ServiceError: `InvalidInput`.
    """
    context: dict[str, ContextValue] = {}
    seen: set[str] = set()
    for entry in entries:
        if "ContextKeyName" not in entry:
            # WHY here: the model does not say that a key needs a name.
            raise invalid_input("Every context entry must have a context key name.")
        name = entry["ContextKeyName"]
        if name.lower() in seen:
            raise invalid_input(f"Duplicate context key: {name}.")
        seen.add(name.lower())
        context[name] = _value(entry)
    return context


def _value(entry: _Entry) -> ContextValue:
    kind, values = entry.get("ContextKeyType", ""), tuple(entry.get("ContextKeyValues", ()))
    if kind and not kind.endswith("List") and len(values) > 1:
        raise invalid_input(
            f"Context key {kind} expected a single value, but received {len(values)}."
        )
    form, fits = _FORMS.get(kind.removesuffix("List"), ("", _anything))
    if not all(fits(value) for value in values):
        raise invalid_input(
            f"Invalid context value for key {entry['ContextKeyName']}: expected {form}."
        )
    return values if kind.endswith("List") or len(values) != 1 else values[0]


def _anything(_text: str) -> bool:
    return True


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    """LIMIT: whatever begins with a number."""
    return _DATE.fullmatch(text) is not None


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except ValueError:
        return False
    return True


_FORMS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "numeric": ("numeric format", _is_number),
    "date": ("DateTime format", _is_date),
    "ip": ("IP address", _is_network),
    "binary": ("base-64 encoded binary format", _is_base64),
}
