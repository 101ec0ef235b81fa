"""Root credentials back from what `rootsteward audit --format json` printed.

The rows say of each kind whether there is any, not how many: one of a kind stands for all.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar, assert_never

from rootsteward.domain.errors import InputError
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.root_credentials import (
    Basis,
    CredentialKind,
    Holding,
    NotSeen,
    NotSeenReason,
    Observation,
    RootCredentials,
    Seen,
)
from rootsteward.operations.audit import KindState
from rootsteward.operations.json_fields import (
    FieldError,
    Fields,
    account_id,
    list_of,
    one_of,
)
from rootsteward.operations.json_text import parse_json

T = TypeVar("T")

_HELP = "give what `rootsteward audit --format json` printed"


def read_audit(path: Path) -> Mapping[AccountId, RootCredentials]:
    """Root credentials by account, kinds that could not be looked at as `NotSeen`.

    Raises:
        InputError: when the file cannot be read, or is no audit; names the row and the column.
    """
    try:
        rows = list_of(_row)(parse_json(path.read_bytes(), "audit", str(path), _HELP))
    except OSError as error:
        reason = (error.strerror or "input and output error").lower()
        raise InputError(f"audit `{path}` cannot be read: {reason}", help=_HELP) from error
    except FieldError as error:
        where = f": `{error.place}`" if error.place else ""
        raise InputError(f"audit `{path}`{where} {error.problem}", help=_HELP) from error
    return dict(rows)


def _row(value: object) -> tuple[AccountId, RootCredentials]:
    fields = Fields(value)

    def state(kind: CredentialKind) -> KindState:
        return fields.read(kind.value, one_of(KindState))

    return fields.read("account", account_id), RootCredentials(
        password=_observed(state(CredentialKind.PASSWORD)),
        access_keys=_observed(state(CredentialKind.ACCESS_KEYS)),
        certificates=_observed(state(CredentialKind.CERTIFICATES)),
        mfa=_observed(state(CredentialKind.MFA)),
    )


def _observed(state: KindState) -> Observation[Holding[T]]:
    match state:
        case KindState.NONE:
            return Seen(Holding(0), Basis.SUMMARY)
        case KindState.PRESENT | KindState.RECOVERY_OPEN:
            return Seen(Holding(1), Basis.SUMMARY)
        case KindState.DENIED:
            return NotSeen(NotSeenReason.DENIED, "")
        case KindState.UNKNOWN:
            return NotSeen(NotSeenReason.UNKNOWN, "")
        case _:
            assert_never(state)
