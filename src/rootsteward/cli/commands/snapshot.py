"""`rootsteward snapshot`."""

from pathlib import Path
from typing import Annotated

import typer

from rootsteward.cli.exit_codes import ExitCode
from rootsteward.cli.options import Session, connected
from rootsteward.cli.render import Value
from rootsteward.domain.control_policies import ControlPolicies
from rootsteward.domain.root_credentials import NotSeen, Observation
from rootsteward.operations import snapshot as operation
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_file import write_snapshot
from rootsteward.operations.whole_file import check_target

_HEADINGS = {
    "file": "file",
    "organization": "organization",
    "accounts": "accounts",
    "units": "units",
    "service_control_policies": "service control policies",
    "resource_control_policies": "resource control policies",
    "tags": "accounts with their tags",
    "unseen": "could not be read",
}


@connected
def snapshot(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    tags: Annotated[
        bool, typer.Option("--tags", help="Read the tags of accounts too: one call each.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace FILE when it is there.")
    ] = False,
) -> ExitCode:
    """Write the organization and its control policies into one file, to work from offline."""
    check_target(file, overwrite=overwrite)
    runtime = session.runtime
    notifier = session.notifier()
    with runtime.pace.watched_by(notifier):
        taken = operation.gather(runtime.gateway, runtime.clock.now(), notifier, tags=tags)
    write_snapshot(file, taken)
    session.screen.record("Snapshot", _row(file, taken), _HEADINGS)
    for text in dict.fromkeys(part.help for _, part in taken.unseen if part.help):
        session.screen.say(f"help: {text}")
    return ExitCode.UNSEEN if taken.unseen else ExitCode.DONE


def _row(file: Path, taken: Snapshot) -> dict[str, Value]:
    return {
        "file": str(file),
        "organization": taken.organization.id,
        "accounts": len(taken.organization.accounts),
        "units": len(taken.organization.units),
        "service_control_policies": _policies(taken.scps),
        "resource_control_policies": _policies(taken.rcps),
        "tags": None if taken.tags is None or isinstance(taken.tags, NotSeen) else taken.tags.value,
        "unseen": [f"{name}: {part.reason.value}: {part.detail}" for name, part in taken.unseen],
    }


def _policies(seen: Observation[ControlPolicies]) -> Value:
    """How many there are; `off` when the type is not in force."""
    if isinstance(seen, NotSeen):
        return None
    return len(seen.value.policies) if seen.value.enabled else "off"
