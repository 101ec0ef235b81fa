"""`LookupEvents`: the last ninety days of the caller's account in the Region of the call.

SOURCE: CloudTrail API reference, `LookupEvents` (rule card TRAIL-08).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from rootsteward.sandbox.call import Call, Need, Output, ServiceError
from rootsteward.sandbox.services.cloudtrail.events import (
    event_id,
    event_json,
    event_resources,
    event_source,
    queue_url,
    read_only,
    username,
)
from rootsteward.sandbox.services.operation import Operation, Operations
from rootsteward.sandbox.world.trail import Recorded
from rootsteward.sandbox.world.world import World

_KEPT = timedelta(days=90)
_MOST_EVENTS = 50


def _needs(_world: World, call: Call) -> Sequence[Need]:
    return [Need("cloudtrail:LookupEvents", "*", call.caller.account)]


def _lookup(world: World, call: Call) -> Output:
    params = call.params
    if "EventCategory" in params:
        raise ServiceError(
            "UnsupportedOperationException", "The sandbox records no insight events."
        )
    most = params.get("MaxResults", _MOST_EVENTS)
    if not 1 <= most <= _MOST_EVENTS:
        raise ServiceError(
            "InvalidMaxResultsException", f"MaxResults must be between 1 and {_MOST_EVENTS}."
        )
    matching = _matching(world, call)
    shown = list(islice(matching, most))
    output: dict[str, Any] = {"Events": [_described(recorded) for recorded in shown]}
    if next(matching, None) is not None:
        output["NextToken"] = _token(params, shown[-1].sequence)
    return output


def _matching(world: World, call: Call) -> Iterator[Recorded]:
    params = call.params
    wanted = _wanted(params.get("LookupAttributes", []))
    start, end = _time_range(params, call.at)
    before = _sequence_in_token(params) if "NextToken" in params else None
    for recorded in world.trail.newest_first(call.caller.account, call.region):
        # WHY whole seconds: records and the times clients ask for have no fractions.
        at = recorded.call.at.replace(microsecond=0)
        if at < start:
            return
        if at <= end and (before is None or recorded.sequence < before) and wanted(recorded):
            yield recorded


def _time_range(params: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    oldest = now - _KEPT
    start, end = params.get("StartTime", oldest), params.get("EndTime", now)
    if start > end:
        raise ServiceError(
            "InvalidTimeRangeException", "The start time must be earlier than the end time."
        )
    return max(start, oldest), end


def _wanted(lookup_attributes: Sequence[Mapping[str, str]]) -> Callable[[Recorded], bool]:
    if not lookup_attributes:
        return lambda _: True
    if len(lookup_attributes) > 1:
        raise ServiceError(
            "InvalidLookupAttributesException", "You can specify only one lookup attribute."
        )
    (attribute,) = lookup_attributes
    values_of = _ATTRIBUTES.get(attribute["AttributeKey"])
    if values_of is None:
        raise ServiceError(
            "InvalidLookupAttributesException",
            f"{attribute['AttributeKey']} is not a valid lookup attribute.",
        )
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    if value not in _VALUES.get(key, (value,)):
        raise ServiceError(
            "InvalidLookupAttributesException", f"{value} is not a valid value of {key}."
        )
    return lambda recorded: value in values_of(recorded)


# The values of attributes that do not take any text (rule card TRAIL-11).
_VALUES: Mapping[str, tuple[str, ...]] = {"ReadOnly": ("true", "false")}


_ATTRIBUTES: Mapping[str, Callable[[Recorded], Sequence[str]]] = {
    "EventId": lambda recorded: [event_id(recorded)],
    "EventName": lambda recorded: [recorded.call.operation],
    "EventSource": lambda recorded: [event_source(recorded.call)],
    "ReadOnly": lambda recorded: [_flag(read_only(recorded))],
    "Username": lambda recorded: [] if recorded.is_copy else [username(recorded.call.caller)],
    "AccessKeyId": lambda recorded: (
        [] if recorded.is_copy else [recorded.call.caller.access_key_id]
    ),
    "ResourceName": lambda recorded: [name for _, name in _named_resources(recorded)],
    "ResourceType": lambda recorded: [kind for kind, _ in _named_resources(recorded)],
}


def _flag(value: bool) -> str:  # noqa: FBT001 (the value is what is spelled)
    return "true" if value else "false"


def _named_resources(recorded: Recorded) -> list[tuple[str, str]]:
    """Type and name of each resource, as the event history lists it (rule card TRAIL-10)."""
    response = recorded.response or {}
    named = [
        ("AWS::IAM::AccessKey", response[member]["AccessKeyId"])
        for member in ("Credentials", "AccessKey")
        if "AccessKeyId" in response.get(member, {})
    ]
    named += _of_assumed_role(response.get("AssumedRoleUser", {}))
    if recorded.call.service == "iam":
        # WHY only writes: what IAM only reads is not listed.
        return named if recorded.read_only else [*named, *_of_iam(recorded, response)]
    if url := queue_url(recorded):
        return [*named, ("AWS::SQS::Queue", url)]
    return [*named, *_of_record(recorded)]


def _of_assumed_role(user: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A role session by its name, its id and its ARN."""
    if user:
        name = user["Arn"].rpartition("/")[2]
        yield from (
            ("AWS::STS::AssumedRole", n) for n in (name, user["AssumedRoleId"], user["Arn"])
        )


