"""The constraints of the model, checked as the service checks them before anything else.

The message forms are AWS's own (rule cards STS-60 and IAM-64; for Organizations ORG-60).
LIMIT: patterns that Python's `re` cannot read (classes of lone surrogates) are not checked.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import cast

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from rootsteward.sandbox.call import ServiceError
from rootsteward.sandbox.wire.models import Protocol, Service
from rootsteward.sandbox.wire.scalars import Value

_SIZED = frozenset({"string", "list", "map", "blob"})
_NUMBERS = frozenset({"integer", "long", "float", "double"})


class Rule(StrEnum):
    """What a value can break."""

    NOT_NULL = "must not be null"
    MIN_VALUE = "must have value greater than or equal to"
    MAX_VALUE = "must have value less than or equal to"
    MIN_LENGTH = "must have length greater than or equal to"
    MAX_LENGTH = "must have length less than or equal to"
    PATTERN = "must satisfy regular expression pattern:"
    ENUM = "must satisfy enum value set:"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken constraint. `path` is as AWS writes it: `tags.1.member.key`.

    `element_of` is for an element of a list: the list's path and all that its elements must be.
    """

    path: str
    rule: Rule
    bound: str
    shown: str
    element_of: tuple[str, str] | None = None

    def __str__(self) -> str:
        return _told(self.path, f"{self.rule} {self.bound}", self.shown)

    def in_iam(self) -> str:
        """The same as IAM tells it: neither the value nor the place in a list."""
        if self.element_of is None:
            return _told(self.path, f"{self.rule} {self.bound}")
        path, constraints = self.element_of
        return _told(path, f"must satisfy constraint: [{constraints}]")


def _told(path: str, constraint: str, shown: str = "") -> str:
    return f"Value{shown} at '{path}' failed to satisfy constraint: Member {constraint.rstrip()}"


def violations(params: Mapping[str, Value], shape: StructureShape) -> list[Violation]:
    """Every constraint of the model that the parameters break, in the order of the model."""
    return list(_structure(params, shape, ""))


def validate(
    params: Mapping[str, Value], input_shape: Shape | None, code: str = "ValidationError"
) -> None:
    """Refuse parameters that break the model's constraints, all of them in one message.

    Raises:
        ServiceError: with `code` and status 400.
    """
    if not isinstance(input_shape, StructureShape):
        return
    found = violations(params, input_shape)
    if found:
        raise _joined([str(violation) for violation in found], code)


def _joined(told: Sequence[str], code: str) -> ServiceError:
    noun = "error" if len(told) == 1 else "errors"
    return ServiceError(code, f"{len(told)} validation {noun} detected: {'; '.join(told)}")


def validate_call(service: Service, operation: OperationModel, params: Mapping[str, Value]) -> None:
    """`validate`, with the code and manner of the service.

    Organizations answers the first violation as `InvalidInputException` with a `Reason`, SQS and
    S3 only miss what is required (they check values themselves), GuardDuty says
    `BadRequestException`, CloudTrail has codes of its own for members of `LookupEvents`.

    Raises:
        ServiceError: at least one constraint is broken.
    """
    shape = operation.input_shape
    found = violations(params, shape) if isinstance(shape, StructureShape) else []
    if not found:
        return
    match service.name:
        case "organizations":
            raise _organizations(found[0], operation.name)
        case "guardduty":
            raise _guardduty(found[0])
        case "iam":
            # WHY once each: a list that breaks the same rule twice is told of once.
            told = dict.fromkeys(violation.in_iam() for violation in found)
            raise _joined(tuple(told), "ValidationError")
        case "cloudtrail" if code := _CLOUDTRAIL.get(found[0].path.partition(".")[0]):
            raise _joined([str(violation) for violation in found], code)
        case "sqs" | "s3":
            _check_required(service, found, cast("StructureShape", shape))
        case _:
            query = service.protocol is Protocol.QUERY
            told_in_full = [str(violation) for violation in found]
            raise _joined(told_in_full, "ValidationError" if query else "ValidationException")


# SOURCE: CloudTrail API reference, errors of `LookupEvents` (rule card TRAIL-08).
_CLOUDTRAIL: Mapping[str, str] = {
    "lookupAttributes": "InvalidLookupAttributesException",
    "eventCategory": "InvalidEventCategoryException",
    "maxResults": "InvalidMaxResultsException",
}


