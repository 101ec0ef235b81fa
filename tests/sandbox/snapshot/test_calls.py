"""How many calls a snapshot costs."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rootsteward.aws.gateway import BotoGateway, open_gateway
from rootsteward.aws.pace import AdaptivePace
from rootsteward.aws.settings import AwsSettings
from rootsteward.aws.watched_pace import WatchedPace
from rootsteward.domain.root_credentials import Seen
from rootsteward.operations.snapshot import Snapshot, gather
from rootsteward.operations.snapshot_file import read_snapshot, write_snapshot
from sandbox.snapshot.conftest import Counted, Tool, counted

GENERATED = """
seed: 3
regions: [eu-west-1]
organization:
  management:
    id: "111111111111"
    name: management
    email: management@example.com
    users:
      - name: administrator
        managed_policies: [AdministratorAccess]
        access_keys: [{profile: management}]
  policy_types: [SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY]
  trusted_services: [iam.amazonaws.com]
  root_features: [RootSessions]
generated:
  accounts: 230
  seed: 3
  accounts_per_unit: 25
  unit_levels: 5
  policies:
    - name: quiet
      copies: 6
      units: 3
      content: {Version: 2012-10-17, Statement: {Effect: Deny, Action: "ec2:*", Resource: "*"}}
"""
# Caller, organization, its root, trusted access, delegates, features, two lists of policies.
FIXED_CALLS = 8


class PatientClock:
    """Waits in no time, and remembers how long it would have been."""

    def __init__(self) -> None:
        self.waited_seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=self.waited_seconds)

    def sleep(self, seconds: float) -> None:
        self.waited_seconds += max(seconds, 0.0)


class Counting:
    """A notifier that counts."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.steps = 0
        self.open = 0

    def started(self, what: str, total: int | None) -> None:
        assert total is None or total > 0
        self.parts.append(what)
        self.open += 1

    def advanced(self, steps: int = 1) -> None:
        assert self.open == 1
        self.steps += steps

    def finished(self) -> None:
        self.open -= 1


@contextmanager
def gateway_to(sandbox: Counted, pace: WatchedPace, clock: PatientClock) -> Iterator[BotoGateway]:
    settings = AwsSettings(profile="management", endpoint_url=sandbox.url)
    gateway = open_gateway(settings, clock=clock, pace=pace)
    try:
        yield gateway
    finally:
        gateway.close()


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    folder = tmp_path_factory.mktemp("generated")
    (folder / "generated.yaml").write_text(GENERATED)
    with counted(folder / "generated.yaml", folder) as running:
        yield running


def read(sandbox: Counted, tool: Tool) -> tuple[Snapshot, Counting, PatientClock]:
    tool.at(sandbox)
    sandbox.calls.clear()
    clock, watching = PatientClock(), Counting()
    pace = WatchedPace(AdaptivePace(clock))
    with gateway_to(sandbox, pace, clock) as gateway, pace.watched_by(watching):
        return gather(gateway, clock.now(), watching), watching, clock


def test_a_snapshot_costs_no_more_calls_than_promised(generated: Counted, tool: Tool) -> None:
    snapshot, _, _ = read(generated, tool)
    organization = generated.world.organization
    accounts, units = len(organization.accounts), len(organization.units)
    assert accounts == 231
    policies = organization.policies
    attachments = sum(len(list(policies.targets_of(policy_id))) for policy_id in policies.policies)
    promised = accounts / 20 + attachments / 20 + units + len(policies.policies) + FIXED_CALLS
    assert generated.calls.total() <= promised
    assert len(snapshot.organization.accounts) == accounts
    assert len(snapshot.organization.units) == units


def test_nothing_is_asked_per_account(generated: Counted, tool: Tool) -> None:
    read(generated, tool)
    assert generated.calls["ListAccounts"] == 12
    assert generated.calls["DescribePolicy"] == len(generated.world.organization.policies.policies)
    assert not {"ListAccountsForParent", "ListPoliciesForTarget", "ListTagsForResource"} & set(
        generated.calls
    )


def test_units_on_the_deepest_level_are_not_asked_for_more(generated: Counted, tool: Tool) -> None:
    snapshot, _, _ = read(generated, tool)
    organization = generated.world.organization
    depth = Counter(len(organization.path_to(unit.id)) - 1 for unit in snapshot.organization.units)
    assert max(depth) == 5
    asked = generated.calls["ListOrganizationalUnitsForParent"]
    assert asked == 1 + depth.total() - depth[5]


def test_every_answered_call_is_a_step_of_progress(generated: Counted, tool: Tool) -> None:
    _, watching, _ = read(generated, tool)
    assert watching.steps == generated.calls.total()
    assert watching.open == 0
    assert [part.removeprefix("reading ") for part in watching.parts] == [
        "accounts and units",
        "service control policies",
        "resource control policies",
    ]


def test_the_documented_rates_are_kept(generated: Counted, tool: Tool) -> None:
    _, _, clock = read(generated, tool)
    # DescribePolicy: two at once, then two a second.
    described = generated.calls["DescribePolicy"]
    assert clock.waited_seconds >= (described - 2) / 2


def test_what_is_read_is_what_is_there(generated: Counted, tool: Tool) -> None:
    snapshot, _, _ = read(generated, tool)
    organization = generated.world.organization
    for account in snapshot.organization.accounts:
        there = organization.accounts[account.id]
        assert (account.name, account.state, account.email) == (
            there.name,
            there.state,
            there.email,
        )
        assert snapshot.organization.path_to(account.id) == organization.path_to(account.id)
    for seen in (snapshot.scps, snapshot.rcps):
        assert isinstance(seen, Seen)
        for entity in (*organization.accounts, *organization.units, organization.org_root_id):
            attached = {*seen.value.attached_everywhere, *seen.value.attached.get(entity, ())}
            assert attached == set(organization.policies.attached_to(entity, seen.value.type))


def test_a_written_snapshot_of_it_reads_back_equal(
    generated: Counted, tool: Tool, tmp_path: Path
) -> None:
    snapshot, _, _ = read(generated, tool)
    write_snapshot(tmp_path / "org.json", snapshot)
    assert read_snapshot(tmp_path / "org.json") == snapshot
