import json
from collections.abc import Callable

import pytest

from fake_gateway import (
    DEV,
    Fails,
    FakeClock,
    FakeGateway,
    MemoryBackups,
    MemoryJournal,
)
from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.errors import InputError, OperatorError
from rootsteward.domain.outcome import Outcome
from rootsteward.domain.receipt import Receipt
from rootsteward.domain.root_credentials import NotSeen, Seen
from rootsteward.domain.root_session import RootSession
from rootsteward.operations import unlock_bucket, unlock_queue
from rootsteward.operations.unlock import (
    DEFAULT_WISH,
    Intention,
    LockedResource,
    Method,
    ResourceKind,
    UnlockPlan,
    UnlockResult,
    Wish,
)
from rootsteward.policy.lockout.mend import Safety

LOCK_EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::logs/*",
            },
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
OPEN = json.dumps(
    {"Version": "2012-10-17", "Statement": json.loads(LOCK_EVERYTHING)["Statement"][:1]}
)
NARROWED = LOCK_EVERYTHING.replace(
    '"Resource": "*"}',
    f'"Resource": "*", "Condition": {{"StringNotEquals": {{"aws:PrincipalAccount": "{DEV}"}}}}}}',
)
DELETE = Wish(Method.DELETE)


@pytest.fixture
def locked(gateway: FakeGateway) -> FakeGateway:
    gateway.accounts[DEV].buckets = {"logs": LOCK_EVERYTHING, "site": TLS_ONLY, "bare": None}
    gateway.accounts[DEV].queues = {"jobs": QUEUE_LOCK}
    return gateway


def planned(gateway: FakeGateway, bucket: str = "logs", wish: Wish = DEFAULT_WISH) -> UnlockPlan:
    plan = unlock_bucket.plan(unlock_bucket.gather(gateway, DEV, bucket), wish)
    gateway.calls.clear()
    gateway.log.clear()
    return plan


def unlocked(
    gateway: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, plan: UnlockPlan
) -> UnlockResult:
    return unlock_bucket.step(gateway, journal, backups, FakeClock(), plan)


def test_the_locking_statement_is_named(locked: FakeGateway) -> None:
    plan = planned(locked)
    assert plan.intention is Intention.EDIT
    (line,) = plan.explanation
    assert line.startswith("statement 2 `LockedOut` (line 1, column 156) denies everybody s3:Put")
    assert plan.changes == (
        f"narrow statement 2 `LockedOut`: it no longer denies callers in account {DEV}",
    )
    assert plan.safety is Safety.SAFE
    assert len(plan.proof) == 2


def test_a_bucket_is_unlocked_and_the_old_policy_kept(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    ended = unlocked(locked, journal, backups, planned(locked))
    assert ended.result.outcome is Outcome.UNLOCKED
    assert locked.accounts[DEV].buckets["logs"] == NARROWED
    assert backups.kept[ended.backup] == ("bucket-policy", f"{DEV}/logs", LOCK_EVERYTHING)
    assert locked.log == [
        "intent sts:AssumeRoot",
        "call sts:AssumeRoot",
        "result sts:AssumeRoot",
        "call s3:GetBucketPolicy",
        "backup bucket-policy",
        "intent s3:PutBucketPolicy",
        "call s3:PutBucketPolicy",
        "result s3:PutBucketPolicy",
        "call s3:GetBucketPolicy",
        "result look",
    ]


def test_a_replacement_is_put(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    facts = unlock_bucket.gather(locked, DEV, "logs")
    ended = unlocked(locked, journal, backups, unlock_bucket.plan(facts, replacing(OPEN)))
    assert ended.result.outcome is Outcome.UNLOCKED
    assert ended.policy_after == OPEN


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not one: policy `replacement`, line 1"),
        ("[]", "is not one: policy `replacement`, line 1"),
        ('{"Statement": []}', "has no statement"),
        (LOCK_EVERYTHING, "locks everybody out again: statement 2 `LockedOut`"),
    ],
)
def test_a_replacement_that_is_no_policy_is_refused(
    locked: FakeGateway, text: str, problem: str
) -> None:
    with pytest.raises(InputError, match=f"the replacement policy {problem}"):
        unlock_bucket.plan(unlock_bucket.gather(locked, DEV, "site"), replacing(text))


def test_a_replacement_that_says_the_same_is_nothing_to_do(locked: FakeGateway) -> None:
    locked.accounts[DEV].buckets["site"] = OPEN
    same = json.dumps(json.loads(OPEN), indent=4)
    assert planned(locked, "site", replacing(same)).intention is Intention.NOTHING_TO_DO


def test_a_condition_is_no_lock_out(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked, "site")
    assert plan.intention is Intention.NOT_LOCKED
    assert plan.explanation[0].endswith("only where Bool aws:SecureTransport holds: no lock-out")
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.SKIPPED
    assert locked.mutations == []


def test_a_policy_that_does_not_lock_goes_only_when_told_so(locked: FakeGateway) -> None:
    anyway = Wish(Method.DELETE, even_if_not_locked=True)
    assert planned(locked, "site", DELETE).intention is Intention.NOT_LOCKED
    plan = planned(locked, "site", anyway)
    assert plan.intention is Intention.DELETE
    assert plan.safety is Safety.UNSAFE


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
    plan = planned(locked, wish=DELETE)
    locked.accounts[DEV].buckets["logs"] = None
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.CHANGED_MEANWHILE


def test_what_a_killed_attempt_has_done_counts_as_ours(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked)
    locked.accounts[DEV].buckets["logs"] = NARROWED
    ended = unlock_bucket.step(
        locked, journal, backups, FakeClock(), plan, campaign_id="c-1", tried=True
    )
    assert ended.result.outcome is Outcome.UNLOCKED
    assert ended.result.detail == "an earlier attempt of this plan made the change"
    assert locked.mutations == []
    kind, subject, body = journal.entries[-1]
    assert (kind, subject, body["plan"]) == ("unlock-bucket.result", "arn:aws:s3:::logs", "c-1")
    assert body["account"] == DEV


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
    plan = planned(locked, wish=DELETE)
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
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, clock: FakeClock
) -> None:
    facts = unlock_queue.gather(locked, DEV, "eu-west-1", "jobs")
    plan = unlock_queue.plan(facts)
    assert plan.changes == ("remove statement 1", "delete the policy, which has no statement left")
    assert plan.safety is Safety.SAFE
    assert "opens nothing to others" in plan.proof[-1]
    locked.calls.clear()
    ended = unlock_queue.step(locked, journal, backups, clock, plan)
    assert clock.slept_seconds == []
    assert ended.result.outcome is Outcome.UNLOCKED
    assert locked.accounts[DEV].queues["jobs"] is None
    assert locked.apis() == [
        "sts:AssumeRoot",
        "sqs:GetQueueAttributes",
        "sqs:SetQueueAttributes",
        "sqs:GetQueueAttributes",
    ]
    assert backups.kept[ended.backup][1] == f"{DEV}/eu-west-1/jobs"


@pytest.mark.parametrize("stale_looks", [1, 3, 6])
def test_a_queue_is_looked_at_again_until_the_change_shows(
    locked: FakeGateway,
    journal: MemoryJournal,
    backups: MemoryBackups,
    clock: FakeClock,
    stale_looks: int,
) -> None:
    plan = unlock_queue.plan(unlock_queue.gather(locked, DEV, "eu-west-1", "jobs"))
    locked.fail("sqs:GetQueueAttributes", Fails.SHOWS_THE_PAST, after=1, times=stale_looks)
    ended = unlock_queue.step(locked, journal, backups, clock, plan)
    assert ended.result.outcome is Outcome.UNLOCKED
    assert clock.slept_seconds == [1, 2, 4, 8, 16, 31][:stale_looks]
    assert locked.apis().count("sqs:SetQueueAttributes") == 1


def test_a_queue_that_never_shows_the_change_is_not_called_unlocked(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, clock: FakeClock
) -> None:
    plan = unlock_queue.plan(unlock_queue.gather(locked, DEV, "eu-west-1", "jobs"))
    locked.fail("sqs:GetQueueAttributes", Fails.SHOWS_THE_PAST, after=1, times=None)
    ended = unlock_queue.step(locked, journal, backups, clock, plan)
    assert ended.result.outcome is Outcome.UNKNOWN
    assert "may take a minute" in ended.result.detail
    assert sum(clock.slept_seconds) == 62
    assert locked.apis().count("sqs:SetQueueAttributes") == 1


def test_a_policy_that_somebody_put_after_ours_is_no_success(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked)
    put = locked.put_bucket_policy

    def put_and_be_overtaken(session: RootSession, bucket: str, policy: str) -> Receipt:
        receipt = put(session, bucket, policy)
        locked.accounts[DEV].buckets[bucket] = TLS_ONLY
        return receipt

    overtaken = Overtaken(locked, put_and_be_overtaken)
    ended = unlock_bucket.step(overtaken, journal, backups, FakeClock(), plan)
    assert ended.result.outcome is Outcome.CHANGED_MEANWHILE
    assert "neither the old one nor the planned one" in ended.result.detail


class Overtaken(FakeGateway):
    """A gateway over another one's world in which somebody acts right after us."""

    def __init__(self, world: FakeGateway, put: Callable[[RootSession, str, str], Receipt]) -> None:
        super().__init__(world.accounts)
        self._put = put

    def put_bucket_policy(self, session: RootSession, bucket: str, policy: str) -> Receipt:
        return self._put(session, bucket, policy)


def test_a_service_may_give_the_policy_back_in_other_words(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    plan = planned(locked)
    put = locked.put_bucket_policy

    def put_reworded(session: RootSession, bucket: str, policy: str) -> Receipt:
        receipt = put(session, bucket, policy)
        reworded = policy.replace('{"AWS": "*"}', '"*"').replace('"s3:*"', '["s3:*"]')
        assert reworded != policy
        locked.accounts[DEV].buckets[bucket] = reworded
        return receipt

    ended = unlock_bucket.step(Overtaken(locked, put_reworded), journal, backups, FakeClock(), plan)
    assert ended.result.outcome is Outcome.UNLOCKED


def test_a_queue_gets_its_replacement(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    facts = unlock_queue.gather(locked, DEV, "eu-west-1", "jobs")
    plan = unlock_queue.plan(facts, replacing(OPEN))
    assert unlock_queue.step(locked, journal, backups, FakeClock(), plan).policy_after == OPEN


def test_the_same_facts_give_the_same_plan(locked: FakeGateway) -> None:
    facts = unlock_bucket.gather(locked, DEV, "logs")
    assert isinstance(facts.policy, Seen)
    arn = "arn:aws:s3:::logs"
    again = LockedResource(ResourceKind.BUCKET, DEV, "logs", "", "logs", arn, facts.policy)
    assert unlock_bucket.plan(facts) == unlock_bucket.plan(again)


def test_a_policy_that_is_not_json_is_not_edited_and_may_be_deleted(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups
) -> None:
    locked.accounts[DEV].buckets["logs"] = "not json"
    plan = planned(locked)
    assert plan.intention is Intention.NO_EDIT
    assert "replace or delete the policy" in plan.reason
    assert unlocked(locked, journal, backups, plan).result.outcome is Outcome.PRESENT
    assert locked.mutations == []
    assert planned(locked, wish=DELETE).intention is Intention.DELETE


def test_a_statement_can_be_chosen_that_does_not_lock(locked: FakeGateway) -> None:
    for name in ("1", "TlsOnly"):
        plan = planned(locked, "site", Wish(statements=(name,)))
        assert plan.intention is Intention.EDIT
        assert plan.new_policy is not None
        assert json.loads(plan.new_policy)["Statement"]["Condition"] == {
            "Bool": {"aws:SecureTransport": "false"},
            "StringNotEquals": {"aws:PrincipalAccount": DEV},
        }


def test_a_statement_that_is_not_there_cannot_be_chosen(locked: FakeGateway) -> None:
    with pytest.raises(InputError, match="the policy has no statement `3`"):
        planned(locked, wish=Wish(statements=("3",)))


def test_an_edit_that_would_leave_the_lock_is_none(locked: FakeGateway) -> None:
    twice = json.loads(LOCK_EVERYTHING)
    twice["Statement"].append(twice["Statement"][1] | {"Sid": "Again"})
    locked.accounts[DEV].buckets["logs"] = json.dumps(twice)
    plan = planned(locked, wish=Wish(statements=("LockedOut",)))
    assert plan.intention is Intention.NO_EDIT
    assert "would not be open afterwards: statement 3 `Again`" in plan.reason
    assert len(planned(locked).changes) == 2


def test_a_removal_that_frees_others_is_unsafe_and_says_whom(locked: FakeGateway) -> None:
    plan = planned(locked, wish=Wish(Method.REMOVE))
    assert plan.new_policy == OPEN
    assert plan.safety is Safety.UNSAFE
    assert "to everybody, as statement 1 `Read` allows it" in plan.opens
    assert any("access control list" in line for line in plan.opens)


def test_a_policy_on_one_line_is_laid_out_for_its_diff(locked: FakeGateway) -> None:
    added = [line for line in planned(locked).diff.splitlines() if line.startswith("+ ")]
    assert [line.strip("+ ,") for line in added][:2] == ['"Resource": "*"', '"Condition": {']


@pytest.mark.parametrize("name", ["", "a/b", "arn:aws:s3:::logs", "logs\n"])
def test_only_a_bare_name_is_a_bucket(name: str) -> None:
    with pytest.raises(InputError, match="is not the name of a bucket"):
        unlock_bucket.bucket_arn(name, "aws")


@pytest.mark.parametrize("name", ["", "https://sqs/1/jobs", "jobs.fifo.fifo", "j" * 81])
def test_only_a_bare_name_is_a_queue(name: str) -> None:
    with pytest.raises(InputError, match="is not the name of a queue"):
        unlock_queue.queue_arn(DEV, "eu-west-1", name, "aws")


def replacing(text: str) -> Wish:
    return Wish(Method.REPLACE, text)
