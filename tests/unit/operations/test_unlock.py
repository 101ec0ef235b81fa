import json

import pytest

from fake_gateway import DEV, Fails, FakeGateway, MemoryBackups, MemoryJournal
from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.errors import OperatorError
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.operations import unlock_bucket, unlock_queue
from rootsteward.operations.unlock import Intention, LockedResource, UnlockPlan, UnlockResult

LOCK_EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"},
            {
                "Sid": "LockedOut",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:*",
                "Resource": "*",
            },
        ],
    }
)
TLS_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    }
)
QUEUE_LOCK = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"SQS:*","Resource":"*"}]}'
OPEN = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture
def locked(gateway: FakeGateway) -> FakeGateway:
    gateway.accounts[DEV].buckets = {"logs": LOCK_EVERYTHING, "site": TLS_ONLY, "bare": None}
    gateway.accounts[DEV].queues = {"jobs": QUEUE_LOCK}
    return gateway


def planned(gateway: FakeGateway, bucket: str = "logs") -> UnlockPlan:
    plan = unlock_bucket.plan(unlock_bucket.gather(gateway, DEV, bucket))
    gateway.calls.clear()
    gateway.log.clear()
    return plan


def unlocked(
    gateway: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, plan: UnlockPlan
) -> UnlockResult:
    return unlock_bucket.step(gateway, journal, backups, plan)


def test_the_locking_statement_is_named(locked: FakeGateway) -> None:
    plan = planned(locked)
    assert plan.intention is Intention.DELETE
    assert plan.explanation == ("statement 2 `LockedOut` denies everybody",)


def test_a_bucket_is_unlocked_and_the_old_policy_kept(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    ended = unlocked(locked, journal, backups, planned(locked))
    assert ended.result.outcome is Outcome.UNLOCKED
    assert locked.accounts[DEV].buckets["logs"] is None
    assert backups.kept[ended.backup] == ("bucket-policy", f"{DEV}/logs", LOCK_EVERYTHING)
    assert locked.log == [
        "intent sts:AssumeRoot",
        "call sts:AssumeRoot",
        "result sts:AssumeRoot",
        "call s3:GetBucketPolicy",
        "backup bucket-policy",
        "intent s3:DeleteBucketPolicy",
        "call s3:DeleteBucketPolicy",
        "result s3:DeleteBucketPolicy",
        "call s3:GetBucketPolicy",
        "result look",
    ]


def test_a_replacement_is_put(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    facts = unlock_bucket.gather(locked, DEV, "logs")
    ended = unlocked(locked, journal, backups, unlock_bucket.plan(facts, replacement=OPEN))
    assert ended.result.outcome is Outcome.UNLOCKED
    assert ended.policy_after == OPEN


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_replacement_that_is_no_policy_is_refused(locked: FakeGateway, text: str) -> None:
    with pytest.raises(OperatorError, match="replacement policy is not"):
        unlock_bucket.plan(unlock_bucket.gather(locked, DEV, "logs"), replacement=text)


def test_a_condition_is_no_lock_out(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked, "site")
    assert plan.intention is Intention.NOT_LOCKED
    assert plan.explanation == ("statement 1 `TlsOnly` denies everybody under a condition",)
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.SKIPPED
    assert locked.mutations == []


def test_a_policy_that_does_not_lock_goes_only_when_told_so(locked: FakeGateway) -> None:
    facts = unlock_bucket.gather(locked, DEV, "site")
    assert unlock_bucket.plan(facts, even_if_not_locked=True).intention is Intention.DELETE


def test_a_bucket_without_a_policy_needs_nothing(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked, "bare")
    assert plan.intention is Intention.NOTHING_TO_DO
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.CLEAN


def test_a_bucket_that_is_not_there_cannot_be_seen(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked, "nowhere")
    assert plan.intention is Intention.CANNOT_SEE
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.UNKNOWN


def test_a_denied_read_names_the_statement_to_blame(locked: FakeGateway) -> None:
    guilty = DecidedBy(PolicyType.RCP, "r-ab12", "p-rcp", 0)
    locked.fail("s3:GetBucketPolicy", Fails.DENIED)
    facts = unlock_bucket.gather(
        locked, DEV, "logs", blame_for=lambda _account, _task: lambda _action: (guilty,)
    )
    assert isinstance(facts.policy, NotSeen)
    assert facts.policy.blamed == (guilty,)


def test_a_dry_run_keeps_and_changes_nothing(locked: FakeGateway) -> None:
    ended = unlock_bucket.rehearse(planned(locked))
    assert ended.result.outcome is Outcome.PLANNED
    assert ended.backup == ""
    assert locked.calls == []


def test_a_policy_that_changed_since_is_not_touched(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked)
    locked.accounts[DEV].buckets["logs"] = TLS_ONLY
    ended = unlocked(locked, journal, backups, plan)
    assert ended.result.outcome is Outcome.CHANGED_MEANWHILE
    assert locked.mutations == []


def test_a_policy_that_is_gone_already_is_changed_meanwhile(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked)
    locked.accounts[DEV].buckets["logs"] = None
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.CHANGED_MEANWHILE


def test_nothing_is_changed_when_the_backup_cannot_be_kept(
    locked: FakeGateway, journal: MemoryJournal
) -> None:
    with pytest.raises(OperatorError, match="backup cannot be written"):
        unlocked(locked, journal, MemoryBackups(broken=True), planned(locked))
    assert locked.mutations == []


def test_nothing_is_changed_when_the_intent_cannot_be_written(
    locked: FakeGateway, backups: MemoryBackups
) -> None:
    with pytest.raises(OperatorError, match="ledger cannot be written"):
        unlocked(locked, MemoryJournal(full_after=0), backups, planned(locked))
    assert locked.mutations == []


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (Fails.LOST_AFTER_IT_WAS_DONE, Outcome.UNLOCKED),
        (Fails.LOST_BEFORE_IT_WAS_DONE, Outcome.UNKNOWN),
        (Fails.EXPIRED, Outcome.UNLOCKED),
        (Fails.DENIED, Outcome.DENIED),
        (Fails.REFUSED, Outcome.PRESENT),
    ],
)
def test_only_a_look_decides_whether_it_is_unlocked(
    locked: FakeGateway,
    journal: MemoryJournal,
    backups: MemoryBackups,
    how: Fails,
    outcome: Outcome,
) -> None:
    plan = planned(locked)
    locked.fail("s3:DeleteBucketPolicy", how)
    ended = unlocked(locked, journal, backups, plan)
    assert ended.result.outcome is outcome
    assert (locked.accounts[DEV].buckets["logs"] is None) == (outcome is Outcome.UNLOCKED)
    assert len(backups.kept) == 1


