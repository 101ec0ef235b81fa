"""Whether a recovery that was allowed has been taken up. Pure; the facts are an audit."""

from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import CredentialKind, Password, Seen
from rootsteward.operations.audit import AccountAudit
from rootsteward.operations.observe import first_unseen, present_kinds

_KINDS = {
    CredentialKind.MFA: "an MFA device is registered",
    CredentialKind.ACCESS_KEYS: "an access key exists",
    CredentialKind.CERTIFICATES: "a signing certificate exists",
}


def taken_up(audit: AccountAudit) -> tuple[str, ...]:
    """What shows that somebody signed in and set the root user up; empty when nothing does.

    LIMIT: AWS shows a password that was set and never used just like one that only allows recovery
    (rule card ROOT-20).
    """
    present = present_kinds(audit.credentials)
    signs = [text for kind, text in _KINDS.items() if kind in present]
    password = audit.credentials.password
    if isinstance(password, Seen):
        signs = [*(_sign_in(item) for item in password.value.items if item.was_used), *signs]
    return tuple(signs)


def in_one_line(audit: AccountAudit) -> str:
    """How it stands with one account, for whoever waits for the recovery."""
    unseen = first_unseen(audit.credentials)
    if unseen is not None:
        return f"could not be looked at: {unseen.detail}"
    if audit.outcome is Outcome.CLEAN:
        return "closed: no root credentials"
    signs = taken_up(audit)
    if signs:
        return f"taken up: {', '.join(signs)}"
    return "open: nobody has signed in yet"


def _sign_in(password: Password) -> str:
    at = password.last_used_at
    when = f" at {at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
    return f"somebody signed in{when}"
