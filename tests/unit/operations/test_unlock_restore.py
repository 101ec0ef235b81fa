import pytest

from fake_gateway import DEV, FakeClock, FakeGateway, MemoryBackups, MemoryJournal
from rootsteward.domain.errors import InputError
from rootsteward.domain.outcome import Outcome
from rootsteward.operations import unlock_bucket, unlock_queue, unlock_restore
from rootsteward.operations.protected_resources import protecting_pattern, refuse_protected
from rootsteward.operations.unlock import Intention, ResourceKind, UnlockPlan
from rootsteward.operations.unlock_restore import KeptPolicy

LOCK = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}'
OTHER = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'


@pytest.fixture
def locked(gateway: FakeGateway) -> FakeGateway:
    gateway.accounts[DEV].buckets = {"logs": LOCK}
    gateway.accounts[DEV].queues = {"jobs": LOCK}
    return gateway


def unlock_plan(gateway: FakeGateway, kind: ResourceKind) -> UnlockPlan:
    if kind is ResourceKind.BUCKET:
        return unlock_bucket.plan(unlock_bucket.gather(gateway, DEV, "logs"))
    return unlock_queue.plan(unlock_queue.gather(gateway, DEV, "eu-west-1", "jobs"))


@pytest.mark.parametrize("kind", ResourceKind)
def test_what_was_unlocked_can_be_put_back(
    locked: FakeGateway,
    journal: MemoryJournal,
    backups: MemoryBackups,
    clock: FakeClock,
    kind: ResourceKind,
) -> None:
    before = unlock_plan(locked, kind).old_policy
    unlock_restore.step(locked, journal, backups, clock, unlock_plan(locked, kind))
    now = unlock_plan(locked, kind).old_policy
    assert now != before
    kept = unlock_restore.kept_policy(*backups.kept["backup-1"])
    plan = unlock_restore.plan(unlock_restore.gather(locked, kept), kept.text)
    assert plan.intention is Intention.RESTORE
    assert plan.reason == "it locks the owner's account out again"
    ended = unlock_restore.step(locked, journal, backups, clock, plan)
    assert ended.result.outcome is Outcome.DONE
    assert unlock_plan(locked, kind).old_policy == before
    assert journal.entries[-1][0] == "unlock-restore.result"
    present = [text for _, _, text in backups.kept.values()][1:]
    assert present == ([] if now is None else [now])


def test_a_policy_that_is_there_already_is_not_put_again(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, clock: FakeClock
) -> None:
    facts = unlock_bucket.gather(locked, DEV, "logs")
    ended = unlock_restore.step(locked, journal, backups, clock, unlock_restore.plan(facts, LOCK))
    assert ended.result.outcome is Outcome.CLEAN
    assert locked.mutations == []


def test_a_policy_that_changed_after_the_plan_is_left_alone(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, clock: FakeClock
) -> None:
    plan = unlock_restore.plan(unlock_bucket.gather(locked, DEV, "logs"), OTHER)
    locked.accounts[DEV].buckets["logs"] = None
    ended = unlock_restore.step(locked, journal, backups, clock, plan)
    assert ended.result.outcome is Outcome.CHANGED_MEANWHILE
    assert locked.accounts[DEV].buckets["logs"] is None


def test_a_key_says_whose_the_policy_is() -> None:
    bucket = unlock_restore.kept_policy("bucket-policy", f"{DEV}/logs", LOCK)
    queue = unlock_restore.kept_policy("queue-policy", f"{DEV}/eu-west-1/jobs", LOCK)
    assert bucket == KeptPolicy(ResourceKind.BUCKET, DEV, "", "logs", LOCK)
    assert unlock_restore.arn_of(bucket, "aws") == "arn:aws:s3:::logs"
    assert unlock_restore.arn_of(queue, "aws-cn") == f"arn:aws-cn:sqs:eu-west-1:{DEV}:jobs"


@pytest.mark.parametrize(
    ("kind", "key"), [("control-policy", "p-1"), ("bucket-policy", "logs"), ("queue-policy", "a/b")]
)
def test_other_backups_cannot_be_restored_here(kind: str, key: str) -> None:
    with pytest.raises(InputError, match="is no bucket or queue policy"):
        unlock_restore.kept_policy(kind, key, LOCK)


@pytest.mark.parametrize(
    ("pattern", "protects"),
    [
        ("arn:aws:s3:::audit-logs", True),
        ("arn:aws:s3:::audit-*", True),
        ("arn:aws:s3:::a?dit-logs", True),
        ("arn:*:audit-logs", True),
        ("arn:aws:s3:::audit", False),
        ("arn:aws:s3:::Audit-*", False),
        ("arn:aws:s3:::[a]udit-logs", False),
        ("arn:aws:sqs:*", False),
    ],
)
def test_patterns_are_globs_on_the_whole_arn(pattern: str, *, protects: bool) -> None:
    arn = "arn:aws:s3:::audit-logs"
    assert (protecting_pattern(arn, ["arn:aws:s3:::x", pattern]) is not None) is protects


def test_a_protected_resource_is_refused_with_its_pattern() -> None:
    with pytest.raises(InputError, match=r"is protected by the pattern `arn:\*`"):
        refuse_protected("arn:aws:s3:::logs", ["arn:*"])
    refuse_protected("arn:aws:s3:::logs", [])
