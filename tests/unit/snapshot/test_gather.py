"""Taking a snapshot: what could not be read is said, and nothing is claimed about it."""

from dataclasses import replace

import pytest

from fake_gateway import DEV, NOW, Fails, FakeGateway
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.organization import Organization
from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.domain.task_policy import RootFeature
from rootsteward.operations.controls import gather as gather_controls
from rootsteward.operations.snapshot import gather
from rootsteward.operations.snapshot_reader import SnapshotReader, status_of
from rootsteward.operations.status import gather as gather_status


class Watcher:
    def __init__(self) -> None:
        self.told: list[tuple[str, int | None]] = []
        self.open = 0

    def started(self, what: str, total: int | None) -> None:
        self.told.append((what, total))
        self.open += 1

    def advanced(self, steps: int = 1) -> None:
        raise AssertionError(steps)  # the pace counts calls

    def finished(self) -> None:
        self.open -= 1


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


def test_a_reader_of_the_snapshot_answers_as_the_gateway_did(
    gateway: FakeGateway, watcher: Watcher
) -> None:
    reader = SnapshotReader(gather(gateway, NOW, watcher))
    organization = gateway.organization()
    assert gather_controls(reader, organization) == gather_controls(gateway, organization)
    assert (reader.organization(), reader.caller()) == (organization, gateway.caller())
    assert (reader.region, reader.partition) == (gateway.region, gateway.partition)
    for policy_id, policy in gateway.scps.policies.items():
        assert reader.control_policy(policy_id) == policy


def test_status_is_what_it_was(gateway: FakeGateway, watcher: Watcher) -> None:
    gateway.features = frozenset({RootFeature.SESSIONS})
    assert status_of(gather(gateway, NOW, watcher)) == gather_status(gateway)


def test_a_part_that_is_refused_hides_no_other(gateway: FakeGateway, watcher: Watcher) -> None:
    gateway.fail("organizations:ListPolicies", Fails.DENIED)
    snapshot = gather(gateway, NOW, watcher)
    assert [name for name, _ in snapshot.unseen] == ["service control policies"]
    assert isinstance(snapshot.scps, NotSeen)
    assert isinstance(snapshot.rcps, Seen)
    with pytest.raises(OperatorError, match="the snapshot has no service control policies: "):
        SnapshotReader(snapshot).control_policies("SERVICE_CONTROL_POLICY", gateway.tree.org_root)


def test_without_the_tree_there_is_no_snapshot(gateway: FakeGateway, watcher: Watcher) -> None:
    gateway.fail("organizations:DescribeOrganization", Fails.DENIED)
    with pytest.raises(OperatorError, match="the organization could not be read: "):
        gather(gateway, NOW, watcher)
    assert watcher.open == 0


def test_a_tree_that_changed_meanwhile_is_not_kept(gateway: FakeGateway, watcher: Watcher) -> None:
    first, *others = gateway.tree.accounts
    moved = replace(first, parent_id="ou-ab12-new00000")
    gateway.tree = replace(gateway.tree, accounts=(moved, *others))
    with pytest.raises(OperatorError, match="changed while it was read: `ou-ab12-new00000`"):
        gather(gateway, NOW, watcher)


def with_tags(organization: Organization) -> Organization:
    accounts = (replace(a, tags={"name": a.name}) for a in organization.accounts)
    return replace(organization, accounts=tuple(accounts))


def test_tags_are_read_on_demand_with_one_call_each(gateway: FakeGateway, watcher: Watcher) -> None:
    untagged = gather(gateway, NOW, watcher)
    assert untagged.tags is None
    assert "organizations:ListTagsForResource" not in gateway.apis()
    gateway.tree = with_tags(gateway.tree)
    snapshot = gather(gateway, NOW, watcher, tags=True)
    assert isinstance(snapshot.tags, Seen)
    assert snapshot.tags.value == 5
    assert snapshot.organization.account(DEV).tags == {"name": "dev"}
    assert gateway.apis().count("organizations:ListTagsForResource") == 5
    assert watcher.told[-1] == ("reading tags", 5)
    assert watcher.open == 0


def test_tags_that_cannot_all_be_read_are_not_kept(gateway: FakeGateway, watcher: Watcher) -> None:
    tagged = with_tags(gateway.tree)
    gateway.tree = replace(tagged, accounts=tuple(replace(a, tags={}) for a in tagged.accounts))
    gateway.fail("organizations:ListTagsForResource", Fails.DENIED, account=DEV)
    snapshot = gather(gateway, NOW, watcher, tags=True)
    assert isinstance(snapshot.tags, NotSeen)
    assert all(account.tags == {} for account in snapshot.organization.accounts)
