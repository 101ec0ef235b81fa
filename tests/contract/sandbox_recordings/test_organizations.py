"""The recordings about Organizations, as far as their operations are in the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.organization import OrganizationalUnit
from rootsteward.sandbox.pipeline import Sandbox
from rootsteward.sandbox.world.control_policies import RCP, SCP
from rootsteward.sandbox.world.organization import OrganizationState
from rootsteward.sandbox.world.world import World
from sandbox_bench import Bench, Clock, account, boto_client
from sandbox_replay import call, differences

if TYPE_CHECKING:
    from collections.abc import Callable

    Recording = Callable[[str], list[dict[str, Any]]]

MANAGEMENT = AccountId("111111111111")


@pytest.fixture
def bench() -> Bench:
    clock = Clock(datetime.now(UTC))
    random = Random(1)  # noqa: S311 (the same identifiers every time)
    state = OrganizationState("o-exampleorgid", "r-example", MANAGEMENT)
    state.add_account(account(MANAGEMENT, "management", "r-example"))
    state.policies.enable(SCP, state.targets())
    bench = Bench(Sandbox(World(clock, random, ("us-east-1",), state)), clock)
    bench.add_user(MANAGEMENT, "management")
    return bench


def organizations(bench: Bench) -> Any:  # noqa: ANN401 (boto3 makes its clients from data)
    key = bench.callers["management"].access_key_id
    return boto_client(bench.sandbox, "organizations", key)


def test_an_account_with_a_taken_address_fails_as_recorded(
    bench: Bench, recording: Recording
) -> None:
    cases = {case["case"]: case for case in recording("org_account_creation")}
    client = organizations(bench)
    request = {"AccountName": "OWNED_REQUEST", "Email": "management@example.com"}
    _, _, created = call(client, "CreateAccount", request)
    job = created["CreateAccountStatus"]["Id"]

    def alike(case: str, output: dict[str, Any]) -> list[str]:
        return differences(
            json.loads(json.dumps(cases[case]["output"]).replace("JOB_1", job)), output
        )

    assert alike("create_account_initial", created) == []
    code, message, _ = call(client, "CreateAccount", request)
    second = cases["second_submission_while_in_progress"]
    assert (code, message) == (second["code"], second["message"])
    bench.clock.forward(seconds=2)
    _, _, polled = call(client, "DescribeCreateAccountStatus", {"CreateAccountRequestId": job})
    assert alike("poll_terminal", polled) == []
    _, _, listed = call(client, "ListCreateAccountStatus", {"States": ["FAILED"]})
    assert alike("listed_failures", listed) == []


def test_policy_types_are_enabled_as_recorded(bench: Bench, recording: Recording) -> None:
    cases = [c for c in recording("org_policy_types") if c["operation"] == "EnablePolicyType"]
    assert len(cases) == 4
    troubles = []
    for case in cases:
        recorded_types = {t["Type"] for t in case["output"]["Root"]["PolicyTypes"]}
        added = case["input"]["PolicyType"]
        bench.world.organization.policies.enabled_types = recorded_types - {added}
        code, _, output = call(organizations(bench), case["operation"], case["input"])
        assert code == case["code"]
        troubles += differences(case["output"], output)
    assert troubles == []


def test_effective_policies_are_asked_for_as_recorded(bench: Bench, recording: Recording) -> None:
    cases = [c for c in recording("org_policy_types") if c["operation"] != "EnablePolicyType"]
    assert len(cases) == 9
    client = boto_client(
        bench.sandbox, "organizations", bench.callers["management"].access_key_id, check=False
    )
    troubles = []
    for case in cases:
        code, message, output = call(client, case["operation"], case["input"])
        if (code, message) != (case["code"], case["message"]):
            troubles.append((case["case"], code, message))
        if "reason" in case and output["Reason"] != case["reason"]:
            troubles.append((case["case"], output["Reason"], ""))
    assert troubles == []


def test_a_new_account_has_the_recorded_access_role(bench: Bench, recording: Recording) -> None:
    case = next(c for c in recording("org_roles_and_quotas") if c["case"] == "AccessRole")
    request = {"AccountName": "new", "Email": "new@example.com"}
    code, _, created = call(organizations(bench), "CreateAccount", request)
    assert code == "Success"
    bench.clock.forward(seconds=2)
    job = {"CreateAccountRequestId": created["CreateAccountStatus"]["Id"]}
    _, _, status = call(organizations(bench), "DescribeCreateAccountStatus", job)
    new = status["CreateAccountStatus"]["AccountId"]
    (role,) = bench.world.identities.roles_in(AccountId(new))
    expected = json.loads(json.dumps(case["output"]["Role"]).replace("222222222222", new))
    assert {
        "Path": role.path,
        "RoleName": role.name,
        "Arn": role.arn,
        "AssumeRolePolicyDocument": json.loads(role.trust.text),
        "MaxSessionDuration": role.max_session_seconds,
    } == expected
    assert list(role.managed) == [p["PolicyArn"] for p in case["output"]["AttachedPolicies"]]


@pytest.mark.parametrize("name", ["MemberServiceRole", "ManagementServiceRole"])
def test_every_account_has_the_recorded_service_role(
    bench: Bench, recording: Recording, name: str
) -> None:
    case = next(c for c in recording("org_roles_and_quotas") if c["case"] == name)
    recorded = case["output"]
    holder = AccountId(recorded["Role"]["Arn"].split(":")[4])
    if holder != MANAGEMENT:
        state = bench.world.organization
        state.add_account(account(holder, "member", state.org_root_id))
    key = bench.add_user(holder, "reader").access_key_id
    client = boto_client(bench.sandbox, "iam", key)
    role_name = recorded["Role"]["RoleName"]
    shown = client.get_role(RoleName=role_name)["Role"]
    # The recorder left these three out.
    assert differences(recorded["Role"], shown) == [
        ".CreateDate: not recorded",
        ".RoleId: not recorded",
        ".RoleLastUsed: not recorded",
    ]
    attached = client.list_attached_role_policies(RoleName=role_name)["AttachedPolicies"]
    assert attached == recorded["AttachedPolicies"]
    inline = client.list_role_policies(RoleName=role_name)["PolicyNames"]
    assert inline == recorded["InlinePolicyNames"]


def test_resource_control_policies_are_accepted_and_stored_as_recorded(
    bench: Bench, recording: Recording
) -> None:
    client = organizations(bench)
    troubles = []
    for case in recording("rcp_syntax"):
        request = {
            "Name": case["name"],
            "Description": "",
            "Type": RCP,
            "Content": json.dumps(case["content"]),
        }
        code, message, output = call(client, "CreatePolicy", request)
        if case["accepted"]:
            if code != "Success" or json.loads(output["Policy"]["Content"]) != case["stored"]:
                troubles.append((case["name"], code, output))
        elif (code, message) != (case["error"]["code"], case["error"]["message"]):
            troubles.append((case["name"], code, message))
    assert troubles == []


def test_every_service_of_the_list_may_stand_in_an_rcp(bench: Bench, recording: Recording) -> None:
    client = organizations(bench)
    cases = recording("rcp_supported_actions_docs_derived")
    prefixes = sorted({c["action"].partition(":")[0] for c in cases if "action" in c})
    statements = [
        {"Effect": "Deny", "Principal": "*", "Action": f"{prefix}:*", "Resource": "*"}
        for prefix in prefixes
    ]
    for number, statement in enumerate(statements):
        content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        request = {"Name": f"p{number}", "Description": "", "Type": RCP, "Content": content}
        assert call(client, "CreatePolicy", request)[0] == "Success", statement


class Mutation:
    """An object in a member account below a unit, and one RCP that comes and goes."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.client = bench, organizations(bench)
        state = bench.world.organization
        self.root, self.unit, self.member = state.org_root_id, "ou-exam-11111111", "222222222222"
        state.add_unit(OrganizationalUnit(self.unit, "Unit", self.root))
        state.add_account(account(AccountId(self.member), "member", self.unit))
        reader = bench.add_user(AccountId(self.member), "reader")
        self.reader = boto_client(bench.sandbox, "s3", reader.access_key_id)
        self.reader.create_bucket(Bucket="owned")
        self.reader.put_object(Bucket="owned", Key="object", Body=b"x")
        self.client.enable_policy_type(RootId=self.root, PolicyType=RCP)
        made = self.client.create_policy(
            Name="deny", Description="", Type=RCP, Content=self.denying("s3", "secretsmanager")
        )
        self.policy = made["Policy"]["PolicySummary"]["Id"]

    @staticmethod
    def denying(*services: str) -> str:
        actions = [f"{service}:*" for service in services]
        statement = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def attach(self, target: str) -> None:
        self.client.attach_policy(PolicyId=self.policy, TargetId=target)

    def detach(self, target: str) -> None:
        self.client.detach_policy(PolicyId=self.policy, TargetId=target)

    def update(self, *services: str) -> None:
        self.client.update_policy(PolicyId=self.policy, Content=self.denying(*services))

    def move_to_root(self) -> None:
        self.client.move_account(
            AccountId=self.member, SourceParentId=self.unit, DestinationParentId=self.root
        )

    def disable(self) -> None:
        self.client.disable_policy_type(RootId=self.root, PolicyType=RCP)

    def make(self, mutation: str) -> None:
        """Make a recorded change; `baseline` and `reopen` change nothing."""
        changes: dict[str, Callable[[], None]] = {
            "attach_ou": lambda: self.attach(self.unit),
            "update_secret_only": lambda: self.update("secretsmanager"),
            "update_both": lambda: self.update("s3", "secretsmanager"),
            "move_to_root": self.move_to_root,
            "attach_root": lambda: self.attach(self.root),
            "detach_root": lambda: self.detach(self.root),
            "attach_account": lambda: self.attach(self.member),
            "disable": self.disable,
        }
        changes.get(mutation, lambda: None)()

    def object_allowed(self) -> bool:
        code, _, _ = call(self.reader, "GetObject", {"Bucket": "owned", "Key": "object"})
        assert code in {"Success", "AccessDenied"}
        return code == "Success"


def test_rcps_follow_the_organization_as_derived(bench: Bench, recording: Recording) -> None:
    cases = recording("rcp_supported_actions_docs_derived")
    mutation = Mutation(bench)
    troubles = []
    for case in (c for c in cases if c["name"] == "organization_mutation"):
        mutation.make(case["mutation"])
        if mutation.object_allowed() is not case["object_allowed"]:
            troubles.append(case)
    assert troubles == []
