from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.sandbox.world.control_policies import RCP, SCP
from sandbox_bench import MANAGEMENT, MEMBER, UNIT

if TYPE_CHECKING:
    from sandbox_bench import Bench

ORGANIZATIONS = "organizations"
DENY = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements or (DENY,))})


def create(bench: Bench, name: str = "deny", content: str | None = None, kind: str = SCP) -> str:
    output = bench.call(ORGANIZATIONS, "CreatePolicy", **draft(name, content, kind))
    policy_id: str = output["Policy"]["PolicySummary"]["Id"]
    return policy_id


def draft(name: str = "deny", content: str | None = None, kind: str = SCP) -> dict[str, Any]:
    return {"Name": name, "Description": "d", "Type": kind, "Content": content or document()}


def reason(bench: Bench, operation: str, **params: Any) -> str:  # noqa: ANN401 (parameters of the call)
    error = bench.refusal(ORGANIZATIONS, operation, **params)
    return error.members.get("Reason", error.code)


def test_a_policy_is_stored_as_it_was_sent(bench: Bench) -> None:
    content = document().replace(",", " ,\n")
    policy_id = create(bench, content=content)
    shown = bench.call(ORGANIZATIONS, "DescribePolicy", PolicyId=policy_id)["Policy"]
    assert shown["Content"] == content
    organization = bench.world.organization
    assert shown["PolicySummary"] == {
        "Id": policy_id,
        "Arn": f"arn:aws:organizations::{MANAGEMENT}:policy/{organization.id}/"
        f"service_control_policy/{policy_id}",
        "Name": "deny",
        "Description": "d",
        "Type": SCP,
        "AwsManaged": False,
    }


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}',
        '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}]}',
        '{"Statement":[{"Effect":"Deny","Resource":"*"}]}',
        '{"Statement":[{"Effect":"Deny","Action":[],"Resource":"*"}]}',
        '{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":[]}]}',
        '{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"bucket"}]}',
        '{"Statement":[]}',
        '{"Statement":[{"Effect":"Deny","Action":"PutObject","Resource":"*"}]}',
        '{"Statement":[{"Effect":"Deny","NotAction":["s3:*","sqs"],"Resource":"*"}]}',
        document({**DENY, "Sid": "One"}, {**DENY, "Sid": "One"}),
    ],
)
def test_malformed_documents_are_refused_on_creation_and_update(bench: Bench, content: str) -> None:
    error = bench.refusal(ORGANIZATIONS, "CreatePolicy", **draft(content=content))
    assert (error.code, error.message) == (
        "MalformedPolicyDocumentException",
        "The provided policy document does not meet the requirements of the specified policy type.",
    )
    policy_id = create(bench)
    update = {"PolicyId": policy_id, "Content": content}
    assert reason(bench, "UpdatePolicy", **update) == "MalformedPolicyDocumentException"


@pytest.mark.parametrize(("kind", "most"), [(SCP, 10_240), (RCP, 5_120)])
def test_documents_have_a_greatest_length_in_characters_as_sent(
    bench: Bench, kind: str, most: int
) -> None:
    content = document({**DENY, "Principal": "*"} if kind == RCP else DENY)
    fits = content + " " * (most - len(content))
    assert create(bench, "fits", fits, kind)
    assert reason(bench, "CreatePolicy", **draft("long", fits + " ", kind)) == (
        "POLICY_CONTENT_LIMIT_EXCEEDED"
    )


def test_names_are_unique_within_a_type(bench: Bench) -> None:
    create(bench, "one")
    other = create(bench, "two")
    assert reason(bench, "CreatePolicy", **draft("one")) == "DuplicatePolicyException"
    rename = {"PolicyId": other, "Name": "one"}
    assert reason(bench, "UpdatePolicy", **rename) == "DuplicatePolicyException"
    assert bench.call(ORGANIZATIONS, "UpdatePolicy", PolicyId=other, Name="two")


def test_an_update_takes_effect_at_once(bench: Bench) -> None:
    policy_id = create(bench)
    bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=UNIT)
    assert bench.call("iam", "GetUser", "member")
    content = document({"Effect": "Deny", "Action": "iam:GetUser", "Resource": "*"})
    bench.call(ORGANIZATIONS, "UpdatePolicy", PolicyId=policy_id, Content=content)
    assert bench.refusal("iam", "GetUser", "member").code == "AccessDenied"


def test_aws_managed_policies_cannot_be_changed(bench: Bench) -> None:
    for operation in ("UpdatePolicy", "DeletePolicy"):
        assert reason(bench, operation, PolicyId="p-FullAWSAccess") == "IMMUTABLE_POLICY"


