"""Comparing answers with recorded ones: code, message, members; times need only be times."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from botocore import xform_name
from botocore.exceptions import ClientError

# What the recorder left out of its recordings.
_LEFT_OUT = {"ResponseMetadata", "IsTruncated"}
_REDACTED = {"AccessKeyId", "SecretAccessKey", "SessionToken"}


def call(client: object, operation: str, params: Mapping[str, object]) -> tuple[str, str, Any]:
    """Make one call: code (`Success` when there is none), message, output."""
    method = cast("Callable[..., dict[str, Any]]", getattr(client, xform_name(operation)))
    try:
        return "Success", "", method(**params)
    except ClientError as error:
        detail = error.response["Error"]
        return detail["Code"], detail["Message"], error.response


def differences(recorded: object, answered: object, path: str = "") -> list[str]:
    """Where an answer differs from a recorded one; empty when they are alike."""
    if isinstance(recorded, Mapping):
        return _mapping_differences(recorded, answered, path)
    if isinstance(recorded, list):
        if not isinstance(answered, list) or len(recorded) != len(answered):
            return [f"{path}: {answered!r} instead of {recorded!r}"]
        pairs = enumerate(zip(recorded, answered, strict=True))
        return [d for i, (r, a) in pairs for d in differences(r, a, f"{path}[{i}]")]
    if isinstance(answered, datetime):
        return [] if _is_time(recorded) else [f"{path}: a time instead of {recorded!r}"]
    return [] if recorded == answered else [f"{path}: {answered!r} instead of {recorded!r}"]


def _mapping_differences(recorded: Mapping[str, object], answered: object, path: str) -> list[str]:
    if not isinstance(answered, Mapping):
        return [f"{path}: {answered!r} instead of members"]
    members = answered.keys() - _LEFT_OUT - _REDACTED
    found = [f"{path}.{name}: not recorded" for name in sorted(members - recorded.keys())]
    for name, value in recorded.items():
        if name in answered:
            found += differences(value, answered[name], f"{path}.{name}")
        else:
            found.append(f"{path}.{name}: missing")
    return found


def _is_time(recorded: object) -> bool:
    try:
        datetime.fromisoformat(str(recorded))
    except ValueError:
        return False
    return True
