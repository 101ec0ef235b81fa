"""What unlocking promises, whatever AWS does."""

import json

from hypothesis import event, given, settings
from hypothesis import strategies as st

from fake_gateway import (
    DEV,
    Fails,
    FakeAccount,
    FakeClock,
    FakeGateway,
    MemoryBackups,
    MemoryJournal,
)
from rootsteward.domain.outcome import Outcome
from rootsteward.operations import unlock_bucket, unlock_queue
from rootsteward.operations.unlock import Method, ResourceKind, UnlockPlan, UnlockResult, Wish
from rootsteward.operations.unlocking import step

BUCKET_LOCK = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        ]
    }
)
QUEUE_LOCK = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}]}'
APIS = (
    "sts:AssumeRoot",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "sqs:GetQueueAttributes",
    "sqs:SetQueueAttributes",
)
CHANGING = {
    ResourceKind.BUCKET: {"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"},
    ResourceKind.QUEUE: {"sqs:SetQueueAttributes"},
}
FAULTS = st.lists(
    st.tuples(
        st.sampled_from(APIS),
        st.sampled_from(list(Fails)),
        st.integers(0, 2),
        st.sampled_from([1, 2, 4, None]),
    ),
    max_size=4,
)
Faults = list[tuple[str, Fails, int, int | None]]


def plan_of(gateway: FakeGateway, *, kind: ResourceKind, wish: Wish) -> UnlockPlan:
    if kind is ResourceKind.QUEUE:
        return unlock_queue.plan(unlock_queue.gather(gateway, DEV, "eu-west-1", "jobs"), wish)
    return unlock_bucket.plan(unlock_bucket.gather(gateway, DEV, "logs"), wish)


def unlocked(
    faults: Faults, *, kind: ResourceKind, wish: Wish
) -> tuple[FakeGateway, UnlockPlan, UnlockResult, MemoryBackups, MemoryJournal]:
    held = FakeAccount(buckets={"logs": BUCKET_LOCK}, queues={"jobs": QUEUE_LOCK})
    gateway, backups, journal = FakeGateway({DEV: held}), MemoryBackups(), MemoryJournal()
    plan = plan_of(gateway, kind=kind, wish=wish)
    for api, how, after, times in faults:
        gateway.fail(api, how, after=after, times=times)
    ended = step(gateway, journal, backups, FakeClock(), plan)
    event(ended.result.outcome.value)
    return gateway, plan, ended, backups, journal


WISHES = st.sampled_from([Wish(), Wish(Method.REMOVE), Wish(Method.DELETE)])


@settings(max_examples=300, deadline=None)
@given(FAULTS, st.sampled_from(ResourceKind), WISHES)
def test_unlocked_is_said_only_of_a_world_that_has_the_planned_policy(
    faults: Faults,
    kind: ResourceKind,
    wish: Wish,
) -> None:
    gateway, plan, ended, _, _ = unlocked(faults, kind=kind, wish=wish)
    held = gateway.accounts[DEV]
    now = held.queues["jobs"] if kind is ResourceKind.QUEUE else held.buckets["logs"]
    assert now in {plan.old_policy, plan.new_policy}
    if ended.result.outcome is Outcome.UNLOCKED:
        assert now == plan.new_policy
    if ended.result.outcome in {Outcome.DENIED, Outcome.PRESENT} and not gateway.mutations:
        assert now == plan.old_policy


@settings(max_examples=300, deadline=None)
@given(FAULTS, st.sampled_from(ResourceKind), WISHES)
def test_whatever_was_changed_was_kept_and_announced_before(
    faults: Faults,
    kind: ResourceKind,
    wish: Wish,
) -> None:
    gateway, plan, ended, backups, journal = unlocked(faults, kind=kind, wish=wish)
    if gateway.mutations:
        assert backups.kept[ended.backup][2] == plan.old_policy
        assert len(backups.kept) == 1
    intents = [kind for kind, _, _ in journal.entries if kind.endswith(".intent")]
    assert len(intents) >= len(gateway.mutations)
    assert {api for api, _ in gateway.mutations} <= CHANGING[kind]
