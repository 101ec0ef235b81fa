"""Worlds to JSON and back, and copies of worlds."""

from __future__ import annotations

import json
from dataclasses import fields
from hashlib import sha256
from typing import Any

import pytest

from rootsteward.domain.errors import InputError
from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.clock import SandboxClock
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.saved_worlds import VERSION, restored, saved
from rootsteward.sandbox.world.copying import frozen_copy
from rootsteward.sandbox.world.world import World
from rootsteward.sandbox.world_codec import layout
from sandbox_bench import MANAGEMENT, MEMBER, Bench, Clock, small_organization

STATE = [f.name for f in fields(World) if f.name not in {"now", "random"}]


@pytest.fixture
def busy() -> Bench:
    """A world with something of everything."""
    bench = small_organization()
    bench.switch_on()
    bench.world.findings.switch_on(MEMBER, "us-east-1", bench.clock())
    bench.world.findings.delay_seconds = 60
    bench.root_key(MEMBER)
    session = bench.assume_root(TaskPolicy.CREATE_PASSWORD)
    bench.call("iam", "CreateLoginProfile", session)
    bench.call("s3", "CreateBucket", "member", Bucket="example-bucket")
    bench.call("s3", "PutObject", "member", Bucket="example-bucket", Key="k", Body=b"\x00\xff")
    bench.call("sqs", "CreateQueue", "member", QueueName="jobs")
    url = f"http://127.0.0.1/{MEMBER}/jobs"
    bench.call("sqs", "SendMessage", "member", QueueUrl=url, MessageBody="work")
    bench.call("organizations", "CreateAccount", AccountName="n", Email="n@example.com")
    bench.call("iam", "GenerateCredentialReport", "member")
    bench.refusal("organizations", "ListAccounts", "member")
    return bench


def parts(world: World) -> dict[str, Any]:
    return {name: getattr(world, name) for name in STATE}


def test_a_world_is_the_same_after_saving_and_loading(busy: Bench) -> None:
    text = saved(busy.world)
    again = restored(text, SandboxClock(busy.clock))
    assert parts(again) == parts(busy.world)
    assert again.random.getstate() == busy.world.random.getstate()
    assert saved(again) == text


def test_what_is_one_thing_stays_one_thing(busy: Bench) -> None:
    again = restored(saved(busy.world), SandboxClock(busy.clock))
    user = again.identities.user(MANAGEMENT, "management")
    assert user is not None
    (key,) = user.holdings.keys()
    found = again.identities.find_key(key.id)
    assert found is not None
    assert found[0] is user


def test_a_loaded_world_lives_on_like_the_first(busy: Bench) -> None:
    loaded = restored(saved(busy.world), SandboxClock(busy.clock))
    other = Bench(Sandbox(loaded), busy.clock, busy.callers)
    unit = {"ParentId": busy.world.organization.org_root_id, "Name": "New"}
    first = busy.call("organizations", "CreateOrganizationalUnit", **unit)
    assert other.call("organizations", "CreateOrganizationalUnit", **unit) == first


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "something else"),
        ('{"format": "else"}', "something else"),
        ('{"format": "rootsteward sandbox world", "version": 99}', "version 99"),
        (f'{{"format": "rootsteward sandbox world", "version": {VERSION}}}', "damaged"),
    ],
)
def test_what_is_no_saved_world_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputError) as refused:
        restored(text, SandboxClock())
    assert why in refused.value.message


def test_another_layout_is_another_version() -> None:
    digest = sha256(json.dumps(layout()).encode()).hexdigest()[:16]
    assert (VERSION, digest) == (2, "c61256bc7734bd48"), "raise VERSION with the layout"


@pytest.mark.parametrize("kind", ["os.system", "Path", "SandboxClock", "Popen", "ServiceError"])
def test_only_classes_of_a_world_are_ever_made(busy: Bench, kind: str) -> None:
    document = json.loads(saved(busy.world))
    document["world"]["fields"]["trail"] = {"$": kind, "fields": {}}
    clock = SandboxClock(Clock())
    with pytest.raises(InputError):
        restored(json.dumps(document), clock)
    assert clock.ahead_seconds == 0


def test_every_damaged_field_is_refused_not_guessed(busy: Bench) -> None:
    document = json.loads(saved(busy.world))
    for name in STATE:
        broken = {**document["world"], "fields": dict(document["world"]["fields"])}
        del broken["fields"][name]
        with pytest.raises(InputError):
            restored(json.dumps({**document, "world": broken}), SandboxClock())


@pytest.mark.parametrize(
    "stands",
    [
        {"ahead_seconds": 1e300, "frozen_at": None},
        {"ahead_seconds": float("nan"), "frozen_at": None},
        {"ahead_seconds": 1e12, "frozen_at": None},
        {"ahead_seconds": 0, "frozen_at": "2026-01-01T00:00:00"},
    ],
)
def test_a_clock_that_shows_no_time_is_refused(busy: Bench, stands: dict[str, Any]) -> None:
    document = json.loads(saved(busy.world)) | {"clock": stands}
    clock = SandboxClock(Clock())
    with pytest.raises(InputError, match="damaged"):
        restored(json.dumps(document), clock)
    assert (clock.ahead_seconds, clock.is_frozen) == (0, False)


def test_numbers_that_no_seed_leads_to_are_refused(busy: Bench) -> None:
    document = json.loads(saved(busy.world))
    document["world"]["fields"]["random"]["value"][1][0] = -1
    with pytest.raises(InputError, match="damaged"):
        restored(json.dumps(document), SandboxClock())


def test_a_copy_is_not_reached_by_later_changes(busy: Bench) -> None:
    copy = frozen_copy(busy.world)
    before = {name: getattr(copy, name) for name in STATE if name not in {"trail", "findings"}}
    described = repr(before)
    busy.call("organizations", "DisableAWSServiceAccess", ServicePrincipal="iam.amazonaws.com")
    busy.world.root_users.of(MEMBER).holdings.password = None
    busy.call("s3", "PutObject", "member", Bucket="example-bucket", Key="new", Body=b"")
    assert repr({name: getattr(copy, name) for name in before}) == described
    assert copy.root_users.of(MEMBER).holdings.password is not None
    assert copy.organization.services.is_trusted("iam.amazonaws.com")
