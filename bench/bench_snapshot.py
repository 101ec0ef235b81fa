"""A snapshot of 50,000 accounts: how long it takes to write, to load and to make its twin, and how
much memory.

Each is measured in processes of their own, so that the peak is that of one alone.
"""

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rootsteward.domain.control_policies import ControlPolicies, ControlPolicy
from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import (
    Account,
    AccountState,
    Organization,
    OrganizationalUnit,
    OrgRoot,
)
from rootsteward.domain.root_credentials import Basis, Seen
from rootsteward.domain.root_session import CallerIdentity
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.controls import RCP_TYPE, SCP_TYPE
from rootsteward.operations.snapshot import Snapshot
from rootsteward.operations.snapshot_file import read_snapshot, write_snapshot
from rootsteward.operations.status import Standing

ACCOUNTS = 50_000
UNITS = 1_000
POLICIES = 400
MANAGEMENT = AccountId("100000000000")
JOINED_AT = datetime(2020, 1, 1, tzinfo=UTC)
STATEMENT = '{"Sid":"S","Effect":"Deny","Action":["ec2:*","s3:*"],"Resource":"*"}'
CONTENT = '{"Version":"2012-10-17","Statement":[' + ",".join([STATEMENT] * 40) + "]}"


def organization() -> Organization:
    units = tuple(
        OrganizationalUnit(f"ou-abcd-{number:08d}", f"Unit {number}", "r-abcd")
        for number in range(UNITS)
    )
    accounts = tuple(
        Account(
            AccountId(f"{100_000_000_000 + number}"),
            f"workload-{number:05d}-production",
            f"aws+workload-{number:05d}@example.com",
            AccountState.ACTIVE,
            units[number % UNITS].id,
            JOINED_AT + timedelta(minutes=number),
            {"team": f"team-{number % 97}", "stage": "production"},
        )
        for number in range(ACCOUNTS)
    )
    return Organization(
        "o-abcdefghij", MANAGEMENT, OrgRoot("r-abcd", frozenset({SCP_TYPE, RCP_TYPE})), units,
        accounts,
    )  # fmt: skip


def control_policies(policy_type: str, tree: Organization) -> ControlPolicies:
    """Full access everywhere, as AWS attaches it, and a policy of its own on every unit."""
    names = ["p-FullAWSAccess", *(f"p-{number:08d}" for number in range(POLICIES))]
    policies = {n: ControlPolicy(n, n, f"arn:{n}", "", policy_type, False, CONTENT) for n in names}  # noqa: FBT003 (a field of the record)
    attached: dict[str, tuple[str, ...]] = {a.id: (names[0],) for a in tree.accounts}
    for number, unit in enumerate(tree.units):
        attached[unit.id] = (names[0], names[1 + number % POLICIES])
    return ControlPolicies(policy_type, enabled=True, policies=policies, attached=attached)


def a_snapshot() -> Snapshot:
    tree = organization()
    return Snapshot(
        taken_at=datetime.now(UTC),
        taken_by=CallerIdentity(MANAGEMENT, f"arn:aws:iam::{MANAGEMENT}:role/Ops", "AROA"),
        standing=Standing.MANAGEMENT,
        partition="aws",
        region="eu-west-1",
        organization=tree,
        scps=Seen(control_policies(SCP_TYPE, tree), Basis.LISTED),
        rcps=Seen(control_policies(RCP_TYPE, tree), Basis.LISTED),
        trusted_access=Seen(value=True, basis=Basis.LISTED),
        features=Seen(frozenset(RootFeature), Basis.LISTED),
        delegates=Seen((), Basis.LISTED),
        tags=Seen(ACCOUNTS, Basis.LISTED),
    )


def measure(what: str, path: Path) -> None:
    idle_megabytes = peak_megabytes()
    if what == "write":
        snapshot = a_snapshot()
        begun = time.perf_counter()
        write_snapshot(path, snapshot)
    else:
        begun = time.perf_counter()
        snapshot = read_snapshot(path)
        if what == "load and make the twin":
            # WHY here: the sandbox's own modules are no part of what loading takes.
            from rootsteward.twin import twin_stage  # noqa: PLC0415 (see above)

            twin_stage(snapshot)
    seconds = time.perf_counter() - begun
    print(
        f"{what}: {len(snapshot.organization.accounts):,} accounts in {seconds:.2f} s; "
        f"peak memory {peak_megabytes():.0f} MB, {idle_megabytes:.0f} MB before"
    )


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.json"
        for what in ("write", "load", "load and make the twin"):
            subprocess.run([sys.executable, __file__, what, str(path)], check=True)
        print(f"the file has {path.stat().st_size / 1e6:.1f} MB; promised: under 3 s and 500 MB")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