# SOURCE: https://docs.aws.amazon.com/organizations/latest/APIReference/ (InvalidInputException).
_ORGANIZATIONS: Mapping[Rule, tuple[str, str]] = {
    Rule.NOT_NULL: ("INPUT_REQUIRED", "You must provide a value for the parameter."),
    Rule.ENUM: ("INVALID_ENUM", "You specified an invalid value."),
    Rule.PATTERN: (
        "INVALID_PATTERN",
        "You provided a value that does not match the required pattern.",
    ),
    Rule.MAX_LENGTH: (
        "MAX_LENGTH_EXCEEDED",
        "You provided a string that exceeds that maximum length.",
    ),
    Rule.MIN_LENGTH: (
        "MIN_LENGTH_EXCEEDED",
        "You provided a string parameter that is shorter than allowed.",
    ),
    Rule.MAX_VALUE: (
        "MAX_VALUE_EXCEEDED",
        "You provided a numeric parameter that has a larger value than allowed.",
    ),
    Rule.MIN_VALUE: (
        "MIN_VALUE_EXCEEDED",
        "You provided a numeric parameter that has a smaller value than allowed.",
    ),
}
# SOURCE: recording org_policy_types: this operation calls an account that is missing or none so.
_NO_TARGET = ("TARGET_NOT_SUPPORTED", "You specified a target that is not currently supported.")
_ASKS_FOR_TARGETS = "ListEffectivePolicyValidationErrors"
# Members that hold a policy type, as their operations call them.
_POLICY_TYPES = frozenset({"policyType", "filter", "type"})
_POLICY_TYPE = ("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")
# SOURCE: recording organizations_effective_policy.json of radkawar/stackd: of types that are none
# in its model, this operation says so of SCPs only.
_ASKS_FOR_EFFECTIVE = "DescribeEffectivePolicy"
_SCP = " 'SERVICE_CONTROL_POLICY'"


def _organizations(violation: Violation, operation: str) -> ServiceError:
    reason, message = _ORGANIZATIONS[violation.rule]
    if violation.rule is Rule.ENUM and _is_of_policy_types(violation, operation):
        reason, message = _POLICY_TYPE
    elif operation == _ASKS_FOR_TARGETS and violation.path == "accountId":
        reason, message = _NO_TARGET
    else:
        path = violation.path.replace(".", "_")
        reason = f"{reason}:{re.sub('(?<=[a-z])(?=[A-Z])', '_', path).upper()}"
    return ServiceError("InvalidInputException", message, members={"Reason": reason})


def _is_of_policy_types(violation: Violation, operation: str) -> bool:
    if operation == _ASKS_FOR_EFFECTIVE:
        return violation.shown == _SCP
    return violation.path in _POLICY_TYPES


# SOURCE: recordings native-transitions.json and native-complete.json of radkawar/stackd (GD-09).
_GUARDDUTY: Mapping[str, str] = {
    "maxResults": "the parameter maxResults is out-of-bounds",
    "rank": "the one or more input parameters have invalid values",
    "action": "the JSON could not be processed",
}


def _guardduty(violation: Violation) -> ServiceError:
    broken = violation.path.split(".")[0]
    reason = _GUARDDUTY.get(broken, f"the parameter {broken} has an invalid value")
    if violation.rule is Rule.NOT_NULL:
        reason = f"the input {broken} is missing"
    message = f"The request is rejected because {reason}."
    return ServiceError("BadRequestException", message, members={"Type": "InvalidInputException"})


def _check_required(service: Service, found: list[Violation], shape: StructureShape) -> None:
    missing = [v for v in found if v.rule is Rule.NOT_NULL]
    if not missing:
        return
    path = missing[0].path
    if service.name == "sqs":
        name = path[:1].upper() + path[1:]
        raise ServiceError("MissingParameter", f"The request must contain the parameter {name}.")
    payload = shape.serialization.get("payload", "")
    if _lower_first(payload) == path:
        raise ServiceError("MissingRequestBodyError", "Request Body is empty")
    if "." in path:
        raise ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our "
            "published schema",
        )
    raise ServiceError("InvalidArgument", f"Missing required argument {path}")


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _structure(
    params: Mapping[str, Value], shape: StructureShape, prefix: str
) -> Iterator[Violation]:
    for name in shape.members:
        path = f"{prefix}{_lower_first(name)}"
        value = params.get(name)
        if value is not None:
            yield from _value(value, shape.members[name], path)
        elif name in shape.required_members:
            yield Violation(path, Rule.NOT_NULL, "", " null")


