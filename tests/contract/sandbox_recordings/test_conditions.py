"""The recordings cond_*: real `iam:TagUser` calls, simulations and stored policies, replayed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.authorization import NamedDocument
from rootsteward.domain.identifiers import AccountId
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.world.identities import ADMINISTRATOR_ACCESS, Role
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World
from sandbox_bench import Bench, account, boto_client
from sandbox_replay import call

if TYPE_CHECKING:
    from collections.abc import Callable

    Recording = Callable[[str], list[dict[str, Any]]]

MANAGEMENT = AccountId("123456789012")
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture
def bench() -> Bench:
    now = datetime.now(UTC)
    random = Random(1)  # noqa: S311 (the same identifiers every time)
    state = OrganizationState.found(random, account(MANAGEMENT, "management", ""))
    bench = Bench(Sandbox(World(lambda: now, random, ("us-east-1",), state)))
    bench.add_user(MANAGEMENT, "administrator")
    bench.add_user(MANAGEMENT, "probe", json.dumps({"Version": "2012-10-17", "Statement": []}))
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
            "Action": "sts:AssumeRole",
        },
    }
    role = Role(
        account=MANAGEMENT,
        name="probe",
        unique_id="AROAEXAMPLE",
        trust=NamedDocument("trust", json.dumps(trust)),
        created_at=now,
        managed={ADMINISTRATOR_ACCESS.name: ADMINISTRATOR_ACCESS},
    )
    bench.world.identities.add_role(role)
    return bench


def under_test(case: dict[str, Any], action: str = "iam:TagUser") -> str:
    statement = {
        "Effect": "Deny" if case.get("deny") else "Allow",
        "Action": action,
        "Resource": "*",
        "Condition": case["condition"],
    }
    beside = [ALLOW_ALL] if case.get("base_allow", case.get("deny", False)) else []
    return json.dumps({"Version": "2012-10-17", "Statement": [statement, *beside]})


@dataclass
class Probe:
    """Whoever tags users, under the one policy of a case."""

    bench: Bench

    def client(self, service: str, key: str) -> Any:  # noqa: ANN401 (boto3 makes its clients from data)
        return boto_client(self.bench.sandbox, service, key)

    def by_user_policy(self, text: str) -> tuple[str, str]:
        """The user's only policy: the code of storing it, and the key to call with."""
        administrator = self.client("iam", self.bench.callers["administrator"].access_key_id)
        request = {"UserName": "probe", "PolicyName": "inline-0", "PolicyDocument": text}
        code, _, _ = call(administrator, "PutUserPolicy", request)
        return code, self.bench.callers["probe"].access_key_id

    def by_session_policy(self, text: str) -> tuple[str, str]:
        """The policy of a session of a role that may do everything."""
        administrator = self.client("sts", self.bench.callers["administrator"].access_key_id)
        arn = f"arn:aws:iam::{MANAGEMENT}:role/probe"
        request = {"RoleArn": arn, "RoleSessionName": "probe", "Policy": text}
        code, _, output = call(administrator, "AssumeRole", request)
        key = output["Credentials"]["AccessKeyId"] if code == "Success" else ""
        return f"AssumeRole:{code}" if code != "Success" else code, key

    def tagging(self, case: dict[str, Any]) -> str:
        """The code of the recorded call. WHY two ways: a user's policy cannot hold every value."""
        by_session = "base_allow" in case
        store = self.by_session_policy if by_session else self.by_user_policy
        code, key = store(under_test(case))
        if code != "Success":
            return code
        tags = [{"Key": name, "Value": value} for name, value in case["tags"].items()]
        code, _, _ = call(self.client("iam", key), "TagUser", {"UserName": "probe", "Tags": tags})
        return code


@pytest.mark.parametrize("name", ["cond_sets", "cond_strings", "cond_values", "cond_ip"])
def test_users_are_tagged_as_recorded(bench: Bench, recording: Recording, name: str) -> None:
    probe = Probe(bench)
    answered = [(case, probe.tagging(case)) for case in recording(name)]
    assert [(case, code) for case, code in answered if code != case["code"]] == []


def simulated(
    bench: Bench, policy: str, action: str, resources: list[str], case: dict[str, Any]
) -> dict[str, Any]:
    client = boto_client(bench.sandbox, "iam", bench.callers["administrator"].access_key_id)
    entries = [
        {
            "ContextKeyName": key,
            "ContextKeyType": given["type"],
            "ContextKeyValues": given["values"],
        }
        for key, given in case.get("context", {}).items()
    ]
    (result,) = client.simulate_custom_policy(
        PolicyInputList=[policy],
        ActionNames=[action],
        ResourceArns=resources,
        ContextEntries=entries,
    )["EvaluationResults"]
    shown: dict[str, Any] = result
    return shown


def test_strings_are_simulated_as_recorded(bench: Bench, recording: Recording) -> None:
    troubles = []
    for case in recording("cond_strings_simulated"):
        policy = json.dumps(case["policy"])
        for action, wanted in case["decisions"].items():
            result = simulated(bench, policy, action, [case["resource"]], case)
            if result["EvalDecision"] != wanted:
                troubles.append((case, action, result))
    assert troubles == []


def test_a_simulation_over_resources_answers_for_each(bench: Bench, recording: Recording) -> None:
    for case in recording("cond_simulate_basic"):
        policy = json.dumps(case["policy"])
        result = simulated(bench, policy, case["action"], case["resources"], case)
        assert result["EvalDecision"] == case["decision"]
        specific = [r["EvalResourceDecision"] for r in result["ResourceSpecificResults"]]
        assert specific == case["resource_decisions"]


def test_values_are_simulated_and_stored_as_recorded(bench: Bench, recording: Recording) -> None:
    client = boto_client(bench.sandbox, "iam", bench.callers["administrator"].access_key_id)
    troubles: list[object] = []
    for number, case in enumerate(recording("cond_values_simulated_and_stored")):
        policy = under_test(case, case.get("action", "iam:TagUser"))
        if "decision" in case:
            result = simulated(bench, policy, case["action"], [case["resource"]], case)
            troubles += [(case, result)] if result["EvalDecision"] != case["decision"] else []
            continue
        new = {"PolicyName": f"policy-{number}", "PolicyDocument": policy}
        inline = {"UserName": "probe", "PolicyName": "stored", "PolicyDocument": policy}
        for operation, request in (("CreatePolicy", new), ("PutUserPolicy", inline)):
            code, message, _ = call(client, operation, request)
            troubles += [(case, operation, code, message)] if code != case["code"] else []
    assert troubles == []
