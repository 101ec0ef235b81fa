"""The JSON of a CloudTrail record, written from a recorded call.

SOURCE: CloudTrail user guide, record contents and `userIdentity`; IAM user guide, "Track
privileged tasks in AWS CloudTrail" (rule cards TRAIL-01 to TRAIL-07).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_never
from uuid import NAMESPACE_URL, uuid5

from rootsteward.domain.identifiers import AccountId, root_user_arn
from rootsteward.sandbox.call import Call, Caller, CallerKind
from rootsteward.sandbox.services.json_documents import read_json
from rootsteward.sandbox.world.trail import Recorded, event_region

_VERSION, _VERSION_OF_ASSUME_ROOT = "1.11", "1.08"
# Members that are maps of the user's own names, which keep their case.
_MAPS = frozenset({"Attributes", "Tags", "Metadata", "Criterion"})
_SUBRESOURCES = {
    "PutBucketPolicy": "policy",
    "GetBucketPolicy": "policy",
    "DeleteBucketPolicy": "policy",
    "GetBucketLocation": "location",
}
# SOURCE: IAM's codes are recorded under the names of its exceptions (rule card TRAIL-06).
_IAM_EXCEPTIONS = frozenset(
    {
        "NoSuchEntity",
        "EntityAlreadyExists",
        "EntityTemporarilyUnmodifiable",
        "DeleteConflict",
        "LimitExceeded",
        "MalformedPolicyDocument",
        "InvalidInput",
    }
)


def event_id(recorded: Recorded) -> str:
    """The record's id: it follows from the request's."""
    return str(uuid5(NAMESPACE_URL, f"{recorded.call.request_id}/{recorded.sequence}"))


def shared_event_id(recorded: Recorded) -> str:
    """What the two records of a call have in common that two accounts see; else empty."""
    if not recorded.shared:
        return ""
    return str(uuid5(NAMESPACE_URL, f"{recorded.call.request_id}/shared"))


def event_time(at: datetime) -> str:
    """A time as records give it, in `responseElements` too (rule card TRAIL-05)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def expiration_time(at: datetime) -> str:
    """When a root session ends, as `AssumeRoot`'s record says it: `Oct 5, 2026, 8:16:00 AM`."""
    at = at.astimezone(UTC)
    return f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S} {at:%p}"


def event_source(call: Call) -> str:
    """The service, as records name it."""
    return f"{call.service}.amazonaws.com"


def read_only(recorded: Recorded) -> bool:
    """What records say: `AssumeRoot` changes nothing and is no read (rule card TRAIL-03)."""
    return recorded.read_only and not _is_assume_root(recorded.call)


def _is_assume_root(call: Call) -> bool:
    return call.operation == "AssumeRoot"


def username(caller: Caller) -> str:
    """The name `LookupEvents` knows a caller by."""
    if caller.kind in {CallerKind.ROOT_USER, CallerKind.ROOT_SESSION}:
        return "root"
    return caller.session_name or caller.arn.rpartition("/")[2]


def event_json(recorded: Recorded) -> str:
    """The whole record as JSON."""
    return json.dumps(event(recorded))


def event(recorded: Recorded) -> dict[str, Any]:
    """The whole record. Members that the real one would not have are left out."""
    call = recorded.call
    failed = {"errorCode": _error_code(recorded), "errorMessage": recorded.error_message}
    resources = event_resources(recorded)
    return {
        "eventVersion": _VERSION_OF_ASSUME_ROOT if _is_assume_root(call) else _VERSION,
        "userIdentity": _foreign_identity(call) if recorded.is_copy else _user_identity(call),
        "eventTime": event_time(call.at),
        "eventSource": event_source(call),
        "eventName": call.operation,
        "awsRegion": event_region(call),
        "sourceIPAddress": call.source_ip,
        # SOURCE: S3's records alone have it in brackets (rule card TRAIL-12).
        "userAgent": f"[{call.user_agent}]" if call.service == "s3" else call.user_agent,
        **(failed if recorded.error_code else {}),
        "requestParameters": _request_parameters(call),
        "responseElements": _response_elements(recorded),
        "requestID": call.request_id,
        "eventID": event_id(recorded),
        "readOnly": read_only(recorded),
        **({"resources": resources} if resources else {}),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": recorded.recipient,
        **({"sharedEventID": shared} if (shared := shared_event_id(recorded)) else {}),
        "eventCategory": "Management",
        "tlsDetails": _tls_details(call),
    }


