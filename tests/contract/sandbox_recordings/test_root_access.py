"""The recording root_access: eligibility of callers, before any feature was ever enabled."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World
from sandbox_bench import Bench, account, boto_client
from sandbox_replay import call, differences

if TYPE_CHECKING:
    from collections.abc import Callable

    Recording = Callable[[str], list[dict[str, Any]]]

MANAGEMENT = AccountId("123456789012")
PREFIX = "stackd-root-access-fixture-"
# The recorder took the identifiers of authorization details out of the messages.
AUTHORIZATION_ID = re.compile(r"(?:(?<=-details/)|(?<=ion id: ))[0-9a-z]{25}")


@pytest.fixture
def bench() -> Bench:
    now = datetime.now(UTC)
    random = Random(1)  # noqa: S311 (the same identifiers every time)
    state = OrganizationState.found(random, account(MANAGEMENT, "management", ""))
    world = World(lambda: now, random, ("us-east-1",), state)
    return Bench(Sandbox(world))


def test_the_recording_is_answered_alike(bench: Bench, recording: Recording) -> None:
    cases = [case for case in recording("root_access") if case["case"] != "_setup"]
    policies = {c["caller"]: c["caller_policy"] for c in cases if "caller_policy" in c}
    bench.add_user(MANAGEMENT, "original")
    for name, policy in policies.items():
        bench.add_user(MANAGEMENT, PREFIX + name, json.dumps(policy), path="/org-access/")
    troubles = []
    for case in cases:
        troubles += [f"{case['case']}: {trouble}" for trouble in replay(bench, case)]
    assert troubles == []


def replay(bench: Bench, case: dict[str, Any]) -> list[str]:
    name = case["caller"]
    caller = bench.callers.get(name) or bench.callers[PREFIX + name]
    client = boto_client(
        bench.sandbox,
        case["service"],
        caller.access_key_id,
        endpoint_url=case.get("endpoint"),
    )
    code, message, output = call(client, case["operation"], case["input"])
    if code != case["code"]:
        return [f"{code} {message} instead of {case['code']}"]
    expected_status = case.get("http", 200)
    status = output["ResponseMetadata"]["HTTPStatusCode"]
    found = [] if status == expected_status else [f"status {status}"]
    if code != "Success":
        expected = case["message"].replace("<original-caller-arn>", caller.arn)
        message = AUTHORIZATION_ID.sub("<authorization-id>", message)
        return found if message == expected else [*found, f"{message!r} instead of {expected!r}"]
    return found + differences(case["output"], output)