def test_attached_policies_cannot_be_deleted(bench: Bench) -> None:
    policy_id = create(bench)
    place = {"PolicyId": policy_id, "TargetId": UNIT}
    bench.call(ORGANIZATIONS, "AttachPolicy", **place)
    assert reason(bench, "DeletePolicy", PolicyId=policy_id) == "PolicyInUseException"
    bench.call(ORGANIZATIONS, "DetachPolicy", **place)
    bench.call(ORGANIZATIONS, "DeletePolicy", PolicyId=policy_id)
    assert reason(bench, "DescribePolicy", PolicyId=policy_id) == "PolicyNotFoundException"


def test_attachments_are_shown_from_both_sides(bench: Bench) -> None:
    policy_id = create(bench)
    org_root = bench.world.organization.org_root_id
    for target in (org_root, UNIT, MEMBER):
        bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=target)
    targets = bench.call(ORGANIZATIONS, "ListTargetsForPolicy", PolicyId=policy_id)["Targets"]
    assert [(t["TargetId"], t["Type"], t["Name"]) for t in targets] == [
        (org_root, "ROOT", "Root"),
        (UNIT, "ORGANIZATIONAL_UNIT", "Workloads"),
        (MEMBER, "ACCOUNT", "member"),
    ]
    shown = bench.call(ORGANIZATIONS, "ListPoliciesForTarget", TargetId=MEMBER, Filter=SCP)
    assert [p["Id"] for p in shown["Policies"]] == ["p-FullAWSAccess", policy_id]
    listed = bench.call(ORGANIZATIONS, "ListPolicies", Filter=SCP)["Policies"]
    assert [p["Name"] for p in listed] == ["FullAWSAccess", "deny"]


def test_attaching_has_its_limits_and_errors(bench: Bench) -> None:
    ids = [create(bench, f"p{n}") for n in range(10)]
    for policy_id in ids[:9]:
        bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=MEMBER)
    full = {"PolicyId": ids[9], "TargetId": MEMBER}
    assert reason(bench, "AttachPolicy", **full) == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    twice = {"PolicyId": ids[0], "TargetId": MEMBER}
    assert reason(bench, "AttachPolicy", **twice) == "DuplicatePolicyAttachmentException"
    nowhere = {"PolicyId": ids[0], "TargetId": "444444444444"}
    assert reason(bench, "AttachPolicy", **nowhere) == "TargetNotFoundException"
    nothing = {"PolicyId": "p-nothing1", "TargetId": MEMBER}
    assert reason(bench, "AttachPolicy", **nothing) == "PolicyNotFoundException"
    not_there = {"PolicyId": ids[0], "TargetId": UNIT}
    assert reason(bench, "DetachPolicy", **not_there) == "PolicyNotAttachedException"


def test_the_last_scp_of_a_target_stays(bench: Bench) -> None:
    last = {"PolicyId": "p-FullAWSAccess", "TargetId": UNIT}
    assert reason(bench, "DetachPolicy", **last) == "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=create(bench), TargetId=UNIT)
    assert bench.call(ORGANIZATIONS, "DetachPolicy", **last) == {}


def test_switching_a_type_off_detaches_and_on_again_restores_full_access_only(
    bench: Bench,
) -> None:
    org_root = bench.world.organization.org_root_id
    policy_id = create(bench)
    bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=UNIT)
    switch = {"RootId": org_root, "PolicyType": SCP}
    assert reason(bench, "EnablePolicyType", **switch) == "PolicyTypeAlreadyEnabledException"
    off = bench.call(ORGANIZATIONS, "DisablePolicyType", **switch)["Root"]
    assert off["PolicyTypes"] == []
    assert reason(bench, "DisablePolicyType", **switch) == "PolicyTypeNotEnabledException"
    attach = {"PolicyId": policy_id, "TargetId": UNIT}
    assert reason(bench, "AttachPolicy", **attach) == "PolicyTypeNotEnabledException"
    bench.call(ORGANIZATIONS, "EnablePolicyType", **switch)
    shown = bench.call(ORGANIZATIONS, "ListPoliciesForTarget", TargetId=UNIT, Filter=SCP)
    assert [p["Id"] for p in shown["Policies"]] == ["p-FullAWSAccess"]
    wrong = {"RootId": "r-none", "PolicyType": SCP}
    assert reason(bench, "EnablePolicyType", **wrong) == "RootNotFoundException"


def test_five_rcps_are_the_most_and_full_access_is_not_detachable(bench: Bench) -> None:
    org_root = bench.world.organization.org_root_id
    bench.call(ORGANIZATIONS, "EnablePolicyType", RootId=org_root, PolicyType=RCP)
    content = document({**DENY, "Principal": "*"})
    ids = [create(bench, f"r{n}", content, RCP) for n in range(5)]
    for policy_id in ids[:4]:
        bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=MEMBER)
    full = {"PolicyId": ids[4], "TargetId": MEMBER}
    assert reason(bench, "AttachPolicy", **full) == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    stays = {"PolicyId": "p-RCPFullAWSAccess", "TargetId": MEMBER}
    assert reason(bench, "DetachPolicy", **stays) == "NON_DETACHABLE_POLICY"
