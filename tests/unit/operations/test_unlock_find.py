import json
from collections.abc import Sequence

import pytest

from fake_gateway import DEV, Fails, FakeGateway
from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.errors import AwsRefusedError, Refusal
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import NotSeen, NotSeenReason, Seen
from rootsteward.domain.root_session import RootSession
from rootsteward.operations.unlock import ResourceKind
from rootsteward.operations.unlock_find import (
    Finder,
    FoundResource,
    Listing,
    Place,
    Sorted,
    Standing,
    places,
    sort_listings,
)

LOCK = json.dumps(
    {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}
)
BUCKETS = Place(ResourceKind.BUCKET)
HERE = Place(ResourceKind.QUEUE, "eu-west-1")
THERE = Place(ResourceKind.QUEUE, "us-east-1")


class WithRegionsOff(FakeGateway):
    """Some Regions do not know anybody."""

    off: frozenset[str] = frozenset()

    def queues(self, session: RootSession, region: str) -> tuple[str, ...]:
        if region in self.off:
            message = "The security token included in the request is invalid."
            raise AwsRefusedError(Refusal("InvalidClientTokenId", message, "sqs:ListQueues"))
        return super().queues(session, region)


@pytest.fixture
def world(gateway: FakeGateway) -> WithRegionsOff:
    held = gateway.accounts[DEV]
    held.buckets = {"logs": LOCK, "bare": None, "odd": "{"}
    held.queues = {"jobs": LOCK}
    return WithRegionsOff({DEV: held})


def found_in(
    gateway: FakeGateway, where: Sequence[Place] = (BUCKETS, HERE, THERE)
) -> tuple[Sorted, dict[str, FoundResource]]:
    finder = Finder(gateway, DEV)
    listed = sort_listings([finder.list(place) for place in where], ())
    return listed, {handle.name: finder.look(handle) for handle in listed.handles}


def test_every_bucket_and_queue_has_a_standing(world: WithRegionsOff) -> None:
    listed, found = found_in(world)
    assert {name: one.standing for name, one in found.items()} == {
        "logs": Standing.LOCKED,
        "bare": Standing.NOT_LOCKED,
        "odd": Standing.UNCLEAR,
        "jobs": Standing.LOCKED,
    }
    assert [one.outcome for one in found.values()] == [
        Outcome.PRESENT,
        Outcome.CLEAN,
        Outcome.UNKNOWN,
        Outcome.PRESENT,
    ]
    assert listed.unseen == ()
    assert found["jobs"].resource.arn == f"arn:aws:sqs:eu-west-1:{DEV}:jobs"
    assert found["logs"].resource.where == "eu-west-1"


def test_one_session_of_a_kind_is_enough(world: WithRegionsOff) -> None:
    found_in(world)
    assert world.apis().count("sts:AssumeRoot") == 2
    assert world.mutations == []


def test_a_session_that_runs_out_is_replaced(world: WithRegionsOff) -> None:
    world.fail("s3:GetBucketPolicy", Fails.EXPIRED, after=1)
    _, found = found_in(world)
    assert found["bare"].standing is Standing.NOT_LOCKED
    assert world.apis().count("sts:AssumeRoot") == 3


def test_a_policy_that_cannot_be_read_is_a_row_with_its_reason(world: WithRegionsOff) -> None:
    world.fail("s3:GetBucketPolicy", Fails.DENIED)
    guilty = DecidedBy(PolicyType.RCP, "r-ab12", "p-rcp", 0)
    finder = Finder(world, DEV, lambda _account, _task: lambda _api: (guilty,))
    found = finder.look(sort_listings([finder.list(BUCKETS)], ()).handles[0])
    assert found.standing is Standing.COULD_NOT_LOOK
    assert found.outcome is Outcome.DENIED
    assert isinstance(found.resource.policy, NotSeen)
    assert found.resource.policy.blamed == (guilty,)


@pytest.mark.parametrize("how", [Fails.DENIED, Fails.UNREACHABLE, Fails.THROTTLED])
def test_a_place_that_cannot_be_listed_is_unseen(world: WithRegionsOff, how: Fails) -> None:
    world.fail("sqs:ListQueues", how)
    listed, found = found_in(world)
    assert [one.place for one in listed.unseen] == [HERE]
    assert "jobs" not in found
    assert listed.not_enabled == ()


def test_a_refused_session_is_asked_for_once(world: WithRegionsOff) -> None:
    world.features = frozenset()
    listed, _ = found_in(world)
    assert [one.place for one in listed.unseen] == [BUCKETS, HERE, THERE]
    assert {one.reason.reason for one in listed.unseen} == {NotSeenReason.DENIED}
    assert world.apis().count("sts:AssumeRoot") == 2


def test_a_region_that_knows_nobody_is_not_enabled_when_another_knows_us(
    world: WithRegionsOff,
) -> None:
    world.off = frozenset({"us-east-1"})
    listed, _ = found_in(world)
    assert listed.not_enabled == ("us-east-1",)
    assert listed.unseen == ()


def test_regions_that_all_know_nobody_are_unseen(world: WithRegionsOff) -> None:
    world.off = frozenset({"eu-west-1", "us-east-1"})
    listed, _ = found_in(world)
    assert listed.not_enabled == ()
    assert [one.place for one in listed.unseen] == [HERE, THERE]


def test_a_region_that_was_named_is_never_left_out(world: WithRegionsOff) -> None:
    world.off = frozenset({"us-east-1"})
    asked = places([ResourceKind.QUEUE], ["eu-west-1", "us-east-1"], ["sa-east-1"])
    listed, _ = found_in(world, asked)
    assert [one.place.region for one in listed.unseen] == ["us-east-1"]


def test_buckets_of_other_regions_than_the_named_are_left_out(world: WithRegionsOff) -> None:
    listings = [Finder(world, DEV).list(BUCKETS)]
    assert sort_listings(listings, ["us-east-1"]).handles == ()
    assert len(sort_listings(listings, ["eu-west-1"]).handles) == 3


def test_buckets_are_listed_once_and_queues_in_each_region() -> None:
    assert places(ResourceKind, (), ("a", "b")) == (
        BUCKETS,
        Place(ResourceKind.QUEUE, "a"),
        Place(ResourceKind.QUEUE, "b"),
    )


def test_what_nobody_foresaw_is_a_row_too(world: WithRegionsOff) -> None:
    finder = Finder(world, DEV)
    listing = finder.list(BUCKETS)
    assert isinstance(listing.found, Seen)
    lost = finder.lost(listing.found.value[0], ValueError("a defect"))
    assert lost.standing is Standing.COULD_NOT_LOOK
    lost_listing = finder.lost_listing(HERE, ValueError("a defect"))
    assert lost_listing == Listing(HERE, NotSeen(NotSeenReason.UNKNOWN, "ValueError: a defect"))
