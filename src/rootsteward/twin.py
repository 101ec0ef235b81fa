"""The twin of a real organization: a sandbox made from a snapshot, to rehearse on.

WHY a room of its own: the sandbox may not know the tool's operations, nor they the sandbox, and a
twin needs both. This module only puts the two together (ADR 9).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from rootsteward.domain.errors import InputError
from rootsteward.domain.root_credentials import NotSeen, Observation
from rootsteward.operations.snapshot import Snapshot
from rootsteward.sandbox.scenarios.twin import Furnishing, Original
from rootsteward.sandbox.served import ServedSandbox, served_stage
from rootsteward.sandbox.stage import Stage, Wishes

T = TypeVar("T")


def twin_stage(
    snapshot: Snapshot, furnishing: Furnishing | None = None, *, wishes: Wishes | None = None
) -> Stage:
    """A sandbox, not yet served, that begins as the organization was when it was looked at.

    Raises:
        InputError: the snapshot does not tell all that governs root access, or such an
            organization cannot be.
    """
    return Stage.of_twin(original_of(snapshot), furnishing or Furnishing(), wishes=wishes)


@contextmanager
def served_twin(
    snapshot: Snapshot, furnishing: Furnishing | None = None, *, wishes: Wishes | None = None
) -> Iterator[ServedSandbox]:
    """Serve a snapshot's twin on a free loopback port until the block ends.

    The profile `management` administers it; `credentials_file` has that profile and, for every
    account that administers IAM, `delegate-ACCOUNT`.

    Raises:
        InputError: as `twin_stage` does.
    """
    with served_stage(twin_stage(snapshot, furnishing, wishes=wishes)) as served:
        yield served


def original_of(snapshot: Snapshot) -> Original:
    """What a twin is made of.

    Raises:
        InputError: a part was not seen. WHY no guess: a twin without an SCP that the organization
            has would let a rehearsal succeed where the real thing is refused.
    """
    return Original(
        organization=snapshot.organization,
        scps=_seen("service control policies", snapshot.scps),
        rcps=_seen("resource control policies", snapshot.rcps),
        iam_trusted=_seen("trusted access", snapshot.trusted_access),
        root_features=_seen("root features", snapshot.features),
        delegates=_seen("delegated administrators", snapshot.delegates),
        partition=snapshot.partition,
        region=snapshot.region,
    )


def _seen(what: str, part: Observation[T]) -> T:
    if isinstance(part, NotSeen):
        raise InputError(
            f"the snapshot has no twin, because nobody saw its {what}: {part.detail}",
            help="take the snapshot again as somebody who may read them",
        )
    return part.value
