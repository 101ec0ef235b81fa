"""`rootsteward status`."""

from collections.abc import Callable
from typing import TypeVar

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.organization_source import SnapshotOption, load_snapshot
from rootsteward.cli.render import Value
from rootsteward.domain.root_credentials import NotSeen, Observation
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations import status as operation
from rootsteward.operations.snapshot_reader import status_of
from rootsteward.operations.status import Status

T = TypeVar("T")

HEADINGS = {
    "caller": "caller",
    "account": "account",
    "standing": "standing",
    "region": "region",
    "organization": "organization",
    "management_account": "management account",
    "accounts": "accounts",
    "trusted_access": "trusted access for IAM",
    "RootCredentialsManagement": "root credentials management",
    "RootSessions": "privileged root actions",
    "delegated_administrators": "delegated administrators",
    "ready": "ready",
}


@connected
def status(session: Session, snapshot: SnapshotOption = None) -> ExitCode:
    """Show whether centralized root access is on, and what we are in the organization."""
    if snapshot is None:
        found = operation.gather(session.runtime.gateway)
    else:
        found = status_of(load_snapshot(session, snapshot))
    session.screen.record("Centralized root access", status_row(found), HEADINGS)
    unseen = [s for s in _observations(found) if isinstance(s, NotSeen)]
    if not found.ready and not unseen:
        session.screen.say("\nnot ready: `rootsteward enable` switches on what is missing")
    for text in dict.fromkeys(s.help for s in unseen if s.help):
        session.screen.say(f"help: {text}")
    return ExitCode.UNSEEN if unseen else ExitCode.DONE


def _observations(found: Status) -> tuple[Observation[object], ...]:
    return (found.organization, found.trusted_access, found.features, found.delegates)


def status_row(found: Status) -> dict[str, Value]:
    """The facts as one row; what could not be read says why."""
    row: dict[str, Value] = {
        "caller": found.caller.arn,
        "account": str(found.caller.account),
        "standing": found.standing.value,
        "region": found.region,
        "organization": _seen(found.organization, lambda o: o.id),
        "management_account": _seen(found.organization, lambda o: str(o.management_account_id)),
        "accounts": _seen(found.organization, lambda o: len(o.accounts)),
        "trusted_access": _seen(found.trusted_access, _on_off),
    }
    for feature in RootFeature:
        row[feature.value] = _seen(found.features, lambda on, f=feature: _on_off(f in on))  # type: ignore[misc] # the default binds the loop's value
    row["delegated_administrators"] = _seen(found.delegates, lambda ids: [str(i) for i in ids])
    # WHY None: what hangs on something unseen is neither yes nor no.
    needed = (found.trusted_access, found.features)
    unseen = any(isinstance(s, NotSeen) for s in needed)
    row["ready"] = None if unseen else found.ready
    return row


def _seen(observation: Observation[T], show: Callable[[T], Value]) -> Value:
    if isinstance(observation, NotSeen):
        return f"{observation.reason.value}: {observation.detail}"
    return show(observation.value)


def _on_off(on: bool) -> str:
    return "on" if on else "off"
