"""Where read-only commands have the organization from: AWS, or a snapshot.

This is the one place that decides it. With a snapshot no gateway is opened: no credentials, no
network, no Region are needed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Protocol

import typer

from rootsteward.cli.options import Session
from rootsteward.domain.errors import InputError
from rootsteward.operations.controls import ControlReader
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_file import read_snapshot
from rootsteward.operations.snapshot_reader import SnapshotReader
from rootsteward.ports.aws_gateway import TagReader

SnapshotOption = Annotated[
    Path | None,
    typer.Option(
        "--snapshot",
        metavar="FILE",
        help="The organization as this file has it; AWS is not called.",
        rich_help_panel="Connection",
    ),
]


class OrganizationSource(ControlReader, TagReader, Protocol):
    """The tree, its control policies, and the tags of its accounts."""


def control_reader(session: Session, snapshot: Path | None) -> OrganizationSource:
    """What to read the organization and its control policies through.

    Raises:
        InputError: when the snapshot cannot be read.
        OperatorError: when AWS cannot be reached with what was configured.
    """
    if snapshot is None:
        return session.runtime.gateway
    return SnapshotReader(load_snapshot(session, snapshot))


def reader_when_needed(session: Session, snapshot: Path | None) -> Callable[[], ControlReader]:
    """The same for commands that may need neither: AWS is connected to at the first use.

    Raises:
        InputError: when the snapshot cannot be read.
    """
    if snapshot is None:
        return lambda: session.runtime.gateway
    reader = control_reader(session, snapshot)
    return lambda: reader


def load_snapshot(session: Session, snapshot: Path) -> Snapshot:
    """Read a snapshot, and say how old the facts are.

    Raises:
        InputError: when it cannot be read.
    """
    loaded = read_snapshot(snapshot)
    at = f"{loaded.taken_at:%Y-%m-%d %H:%M} UTC"
    session.screen.say(f"from snapshot {snapshot}, taken {at} by {loaded.taken_by.arn}")
    return loaded


def refuse_acting(snapshot: Path | None, option: str) -> None:
    """An act needs the organization as it is now.

    Raises:
        InputError: when there is a snapshot.
    """
    if snapshot is not None:
        raise InputError(
            f"{option} cannot be used with --snapshot",
            help="a snapshot is the past; leave --snapshot out to act on the organization",
        )
