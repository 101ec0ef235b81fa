"""A small snapshot, and the JSON it is written as."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fake_gateway import MANAGEMENT, NO_RCPS, an_organization, control_policies
from rootsteward.domain.root_credentials import Basis, NotSeen, NotSeenReason, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_format import from_text, to_text
from rootsteward.operations.status import Standing

# WHY Any: a test puts wrong values into the JSON.
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def snapshot() -> Snapshot:
    return a_snapshot()


def a_snapshot() -> Snapshot:
    tree = an_organization()
    joined_at = datetime(2020, 2, 29, 23, 59, 59, 123456, tzinfo=UTC)
    first = replace(tree.accounts[0], joined_at=joined_at, tags={"team": "größe"})
    return Snapshot(
        taken_at=datetime(2026, 11, 23, 9, 0, 0, 1, tzinfo=UTC),
        taken_by=CallerIdentity(MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:role/Ops", "AROA:me"),
        standing=Standing.MANAGEMENT,
        partition="aws",
        region="eu-west-1",
        organization=replace(tree, accounts=(first, *tree.accounts[1:])),
        scps=Seen(control_policies(), Basis.LISTED),
        rcps=Seen(NO_RCPS, Basis.LISTED),
        trusted_access=Seen(value=False, basis=Basis.LISTED),
        features=Seen(frozenset(RootFeature), Basis.LISTED),
        delegates=NotSeen(NotSeenReason.DENIED, "not authorized", help="ask the owner"),
        tags=Seen(5, Basis.LISTED),
    )


@pytest.fixture
def changed() -> Callable[[Change], Snapshot]:
    """Reads the snapshot back after a change of its JSON."""

    def read(change: Change) -> Snapshot:
        held = json.loads(to_text(a_snapshot()))
        change(held)
        return from_text(json.dumps(held).encode(), "org.json")

    return read
