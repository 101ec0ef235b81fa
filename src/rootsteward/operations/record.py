"""Our values as JSON for the journal and for plans, and back. No secrets in it.

Same value, same text; what is read back equals what was written, times in UTC.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.errors import AwsRefusedError, RootstewardError
from rootsteward.domain.organization import Account, AccountState
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_credentials import (
    AccessKey,
    Basis,
    CredentialKind,
    Holding,
    MfaDevice,
    NotSeen,
    NotSeenReason,
    Observation,
    Password,
    RootCredentials,
    Seen,
    SigningCertificate,
)
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.operations.json_fields import (
    Convert,
    Fields,
    account_id,
    count,
    flag,
    list_of,
    mapping_of,
    moment,
    one_of,
    optional,
    text,
)
from rootsteward.operations.observe import by_kind
from rootsteward.ports.journal import JsonValue

T = TypeVar("T")

# Made once: an organization has thousands of accounts.
_time = optional(moment)
_state = one_of(AccountState)
_texts_by_key = mapping_of(text)


def digest(body: Mapping[str, JsonValue]) -> str:
    """A name for a plan that follows from what is in it: 16 hexadecimal digits of SHA-256."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def credentials_as_json(credentials: RootCredentials | None) -> JsonValue:
    """What was seen of each kind, or why it was not seen. None stays None."""
    if credentials is None:
        return None
    return {
        kind.value: _not_seen(seen)
        if isinstance(seen, NotSeen)
        else {
            "count": seen.value.count,
            "basis": seen.basis.value,
            "items": [_item(item) for item in seen.value.items],
        }
        for kind, seen in by_kind(credentials)
    }


def credentials_from_json(value: object) -> RootCredentials:
    """What `credentials_as_json` wrote.

    Raises:
        FieldError: naming the field that is missing or wrong.
    """
    fields = Fields(value)
    return RootCredentials(
        password=fields.read(CredentialKind.PASSWORD, _observed(_password)),
        access_keys=fields.read(CredentialKind.ACCESS_KEYS, _observed(_access_key)),
        certificates=fields.read(CredentialKind.CERTIFICATES, _observed(_certificate)),
        mfa=fields.read(CredentialKind.MFA, _observed(_mfa_device)),
    )


def account_as_json(account: Account) -> dict[str, JsonValue]:
    """An account as the organization shows it."""
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "state": account.state.value,
        "parent_id": account.parent_id,
        "joined_at": time_as_json(account.joined_at),
        "tags": dict(account.tags),
    }


def account_from_json(value: object) -> Account:
    """What `account_as_json` wrote.

    Raises:
        FieldError: naming the field that is missing or wrong.
    """
    fields = Fields(value)
    return Account(
        id=fields.read("id", account_id),
        name=fields.read("name", text),
        email=fields.read("email", text),
        state=fields.read("state", _state),
        parent_id=fields.read("parent_id", text),
        joined_at=fields.read("joined_at", _time),
        tags=fields.read("tags", _texts_by_key),
    )


def caller_as_json(caller: CallerIdentity) -> dict[str, JsonValue]:
    """Who somebody is, as STS told."""
    return {"account": caller.account, "arn": caller.arn, "user_id": caller.user_id}


def caller_from_json(value: object) -> CallerIdentity:
    """What `caller_as_json` wrote; further fields are ignored.

    Raises:
        FieldError: naming the field that is missing or wrong.
    """
    fields = Fields(value)
    return CallerIdentity(
        account=fields.read("account", account_id),
        arn=fields.read("arn", text),
        user_id=fields.read("user_id", text),
    )


def blamed_as_json(by: DecidedBy) -> dict[str, JsonValue]:
    """A statement held responsible for a denial."""
    return {
        "policy_type": by.policy_type.value,
        "level": by.level,
        "policy": by.policy,
        "statement_index": by.statement_index,
        "sid": by.sid,
        "line": by.line,
        "column": by.column,
    }


