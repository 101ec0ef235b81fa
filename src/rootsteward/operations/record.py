"""Our values as JSON for the journal and for plans: same value, same text. No secrets in it."""

import hashlib
import json
from collections.abc import Mapping

from rootsteward.domain.root_credentials import (
    AccessKey,
    MfaDevice,
    NotSeen,
    Password,
    RootCredentials,
    SigningCertificate,
)
from rootsteward.operations.observe import by_kind
from rootsteward.ports.journal import JsonValue


def credentials_as_json(credentials: RootCredentials | None) -> JsonValue:
    """What was seen of each kind: identifiers, or why it was not seen. None stays None."""
    if credentials is None:
        return None
    return {
        kind.value: {"not_seen": seen.reason.value, "detail": seen.detail}
        if isinstance(seen, NotSeen)
        else {
            "count": seen.value.count,
            "basis": seen.basis.value,
            "items": [_item(item) for item in seen.value.items],
        }
        for kind, seen in by_kind(credentials)
    }


def digest(body: Mapping[str, JsonValue]) -> str:
    """A name for a plan that follows from what is in it: 16 hexadecimal digits of SHA-256."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _item(item: Password | AccessKey | SigningCertificate | MfaDevice) -> JsonValue:
    match item:
        case Password():
            return {
                "created_at": item.created_at.isoformat() if item.created_at else None,
                "last_used_at": item.last_used_at.isoformat() if item.last_used_at else None,
            }
        case AccessKey():
            return {
                "id": item.id,
                "active": item.active,
                "last_used_at": item.last_used_at.isoformat() if item.last_used_at else None,
                "last_used_service": item.last_used_service,
                "last_used_region": item.last_used_region,
            }
        case SigningCertificate():
            return {"id": item.id, "active": item.active}
        case MfaDevice():
            return {"serial": item.serial}
