"""What a request says of itself, before anybody has checked it: enough to match fault rules."""

import re
from urllib.parse import parse_qs, unquote

from rootsteward.sandbox.call import CallerKind, ServiceError
from rootsteward.sandbox.faults import Subject
from rootsteward.sandbox.pages import paging_of
from rootsteward.sandbox.wire.http import HttpRequest
from rootsteward.sandbox.wire.models import Service
from rootsteward.sandbox.wire.route import route
from rootsteward.sandbox.world.trail import is_read_only
from rootsteward.sandbox.world.world import World

_CREDENTIAL = re.compile(r"Credential=([^/\s,&]+)/\d+/([^/\s,&]*)/")
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_SESSIONS = frozenset({CallerKind.ASSUMED_ROLE, CallerKind.ROOT_SESSION})
# They change nothing that is named in them, and yet must reach the world of now.
_ISSUING = frozenset({"AssumeRole", "AssumeRoot"})


def subject_of(request: HttpRequest, service: Service | None, world: World) -> Subject:
    """What is known of a request. Nothing of it is verified; raises nothing."""
    access_key, region = _claimed(request)
    credential = world.credential(access_key)
    name = service.name if service else ""
    operation = _operation(request, service)
    return Subject(
        service=name,
        operation=operation,
        account=credential.caller.account if credential else "",
        access_key=access_key,
        region=region,
        target=_target(request) if operation in _ISSUING else "",
        is_session=credential is not None and credential.caller.kind in _SESSIONS,
        is_read=is_read_only(operation) and operation not in _ISSUING,
        has_pages=paging_of(name, operation) is not None,
    )


def _claimed(request: HttpRequest) -> tuple[str, str]:
    """Access key id and Region of the signature's scope."""
    found = _CREDENTIAL.search(request.headers.get("authorization"))
    found = found or _CREDENTIAL.search(unquote(request.query_string))
    return (found.group(1), found.group(2)) if found else ("", "")


def _target(request: HttpRequest) -> str:
    """The account in `TargetPrincipal` or `RoleArn`: an id by itself or in an ARN."""
    asked = parse_qs(request.query_string) | parse_qs(request.body.decode("utf-8", "replace"))
    named = _ACCOUNT.search(" ".join(asked.get("TargetPrincipal", []) + asked.get("RoleArn", [])))
    return named.group() if named else ""


def _operation(request: HttpRequest, service: Service | None) -> str:
    if service is None:
        return ""
    try:
        return route(request, service).operation.name
    except ServiceError:
        return ""
