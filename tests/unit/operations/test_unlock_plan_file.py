import json
from dataclasses import replace
from typing import Any

import pytest

from fake_gateway import DEV, Fails, FakeClock, FakeGateway, MemoryBackups, MemoryJournal
from rootsteward.domain.authorization import DecidedBy, PolicyType
from rootsteward.domain.errors import InputError
from rootsteward.domain.outcome import Outcome
from rootsteward.operations import unlock_bucket, unlock_queue, unlock_restore
from rootsteward.operations.unlock import Intention, Method, UnlockPlan, Wish
from rootsteward.operations.unlock_plan_file import plan_as_json, plan_from_json
from rootsteward.operations.unlock_planning import plan_id

LOCK = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
            {"Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"},
        ]
    }
)
QUEUE_LOCK = '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"SQS:*","Resource":"*"}]}'


@pytest.fixture
def locked(gateway: FakeGateway) -> FakeGateway:
    gateway.accounts[DEV].buckets = {"logs": LOCK, "bare": None, "odd": "{"}
    gateway.accounts[DEV].queues = {"jobs": QUEUE_LOCK}
    return gateway


def bucket_plan(gateway: FakeGateway, name: str = "logs", wish: Wish | None = None) -> UnlockPlan:
    facts = unlock_bucket.gather(gateway, DEV, name)
    return unlock_bucket.plan(facts, wish or Wish())


def plans(gateway: FakeGateway) -> list[UnlockPlan]:
    guilty = DecidedBy(PolicyType.SCP, "r-ab12", "p-1", 2, "No", 3, 4)
    facts = unlock_bucket.gather(gateway, DEV, "logs")
    gateway.fail("s3:GetBucketPolicy", Fails.DENIED)
    unseen = unlock_bucket.gather(
        gateway, DEV, "logs", blame_for=lambda _account, _task: lambda _api: (guilty,)
    )
    return [
        bucket_plan(gateway),
        bucket_plan(gateway, wish=Wish(Method.REMOVE)),
        bucket_plan(gateway, wish=Wish(Method.DELETE)),
        bucket_plan(gateway, wish=Wish(Method.REPLACE, LOCK.replace("Deny", "Allow"))),
        bucket_plan(gateway, "bare"),
        bucket_plan(gateway, "odd"),
        bucket_plan(gateway, "nowhere"),
        unlock_queue.plan(unlock_queue.gather(gateway, DEV, "eu-west-1", "jobs")),
        unlock_restore.plan(facts, QUEUE_LOCK),
        unlock_bucket.plan(unseen),
    ]


def test_every_plan_comes_back_as_it_was_written(locked: FakeGateway) -> None:
    made = plans(locked)
    assert {plan.intention for plan in made} == set(Intention) - {Intention.NOT_LOCKED}
    for plan in made:
        written = json.dumps(plan_as_json(plan))
        assert plan_from_json(json.loads(written)) == plan


def test_a_plan_that_was_read_back_is_carried_out(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, clock: FakeClock
) -> None:
    plan = plan_from_json(json.loads(json.dumps(plan_as_json(bucket_plan(locked)))))
    ended = unlock_bucket.step(locked, journal, backups, clock, plan)
    assert ended.result.outcome is Outcome.UNLOCKED


def test_a_plan_is_refused_when_the_policy_is_another_one_by_then(
    locked: FakeGateway, journal: MemoryJournal, backups: MemoryBackups, clock: FakeClock
) -> None:
    plan = plan_from_json(plan_as_json(bucket_plan(locked)))
    locked.accounts[DEV].buckets["logs"] = LOCK.replace(": ", ":")
    ended = unlock_bucket.step(locked, journal, backups, clock, plan)
    assert ended.result.outcome is Outcome.CHANGED_MEANWHILE
    assert locked.mutations == []


def written(gateway: FakeGateway) -> Any:  # noqa: ANN401 (JSON that a test takes apart)
    return json.loads(json.dumps(plan_as_json(bucket_plan(gateway))))


def changed_at(value: Any, path: tuple[str, ...], given: object) -> Any:  # noqa: ANN401 (the same)
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = given
    return value


@pytest.mark.parametrize("field", ["id", "slug", "resource", "new_policy", "proof", "safety"])
def test_a_missing_field_is_named(locked: FakeGateway, field: str) -> None:
    value = written(locked)
    del value[field]
    with pytest.raises(InputError, match=f"field `{field}` is missing"):
        plan_from_json(value)


@pytest.mark.parametrize(
    ("path", "given", "problem"),
    [
        (("safety",), "sure", r"`safety` is `sure`, expected one of safe, unsafe"),
        (("explanation",), "text", r"`explanation` is `text`, expected a list"),
        (("proof",), [1], r"`proof\[0\]` is a number, expected text"),
        (("resource", "kind"), "table", r"`resource.kind` is `table`"),
        (("resource", "account"), "12", r"`resource.account` is `12`, expected an account id"),
        (("resource", "policy"), {}, r"`resource.policy.not_seen` is missing"),
        (("resource", "policy", "more"), 1, r"`resource.policy.more` is not known"),
        (("resource", "tags"), [], r"`resource.tags` is not known"),
        (("extra",), None, r"`extra` is not known"),
    ],
)
def test_a_wrong_field_is_named(
    locked: FakeGateway, path: tuple[str, ...], given: object, problem: str
) -> None:
    value = changed_at(written(locked), path, given)
    with pytest.raises(InputError, match=problem):
        plan_from_json(value)


@pytest.mark.parametrize("value", [None, [], "plan", 1])
def test_what_is_no_object_is_no_plan(value: object) -> None:
    with pytest.raises(InputError, match="unlock plan is"):
        plan_from_json(value)


@pytest.mark.parametrize(
    ("path", "given", "field"),
    [
        (("reason",), "all is well", "id"),
        (("opens",), [], "id"),
        (("resource", "handle"), "other-bucket", "resource.arn"),
        (("resource", "arn"), "arn:aws:s3:::other-bucket", "resource.arn"),
        (("slug",), "delete-credentials", "slug"),
    ],
)
def test_a_plan_that_was_changed_is_refused(
    locked: FakeGateway, path: tuple[str, ...], given: object, field: str
) -> None:
    value = changed_at(written(locked), path, given)
    with pytest.raises(InputError, match=f"`{field}`"):
        plan_from_json(value)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"new_policy": LOCK.replace("Deny", "Allow")}, "new_policy"),
        ({"new_policy": None}, "new_policy"),
        ({"proof": ("closes nothing", "opens nothing else")}, "proof"),
        ({"opens": ()}, "opens"),
        ({"safety": None}, "safety"),
        ({"explanation": ()}, "explanation"),
        ({"reason": "all is well"}, "reason"),
        ({"changes": ("do nothing",)}, "changes"),
    ],
)
def test_an_edit_is_proved_again_whatever_its_id(
    locked: FakeGateway, changed: dict[str, Any], field: str
) -> None:
    forged = replace(bucket_plan(locked), **changed)
    forged = replace(forged, id=plan_id(forged))
    with pytest.raises(InputError, match=f"field `{field}`"):
        plan_from_json(plan_as_json(forged))