def _tls_details(call: Call) -> dict[str, str]:
    host = {"clientProvidedHostHeader": call.host}
    if not call.secure:
        return host
    return {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", **host}


def _error_code(recorded: Recorded) -> str:
    code = recorded.error_code
    if code == "AccessDeniedException":
        return "AccessDenied"
    if recorded.call.service == "iam" and code in _IAM_EXCEPTIONS:
        return f"{code}Exception"
    return code


def _user_identity(call: Call) -> dict[str, Any]:
    caller = call.caller
    identity: dict[str, Any] = {
        "type": _identity_type(caller.kind),
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key_id,
    }
    if caller.kind is CallerKind.IAM_USER:
        identity["userName"] = username(caller)
    if caller.session_issued_at is not None:
        identity["sessionContext"] = _session_context(call, caller.session_issued_at)
    return identity


def _foreign_identity(call: Call) -> dict[str, Any]:
    """The caller as another account sees it: no name, no key (rule card TRAIL-09)."""
    return {
        "type": "AWSAccount",
        "principalId": call.caller.user_id,
        "accountId": call.caller.account,
    }


def _identity_type(kind: CallerKind) -> str:
    match kind:
        case CallerKind.ROOT_USER | CallerKind.ROOT_SESSION:
            return "Root"
        case CallerKind.IAM_USER:
            return "IAMUser"
        case CallerKind.ASSUMED_ROLE:
            return "AssumedRole"
        case _:
            assert_never(kind)


def _session_context(call: Call, issued_at: datetime) -> dict[str, Any]:
    """`assumedRoot` is on in-session records and on that of `AssumeRoot` itself (TRAIL-07)."""
    caller = call.caller
    context: dict[str, Any] = {}
    if caller.kind is CallerKind.ASSUMED_ROLE:
        context["sessionIssuer"] = {
            "type": "Role",
            "principalId": caller.user_id.partition(":")[0],
            "arn": caller.principal_arn,
            "accountId": caller.account,
            "userName": caller.principal_arn.rpartition("/")[2],
        }
        context["webIdFederationData"] = {}
    context["attributes"] = {
        "creationDate": event_time(issued_at),
        "mfaAuthenticated": str(caller.attributes.get("aws:MultiFactorAuthPresent", "false")),
    }
    if caller.source_identity:
        context["sourceIdentity"] = caller.source_identity
    if caller.kind is CallerKind.ROOT_SESSION or call.operation == "AssumeRoot":
        context["assumedRoot"] = "true"
    return context


def _request_parameters(call: Call) -> dict[str, Any] | None:
    if call.service == "s3":
        return _bucket_parameters(call)
    return _lower(call.params) or None


def _bucket_parameters(call: Call) -> dict[str, Any]:
    parameters: dict[str, Any] = {"Host": call.host}
    if "Bucket" in call.params:
        parameters["bucketName"] = call.params["Bucket"]
    if "Policy" in call.params:
        parameters["bucketPolicy"] = _json_or_text(call.params["Policy"])
    if subresource := _SUBRESOURCES.get(call.operation):
        parameters[subresource] = ""
    return parameters


def _json_or_text(text: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    try:
        return read_json(text)
    except ValueError:
        return text


def _response_elements(recorded: Recorded) -> dict[str, Any] | None:
    if not recorded.response:
        return None
    elements = _lower(recorded.response)
    if _is_assume_root(recorded.call):
        expires = recorded.response["Credentials"]["Expiration"]
        elements["credentials"]["expiration"] = expiration_time(expires)
    return elements or None


def _lower(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members with a small first letter, as records spell them, at any depth."""
    return {
        name[:1].lower() + name[1:]: dict(value) if name in _MAPS else _recorded_value(value)
        for name, value in members.items()
    }


def _recorded_value(value: Any) -> Any:  # noqa: ANN401 (any value of a model)
    if isinstance(value, Mapping):
        return _lower(value)
    if isinstance(value, list | tuple):
        return [_recorded_value(item) for item in value]
    if isinstance(value, datetime):
        return event_time(value)
    return value


def event_resources(recorded: Recorded) -> list[dict[str, str]]:
    """What the call was about, where the record says so.

    `AssumeRoot` names the member's root user without a type: none is documented (TRAIL-01).
    """
    call = recorded.call
    params = call.params
    if _is_assume_root(call) and "TargetPrincipal" in params:
        target = _target_account(params["TargetPrincipal"])
        return [{"accountId": target, "ARN": root_user_arn(AccountId(target))}] if target else []
    if call.operation == "AssumeRole" and "RoleArn" in params:
        # WHY not simply the fifth part: a refused request may have named anything.
        account = (params["RoleArn"].split(":") + [""] * 5)[4]
        role = {"accountId": account, "type": "AWS::IAM::Role", "ARN": params["RoleArn"]}
        return [role] if account else []
    if call.service == "s3" and "Bucket" in params:
        arn = f"arn:aws:s3:::{params['Bucket']}"
        owner = recorded.owner or call.caller.account
        return [{"accountId": owner, "type": "AWS::S3::Bucket", "ARN": arn}]
    if url := queue_url(recorded):
        account, _, name = url.partition("://")[2].partition("/")[2].partition("/")
        arn = f"arn:aws:sqs:{call.region}:{account}:{name}"
        return [{"accountId": account, "type": "AWS::SQS::Queue", "ARN": arn}]
    return []


def queue_url(recorded: Recorded) -> str:
    """The queue that a call named or made; empty when there is none."""
    call = recorded.call
    if call.service != "sqs":
        return ""
    url: str = call.params.get("QueueUrl") or (recorded.response or {}).get("QueueUrl", "")
    return url


def _target_account(target: str) -> str:
    """The account of a target principal: an id or a root user's ARN; empty when it is neither."""
    account = target.removeprefix("arn:aws:iam::").removesuffix(":root")
    return account if account.isascii() and account.isdecimal() and len(account) == 12 else ""  # noqa: PLR2004 (digits of an account id)
