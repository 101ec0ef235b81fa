from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.world.control_policies import RCP, SCP
from sandbox_bench import DELEGATE, MANAGEMENT, MEMBER, UNIT, boto_client

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
        '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","NotPrincipal":"*"}]}',
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


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/*"},
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::logs/*"},
        {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::logs/*"},
        {"Effect": "Deny", "Action": ["s3:*Object", "s?s:*", "*:Get*"], "Resource": "*"},
        {"Effect": "Allow", "NotAction": ["s3:Get*Acl", "iam:?et*"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
    ],
    ids=json.dumps,
)
def test_scps_take_the_whole_policy_language(bench: Bench, statement: dict[str, Any]) -> None:
    content = document(statement)
    policy_id = create(bench, content=content)
    shown = bench.call(ORGANIZATIONS, "DescribePolicy", PolicyId=policy_id)["Policy"]
    assert shown["Content"] == content


FOR_ANYONE = {**DENY, "Principal": "*"}


@pytest.mark.parametrize("action", ["s3:GetObject", "sqs:*", "sts:AssumeRoot"])
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_rcps_of_supported_services_are_taken(bench: Bench, action: str, principal: object) -> None:
    content = document({**FOR_ANYONE, "Action": action, "Principal": principal})
    assert create(bench, content=content, kind=RCP)


@pytest.mark.parametrize(
    "statement",
    [
        {**FOR_ANYONE, "Effect": "Allow"},
        DENY,
        {**FOR_ANYONE, "Principal": {"AWS": "333333333333"}},
        {**DENY, "NotPrincipal": "*"},
        {**FOR_ANYONE, "Action": "*"},
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Principal": "*"},
        {**FOR_ANYONE, "Action": "iam:GetUser"},
        {**FOR_ANYONE, "Action": "organizations:ListAccounts"},
    ],
    ids=json.dumps,
)
def test_what_no_rcp_may_say_is_refused(bench: Bench, statement: dict[str, Any]) -> None:
    content = document(statement)
    assert reason(bench, "CreatePolicy", **draft(content=content, kind=RCP)) == (
        "MalformedPolicyDocumentException"
    )


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
    update = {"PolicyId": create(bench, "short", content, kind), "Content": fits + " "}
    assert reason(bench, "UpdatePolicy", **update) == "POLICY_CONTENT_LIMIT_EXCEEDED"


@pytest.mark.parametrize(("kind", "most"), [(SCP, 10_000), (RCP, 2_000)])
def test_an_organization_has_a_greatest_number_of_policies(
    bench: Bench, kind: str, most: int
) -> None:
    store = bench.world.organization.policies
    content = document(FOR_ANYONE if kind == RCP else DENY)
    one = store.policies[create(bench, "one", content, kind)]
    listed = sum(1 for _ in store.of_type(kind))
    # WHY straight into the store: it looks for a namesake of each policy that is put.
    store.policies |= {
        f"p-{n:08d}": replace(one, id=f"p-{n:08d}", name=f"policy {n}")
        for n in range(most - 1 - listed)
    }
    assert create(bench, "the last", content, kind)
    assert reason(bench, "CreatePolicy", **draft("too many", content, kind)) == (
        "POLICY_NUMBER_LIMIT_EXCEEDED"
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


@pytest.mark.parametrize(
    ("change", "shown", "kept"),
    [
        ({}, {}, {}),
        ({"Name": "two"}, {"Name": "two"}, {"Name": "two"}),
        ({"Name": " "}, {"Name": " "}, {"Name": " "}),
        ({"Description": "e"}, {"Description": "e"}, {"Description": "e"}),
        ({"Description": ""}, {"Description": ""}, {}),
        ({"Content": document(DENY, DENY)}, {}, {}),
    ],
)
def test_an_update_shows_what_it_was_given(
    bench: Bench, change: dict[str, str], shown: dict[str, str], kept: dict[str, str]
) -> None:
    policy_id = create(bench)
    before = bench.call(ORGANIZATIONS, "DescribePolicy", PolicyId=policy_id)["Policy"]
    unsaid = {k: v for k, v in before["PolicySummary"].items() if k not in {"Name", "Description"}}
    updated = bench.call(
        ORGANIZATIONS, "UpdatePolicy", PolicyId=policy_id, by="management", **change
    )
    content = change.get("Content", before["Content"])
    assert updated["Policy"] == {"PolicySummary": {**unsaid, **shown}, "Content": content}
    after = bench.call(ORGANIZATIONS, "DescribePolicy", PolicyId=policy_id)["Policy"]
    assert after == {"PolicySummary": {**before["PolicySummary"], **kept}, "Content": content}


def test_aws_managed_policies_are_shown_as_aws_keeps_them(bench: Bench) -> None:
    full = bench.call(ORGANIZATIONS, "DescribePolicy", PolicyId="p-FullAWSAccess")["Policy"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    kept = {"Version": "2012-10-17", "Statement": [everything]}
    assert full["Content"] == json.dumps(kept, indent=2)
    assert full["PolicySummary"]["Description"] == "Allows access to every operation"
    full = bench.call(ORGANIZATIONS, "DescribePolicy", PolicyId="p-RCPFullAWSAccess")["Policy"]
    assert full["PolicySummary"]["Description"] == "Allows access to every resource"


def test_aws_managed_policies_cannot_be_changed(bench: Bench) -> None:
    for operation in ("UpdatePolicy", "DeletePolicy"):
        assert reason(bench, operation, PolicyId="p-FullAWSAccess") == "IMMUTABLE_POLICY"


def test_attached_policies_cannot_be_deleted(bench: Bench) -> None:
    policy_id = create(bench)
    place = {"PolicyId": policy_id, "TargetId": UNIT}
    bench.call(ORGANIZATIONS, "AttachPolicy", **place)
    error = bench.refusal(ORGANIZATIONS, "DeletePolicy", PolicyId=policy_id)
    assert (error.code, error.message) == (
        "PolicyInUseException",
        "The specified policy is in use and cannot be deleted.",
    )
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


def test_what_a_target_inherits_does_not_count(bench: Bench) -> None:
    ids = [create(bench, f"p{n}") for n in range(9)]
    for target in (bench.world.organization.org_root_id, UNIT, MEMBER):
        for policy_id in ids:
            bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=target)
    shown = bench.call(ORGANIZATIONS, "ListPoliciesForTarget", TargetId=MEMBER, Filter=SCP)
    assert len(shown["Policies"]) == 10


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
    for attached in (policy_id, "p-FullAWSAccess"):
        left = bench.call(ORGANIZATIONS, "ListTargetsForPolicy", PolicyId=attached)
        assert left["Targets"] == []
    assert reason(bench, "DisablePolicyType", **switch) == "PolicyTypeNotEnabledException"
    attach = {"PolicyId": policy_id, "TargetId": UNIT}
    assert reason(bench, "AttachPolicy", **attach) == "PolicyTypeNotEnabledException"
    bench.call(ORGANIZATIONS, "EnablePolicyType", **switch)
    shown = bench.call(ORGANIZATIONS, "ListPoliciesForTarget", TargetId=UNIT, Filter=SCP)
    assert [p["Id"] for p in shown["Policies"]] == ["p-FullAWSAccess"]
    wrong = {"RootId": "r-none", "PolicyType": SCP}
    assert reason(bench, "EnablePolicyType", **wrong) == "RootNotFoundException"


@pytest.mark.parametrize(("kind", "name"), [(SCP, "FullAWSAccess"), (RCP, "RCPFullAWSAccess")])
def test_enabling_a_type_attaches_full_access_everywhere(
    bench: Bench, kind: str, name: str
) -> None:
    organization = bench.world.organization
    organization.policies.disable(SCP)
    switch = {"RootId": organization.org_root_id, "PolicyType": kind}
    enabled = bench.call(ORGANIZATIONS, "EnablePolicyType", **switch)["Root"]
    assert enabled["PolicyTypes"] == [{"Type": kind, "Status": "PENDING_ENABLE"}]
    (later,) = bench.call(ORGANIZATIONS, "ListRoots")["Roots"]
    assert later["PolicyTypes"] == [{"Type": kind, "Status": "ENABLED"}]
    unit = bench.call(ORGANIZATIONS, "CreateOrganizationalUnit", ParentId=UNIT, Name="new")
    new_unit = unit["OrganizationalUnit"]["Id"]
    bench.call(ORGANIZATIONS, "CreateAccount", AccountName="new", Email="new@example.com")
    bench.clock.forward(seconds=3)
    new_account = bench.call(ORGANIZATIONS, "ListAccounts")["Accounts"][-1]["Id"]
    targets = [organization.org_root_id, UNIT, new_unit, MANAGEMENT, DELEGATE, MEMBER, new_account]
    for target in targets:
        shown = bench.call(ORGANIZATIONS, "ListPoliciesForTarget", TargetId=target, Filter=kind)
        (policy,) = shown["Policies"]
        assert (policy["Id"], policy["Name"], policy["AwsManaged"]) == (f"p-{name}", name, True)
        assert policy["Arn"] == f"arn:aws:organizations::aws:policy/{kind.lower()}/p-{name}"
    listed = bench.call(ORGANIZATIONS, "ListTargetsForPolicy", PolicyId=f"p-{name}")["Targets"]
    assert {target["TargetId"] for target in listed} == set(targets)


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


TYPES = (
    "AISERVICES_OPT_OUT_POLICY",
    "BACKUP_POLICY",
    "BEDROCK_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "GUARDDUTY_POLICY",
    "INSPECTOR_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "S3_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "SECURITYHUB_POLICY",
    "SERVICE_CONTROL_POLICY",
    "TAG_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
)


def test_all_fifteen_policy_types_can_be_enabled(bench: Bench) -> None:
    bench.clock.at = datetime.now(UTC)
    org_root = bench.world.organization.org_root_id
    bench.world.organization.policies.disable(SCP)
    key = bench.callers["management"].access_key_id
    client = boto_client(bench.sandbox, ORGANIZATIONS, key)
    for kind in TYPES:
        client.enable_policy_type(RootId=org_root, PolicyType=kind)
    (shown,) = bench.call(ORGANIZATIONS, "ListRoots")["Roots"]
    assert shown["PolicyTypes"] == [{"Type": kind, "Status": "ENABLED"} for kind in TYPES]


def test_a_declarative_policy_authorizes_nothing(bench: Bench) -> None:
    org_root = bench.world.organization.org_root_id
    kind = "DECLARATIVE_POLICY_EC2"
    bench.call(ORGANIZATIONS, "EnablePolicyType", RootId=org_root, PolicyType=kind)
    content = '{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}'
    policy_id = create(bench, content=content, kind=kind)
    bench.call(ORGANIZATIONS, "AttachPolicy", PolicyId=policy_id, TargetId=org_root)
    bench.switch_on()
    assert bench.call("iam", "GetAccountSummary", bench.assume_root(TaskPolicy.AUDIT))