def blamed_from_json(value: object) -> DecidedBy:
    """What `blamed_as_json` wrote.

    Raises:
        FieldError: naming the field that is missing or wrong.
    """
    fields = Fields(value)
    return DecidedBy(
        policy_type=fields.read("policy_type", one_of(PolicyType)),
        level=fields.read("level", text),
        policy=fields.read("policy", text),
        statement_index=fields.read("statement_index", optional(count)),
        sid=fields.read("sid", text),
        line=fields.read("line", optional(count)),
        column=fields.read("column", optional(count)),
    )


def time_as_json(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, or None."""
    return None if at is None else at.astimezone(UTC).isoformat()


def _not_seen(seen: NotSeen) -> dict[str, JsonValue]:
    return {
        "not_seen": seen.reason.value,
        "detail": seen.detail,
        "blamed": [blamed_as_json(by) for by in seen.blamed],
        "help": seen.help,
    }


def answer_as_json(answer: Receipt | RootstewardError) -> dict[str, JsonValue]:
    """How one call ended: `answer`, and AWS's `request_id` whenever AWS gave one.

    `answer` is `done`, AWS's error code, or the name of our error when no answer came.
    """
    if isinstance(answer, Receipt):
        return {"answer": "done", "request_id": answer.request_id}
    if isinstance(answer, AwsRefusedError):
        refusal = answer.refusal
        return {
            "answer": refusal.code,
            "message": refusal.message,
            "request_id": refusal.request_id,
        }
    # A server error during a change is an unknown outcome, and has a request id all the same.
    cause = answer.__cause__
    known = {"request_id": cause.refusal.request_id} if isinstance(cause, AwsRefusedError) else {}
    return {"answer": type(answer).__name__, "message": answer.message, **known}


def _item(item: Password | AccessKey | SigningCertificate | MfaDevice) -> JsonValue:
    match item:
        case Password():
            return {
                "created_at": time_as_json(item.created_at),
                "last_used_at": time_as_json(item.last_used_at),
            }
        case AccessKey():
            return {
                "id": item.id,
                "active": item.active,
                "created_at": time_as_json(item.created_at),
                "last_used_at": time_as_json(item.last_used_at),
                "last_used_service": item.last_used_service,
                "last_used_region": item.last_used_region,
            }
        case SigningCertificate():
            return {
                "id": item.id,
                "active": item.active,
                "uploaded_at": time_as_json(item.uploaded_at),
            }
        case MfaDevice():
            return {"serial": item.serial, "enabled_at": time_as_json(item.enabled_at)}


def _observed(convert: Callable[[Fields], T]) -> Convert[Observation[Holding[T]]]:
    """`Seen` or `NotSeen` of one kind, its items made by `convert`."""

    def read(value: object) -> Observation[Holding[T]]:
        fields = Fields(value)
        if "not_seen" in fields:
            return NotSeen(
                reason=fields.read("not_seen", one_of(NotSeenReason)),
                detail=fields.read("detail", text),
                blamed=fields.read("blamed", list_of(blamed_from_json)),
                help=fields.read("help", text),
            )
        items = fields.read("items", list_of(lambda item: convert(Fields(item))))
        holding = Holding(fields.read("count", count), items)
        return Seen(holding, fields.read("basis", one_of(Basis)))

    return read


def _password(fields: Fields) -> Password:
    return Password(
        created_at=fields.read("created_at", _time),
        last_used_at=fields.read("last_used_at", _time),
    )


def _access_key(fields: Fields) -> AccessKey:
    return AccessKey(
        id=fields.read("id", text),
        active=fields.read("active", optional(flag)),
        created_at=fields.read("created_at", _time),
        last_used_at=fields.read("last_used_at", _time),
        last_used_service=fields.read("last_used_service", optional(text)),
        last_used_region=fields.read("last_used_region", optional(text)),
    )


def _certificate(fields: Fields) -> SigningCertificate:
    return SigningCertificate(
        id=fields.read("id", text),
        active=fields.read("active", optional(flag)),
        uploaded_at=fields.read("uploaded_at", _time),
    )


def _mfa_device(fields: Fields) -> MfaDevice:
    return MfaDevice(
        serial=fields.read("serial", text),
        enabled_at=fields.read("enabled_at", _time),
    )
