"""An audit as rows: one per account, one column per kind of credential."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rootsteward.cli.blame import statement_row, without_account
from rootsteward.cli.render import Column, Footnotes, Row, Screen, Value
from rootsteward.cli.words import counted
from rootsteward.domain.authorization import DecidedBy
from rootsteward.domain.root_credentials import (
    AccessKey,
    CredentialKind,
    MfaDevice,
    NotSeen,
    Password,
    SigningCertificate,
)
from rootsteward.operations.audit import AccountAudit
from rootsteward.operations.controls import Controls
from rootsteward.operations.observe import AnyHolding, by_kind
from rootsteward.operations.statement_names import statement_names

DATA_COLUMNS = (
    Column("account", "account"),
    Column("name", "name"),
    Column("outcome", "outcome"),
    Column("password", "password"),
    Column("access_keys", "access keys"),
    Column("mfa", "MFA"),
    Column("certificates", "certificates"),
    Column("basis", "basis"),
    Column("details", "details"),
)
_TABLE_COLUMNS = (
    Column("account", "account", fold=False),
    Column("name", "name"),
    Column("password", "password"),
    Column("access_keys", "keys"),
    Column("mfa", "MFA"),
    Column("certificates", "certs"),
    Column("basis", "basis", fold=False),
)
_FOUND_COLUMNS = (
    Column("account", "account", fold=False),
    Column("name", "name"),
    Column("found", "found"),
)


def show_audits(screen: Screen, audits: Sequence[AccountAudit], controls: Controls) -> None:
    """For people: the states, what stands behind a denial, and what was found where."""
    notes = Footnotes()
    rows = [_states(audit, controls, notes) for audit in audits]
    screen.rows("Root credentials", _TABLE_COLUMNS, rows, empty="no accounts")
    notes.show(screen)
    for text in _advice(audits):
        screen.say(f"help: {text}")
    found: list[Row] = [
        {"account": str(audit.account.id), "name": audit.account.name, "found": items}
        for audit in audits
        if (items := _found(audit))
    ]
    if found:
        screen.rows("What was found", _FOUND_COLUMNS, found)


def _states(audit: AccountAudit, controls: Controls, notes: Footnotes) -> Row:
    row: dict[str, Value] = {
        "account": str(audit.account.id),
        "name": audit.account.name,
        "basis": audit.basis.value if audit.basis else None,
    }
    for kind, seen in by_kind(audit.credentials):
        reasons = _reasons(seen, controls) if isinstance(seen, NotSeen) else []
        reasons = [without_account(reason, audit.account.id) for reason in reasons]
        row[kind.value] = notes.mark(audit.state(kind).value, reasons)
    return row


def _advice(audits: Sequence[AccountAudit]) -> list[str]:
    """What to do about what was not seen, each advice once."""
    unseen = (
        seen
        for audit in audits
        for _, seen in by_kind(audit.credentials)
        if isinstance(seen, NotSeen)
    )
    return list(dict.fromkeys(seen.help for seen in unseen if seen.help))


def _found(audit: AccountAudit) -> list[str]:
    items = [
        item
        for kind, seen in by_kind(audit.credentials)
        if not isinstance(seen, NotSeen)
        for item in _items(kind, seen.value)
    ]
    return [*items, *(f"{u.what}: not read: {u.reason.detail}" for u in audit.unread)]


def audit_row(audit: AccountAudit, controls: Controls) -> Row:
    """For machines: one account with states, details, and the statements that deny."""
    row: dict[str, Value] = {
        "account": str(audit.account.id),
        "name": audit.account.name,
        "outcome": audit.outcome.value,
        "basis": audit.basis.value if audit.basis else None,
        "session": audit.session_key or None,
    }
    blamed: dict[DecidedBy, None] = {}
    reasons: dict[str, None] = {}
    for kind, seen in by_kind(audit.credentials):
        row[kind.value] = audit.state(kind).value
        if isinstance(seen, NotSeen):
            blamed.update(dict.fromkeys(seen.blamed))
            reasons.update(
                (f"{seen.reason.value}: {reason}", None) for reason in _reasons(seen, controls)
            )
    row["details"] = [*reasons, *_found(audit)]
    row["denied_by"] = [statement_row(by, controls) for by in blamed]
    return row


def summary_line(audits: Sequence[AccountAudit], not_started: int) -> str:
    """How many accounts ended how."""
    ended = Counter(audit.outcome.value for audit in audits)
    parts = [f"{count} {outcome}" for outcome, count in sorted(ended.items())]
    if not_started:
        parts.append(f"{not_started} not started")
    total = counted(len(audits) + not_started, "account")
    return f"{total}: " + (", ".join(parts) or "nothing to look at")


def _reasons(seen: NotSeen, controls: Controls) -> list[str]:
    """The statements held responsible, else AWS's own words."""
    return statement_names(seen.blamed, controls) or [seen.detail]


def _items(kind: CredentialKind, holding: AnyHolding) -> list[str]:
    if holding.present and not holding.items:
        return [f"{kind.value}: present (not listed)"]
    return [_item(item) for item in holding.items]


def _item(item: Password | AccessKey | SigningCertificate | MfaDevice) -> str:
    match item:
        case Password():
            used = f"last sign-in {day(item.last_used_at)}" if item.last_used_at else "no sign-in"
            return f"password since {day(item.created_at)}, {used}"
        case AccessKey():
            state = {True: "active", False: "inactive", None: "status unknown"}[item.active]
            used = day(item.last_used_at) if item.last_used_at else "never"
            service = f" ({item.last_used_service})" if item.last_used_service else ""
            return f"key {item.id} {state}, last used {used}{service}"
        case SigningCertificate():
            return f"certificate {item.id} since {day(item.uploaded_at)}"
        case MfaDevice():
            return f"MFA {item.serial}"


def day(moment: datetime | None) -> str:
    """A date as people read it."""
    return f"{moment:%Y-%m-%d}" if moment else "an unknown date"