def _value(value: Value, shape: Shape, path: str) -> Iterator[Violation]:
    yield from _own(value, shape, path)
    match shape.type_name:
        case "structure" if not getattr(shape, "is_document_type", False):
            yield from _structure(value, cast("StructureShape", shape), f"{path}.")
        case "list":
            yield from _elements(value, cast("ListShape", shape).member, path)
        case "map":
            mapping = cast("MapShape", shape)
            for key, item in value.items():
                yield from _value(key, mapping.key, f"{path}.key")
                yield from _value(item, mapping.value, f"{path}.{key}.member")


def _elements(value: Value, member: Shape, path: str) -> Iterator[Violation]:
    for position, item in enumerate(value, 1):
        place = f"{path}.{position}.member"
        if item is None:
            broken: Iterator[Violation] = iter([Violation(place, Rule.NOT_NULL, "", " null")])
        else:
            broken = _value(item, member, place)
        for violation in broken:
            own = violation.path == place and (constraints := _constraints(member))
            yield replace(violation, element_of=(path, constraints)) if own else violation


def _constraints(shape: Shape) -> str:
    """All that the model asks of a text, in the order in which AWS lists it."""
    metadata = shape.metadata
    listed = (
        (Rule.MAX_LENGTH, metadata.get("max")),
        (Rule.MIN_LENGTH, metadata.get("min")),
        (Rule.PATTERN, metadata.get("pattern")),
        (Rule.ENUM, _enum(metadata.get("enum", ()))),
    )
    return ", ".join(f"Member {rule} {bound}" for rule, bound in listed if bound)


def _enum(allowed: Sequence[str]) -> str:
    return f"[{', '.join(allowed)}]" if allowed else ""


def _own(value: Value, shape: Shape, path: str) -> Iterator[Violation]:
    metadata = shape.metadata
    if not metadata:
        return
    size: float | None = None
    if shape.type_name in _SIZED:
        size, low, high = len(value), Rule.MIN_LENGTH, Rule.MAX_LENGTH
    elif shape.type_name in _NUMBERS:
        size, low, high = value, Rule.MIN_VALUE, Rule.MAX_VALUE
    if size is not None and metadata.get("min") is not None and size < metadata["min"]:
        yield Violation(path, low, str(metadata["min"]), _shown(value, shape))
    if size is not None and metadata.get("max") is not None and size > metadata["max"]:
        yield Violation(path, high, str(metadata["max"]), _shown(value, shape))
    if isinstance(value, str):
        yield from _text(value, shape, path)


def _text(value: str, shape: Shape, path: str) -> Iterator[Violation]:
    source = str(shape.metadata.get("pattern") or "")
    pattern = _pattern(source) if source else None
    # WHY only then: to other patterns a stand-in means nothing.
    compared = _by_category(value) if _CATEGORY in source else value
    if pattern is not None and not pattern.fullmatch(compared):
        yield Violation(path, Rule.PATTERN, source, _shown(value, shape))
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield Violation(path, Rule.ENUM, _enum(allowed), _shown(value, shape))


# Unicode categories, which Python's `re` does not know: for each the ASCII characters in it, and
# one stand-in for all the others.
_CATEGORIES: Mapping[str, tuple[str, str]] = {
    "L": ("A-Za-z", "\ue000"),
    "Z": (" ", "\ue001"),
    "N": ("0-9", "\ue002"),
}
_CATEGORY = r"\p{"
_OF_NO_CATEGORY = "\ue003"


@cache
def _pattern(source: str) -> re.Pattern[str] | None:
    for name, (ascii_members, stand_in) in _CATEGORIES.items():
        source = source.replace(f"\\p{{{name}}}", ascii_members + stand_in)
    try:
        # WHY: the services' `\w` is that of Java, which knows ASCII letters only.
        return re.compile(source, re.ASCII)
    except re.error:
        return None


def _by_category(text: str) -> str:
    """The text with every character that is not ASCII replaced by its category's stand-in."""
    return "".join(char if char.isascii() else _stand_in(char) for char in text)


def _stand_in(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Co":
        # INVARIANT: a private character of the sender's is never taken for a stand-in.
        return _OF_NO_CATEGORY
    return _CATEGORIES[category[0]][1] if category[0] in _CATEGORIES else char


def _shown(value: Value, shape: Shape) -> str:
    # INVARIANT: what the model calls sensitive is not echoed.
    if shape.metadata.get("sensitive"):
        return ""
    if isinstance(value, list):
        return f" '[{', '.join(str(item) for item in value)}]'"
    return f" '{value}'"