def _of_record(recorded: Recorded) -> Iterator[tuple[str, str]]:
    """What the record itself names: a role by its ARN, a bucket by its name."""
    for resource in event_resources(recorded):
        if kind := resource.get("type", ""):
            arn = resource["ARN"]
            yield kind, arn if kind == "AWS::IAM::Role" else arn.rpartition(":")[2]


def _of_iam(recorded: Recorded, response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What IAM's parameters name, in the order of the types; what was created, three times."""
    params = recorded.call.params
    yield from ((kind, params[member]) for member, kind in _IAM_RESOURCES if member in params)
    for member, kind in (("Role", "AWS::IAM::Role"), ("User", "AWS::IAM::User")):
        made = response.get(member, {})
        yield from ((kind, made[name]) for name in (f"{member}Id", "Arn") if name in made)


# The parameters of IAM that name something (rule card TRAIL-10).
_IAM_RESOURCES = (
    ("AccessKeyId", "AWS::IAM::AccessKey"),
    ("SerialNumber", "AWS::IAM::MfaDevice"),
    ("PolicyArn", "AWS::IAM::Policy"),
    ("PolicyName", "AWS::IAM::Policy"),
    ("RoleName", "AWS::IAM::Role"),
    ("UserName", "AWS::IAM::User"),
)


def _described(recorded: Recorded) -> dict[str, Any]:
    call = recorded.call
    return {
        "EventId": event_id(recorded),
        "EventName": call.operation,
        "ReadOnly": _flag(read_only(recorded)),
        **({} if recorded.is_copy else {"AccessKeyId": call.caller.access_key_id}),
        "EventTime": call.at.replace(microsecond=0),
        "EventSource": event_source(call),
        **({} if recorded.is_copy else {"Username": username(call.caller)}),
        "Resources": [
            {"ResourceType": kind, "ResourceName": name}
            for kind, name in _named_resources(recorded)
        ],
        "CloudTrailEvent": event_json(recorded),
    }


def _token(params: Mapping[str, Any], sequence: int) -> str:
    return f"{_digest_of_question(params)}{sequence:x}"


_DIGEST_LENGTH = 16


def _digest_of_question(params: Mapping[str, Any]) -> str:
    """A token is good only for the question it was given for."""
    asked = sorted((k, repr(v)) for k, v in params.items() if k not in {"NextToken", "MaxResults"})
    return sha256(repr(asked).encode()).hexdigest()[:_DIGEST_LENGTH]


def _sequence_in_token(params: Mapping[str, Any]) -> int:
    token = params["NextToken"]
    try:
        sequence = int(token[_DIGEST_LENGTH:], 16)
    except ValueError:
        sequence = -1
    if sequence < 0 or not token.startswith(_digest_of_question(params)):
        raise ServiceError("InvalidNextTokenException", "The next token is not valid.")
    return sequence


OPERATIONS: Operations = {"LookupEvents": Operation(_needs, _lookup)}
