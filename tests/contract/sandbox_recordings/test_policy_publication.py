"""The recording org_policy_publication: how late effective policies follow their changes.

The recorder asked every 0.7 s after each change. With realistic delays every answer is as recorded,
but for `SOONER`; without them every answer is what the recorded ones come to.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contract.sandbox_recordings.test_root_sessions import start
from rootsteward.sandbox.behaviour import Behaviour
from rootsteward.sandbox.clock import SandboxClock
from sandbox_bench import DELEGATE, boto_client
from sandbox_replay import call

if TYPE_CHECKING:
    from collections.abc import Callable

    Recording = Callable[[str], list[dict[str, Any]]]

TYPE = "TAG_POLICY"
# Recorded in 1.1 to 1.8 s, though the same change had taken 1.8 to 2.5 s before.
SOONER = {"reattach"}
# Between two of the recorder's calls.
ROUND_TRIP_SECONDS = 0.7


class Replay:
    """The recorded calls on a sandbox whose clock moves only when told to."""

    def __init__(self, *, realistic: bool) -> None:
        bench = start().bench
        self.clock = SandboxClock()
        self.clock.freeze()
        bench.world.now = self.clock
        bench.sandbox.behave(Behaviour(realistic=realistic))
        key = bench.callers["management"].access_key_id
        self.client = boto_client(bench.sandbox, "organizations", key)
        root = self.client.list_roots()["Roots"][0]["Id"]
        self.names = {"r-example": root, "222222222222": str(DELEGATE)}
        content = '{"tags":{"stackd-publication-owned":{"tag_value":{"@@assign":["one"]}}}}'
        made = self.client.create_policy(Name="owned", Description="", Type=TYPE, Content=content)
        self.names["POLICY_ID"] = made["Policy"]["PolicySummary"]["Id"]

    def change(self, case: dict[str, Any]) -> None:
        operation, _, twice = case["operation"].partition(" x")
        for request in case["input"] if twice else [case["input"]]:
            self.clock.advance(ROUND_TRIP_SECONDS)
            named = {name: self.names.get(value, value) for name, value in request.items()}
            code, message, _ = call(self.client, operation, named)
            assert code == "Success", message

    def effective(self) -> tuple[str, Any]:
        ask = {"PolicyType": TYPE, "TargetId": str(DELEGATE)}
        code, _, output = call(self.client, "DescribeEffectivePolicy", ask)
        if code != "Success":
            return code, {}
        return code, json.loads(output["EffectivePolicy"]["PolicyContent"])


def replayed(cases: list[dict[str, Any]], *, realistic: bool) -> set[str]:
    """The cases with an answer that differs from the recorded one."""
    replay, differing = Replay(realistic=realistic), set()
    for case in cases:
        replay.change(case)
        since = 0.0
        for seen in case["effective_policy_after"]:
            replay.clock.advance(seen["seconds"] - since)
            since = seen["seconds"]
            if replay.effective() != (seen["code"], seen["content"]):
                differing.add(case["case"])
        last = case["effective_policy_after"][-1]
        assert replay.effective() == (last["code"], last["content"]), case["case"]
    return differing


def test_effective_policies_follow_as_late_as_recorded(recording: Recording) -> None:
    assert replayed(recording("org_policy_publication"), realistic=True) == SOONER


def test_they_follow_at_once_otherwise(recording: Recording) -> None:
    late = {"attach", "update", "rapid-updates", "detach", "reattach", "reenable"}
    assert replayed(recording("org_policy_publication"), realistic=False) == late