def test_a_look_that_is_shut_afterwards_is_unknown(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked)
    locked.fail("s3:GetBucketPolicy", Fails.DENIED, after=1)
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.UNKNOWN


def test_a_refused_unlock_session_is_a_row(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked)
    locked.features = frozenset()
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.DENIED


def test_a_queue_is_unlocked_by_an_empty_policy(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    facts = unlock_queue.gather(locked, DEV, "eu-west-1", "jobs")
    plan = unlock_queue.plan(facts)
    assert plan.explanation == ("statement 1 denies everybody",)
    locked.calls.clear()
    ended = unlock_queue.step(locked, journal, backups, plan)
    assert ended.result.outcome is Outcome.UNLOCKED
    assert locked.accounts[DEV].queues["jobs"] is None
    assert locked.apis() == [
        "sts:AssumeRoot",
        "sqs:GetQueueAttributes",
        "sqs:SetQueueAttributes",
        "sqs:GetQueueAttributes",
    ]
    assert backups.kept[ended.backup][1] == f"{DEV}/eu-west-1/jobs"


def test_a_queue_that_still_shows_the_old_policy_is_not_called_unlocked(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = unlock_queue.plan(unlock_queue.gather(locked, DEV, "eu-west-1", "jobs"))
    locked.fail("sqs:GetQueueAttributes", Fails.SHOWS_THE_PAST, after=1)
    ended = unlock_queue.step(locked, journal, backups, plan)
    assert ended.result.outcome is Outcome.UNKNOWN
    assert "may take a minute" in ended.result.detail


def test_a_queue_gets_its_replacement(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    facts = unlock_queue.gather(locked, DEV, "eu-west-1", "jobs")
    plan = unlock_queue.plan(facts, replacement=OPEN)
    assert unlock_queue.step(locked, journal, backups, plan).policy_after == OPEN


def test_the_same_facts_give_the_same_plan(locked: FakeGateway) -> None:
    facts = unlock_bucket.gather(locked, DEV, "logs")
    assert isinstance(facts.policy, Seen)
    again = LockedResource(DEV, "logs", "", "logs", facts.policy)
    assert unlock_bucket.plan(facts) == unlock_bucket.plan(again)


def test_a_policy_that_is_not_json_may_be_removed(locked: FakeGateway) -> None:
    locked.accounts[DEV].buckets["logs"] = "not json"
    plan = planned(locked)
    assert plan.intention is Intention.DELETE
    assert plan.reason.startswith("the policy is not JSON")
