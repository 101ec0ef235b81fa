"""Managed policies: made, versioned, attached, deleted; and those of AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rootsteward.domain.task_policy import TaskPolicy
from sandbox_bench import MANAGEMENT, boto_client
from sandbox_replay import call

if TYPE_CHECKING:
    from sandbox_bench import Bench


def document(action: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def create(iam: Any, name: str = "P", action: str = "iam:ListUsers") -> str:  # noqa: ANN401
    arn: str = iam.create_policy(PolicyName=name, PolicyDocument=document(action))["Policy"]["Arn"]
    return arn


def test_a_policy_is_made_and_read(iam: Any) -> None:  # noqa: ANN401
    made = iam.create_policy(
        PolicyName="P",
        Path="/team/",
        Description="what it is for",
        PolicyDocument=document("iam:ListUsers"),
        Tags=[{"Key": "a", "Value": "b"}],
    )["Policy"]
    arn = f"arn:aws:iam::{MANAGEMENT}:policy/team/P"
    assert made.keys() == {
        "PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount",
        "PermissionsBoundaryUsageCount", "IsAttachable", "CreateDate", "UpdateDate", "Tags",
    }  # fmt: skip
    shown = iam.get_policy(PolicyArn=arn)["Policy"]
    assert shown["Description"] == "what it is for"
    assert shown["Tags"] == [{"Key": "a", "Value": "b"}]
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(document("iam:ListUsers"))
    assert version["IsDefaultVersion"] is True
    assert call(iam, "CreatePolicy", {"PolicyName": "p", "PolicyDocument": document("s3:*")})[
        :2
    ] == (
        "EntityAlreadyExists",
        "A policy called p already exists. Duplicate names are not allowed.",
    )


def test_the_default_version_is_what_holds(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    as_ada = boto_client(bench.sandbox, "iam", key)
    arn = create(iam)
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    as_ada.list_users()
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document("iam:ListRoles"))
    as_ada.list_users()
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert call(as_ada, "ListUsers", {})[0] == "AccessDenied"
    as_ada.list_roles()
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"][0]["UserName"] == "ada"
    assert iam.get_account_summary()["SummaryMap"]["Policies"] == 1


def test_a_boundary_is_a_use_of_a_policy(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    attached, boundary, _unused = (create(iam, name) for name in ("attached", "bound", "unused"))
    iam.attach_user_policy(UserName="ada", PolicyArn=attached)
    before = iam.get_account_summary()["SummaryMap"]["PolicyVersionsInUse"]
    iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=boundary)
    assert iam.get_account_summary()["SummaryMap"]["PolicyVersionsInUse"] == before + 1

    def listed(**params: object) -> list[str]:
        policies = iam.list_policies(Scope="Local", **params)["Policies"]
        return [policy["PolicyName"] for policy in policies]

    policy_use, boundary_use = (
        {"PolicyUsageFilter": use} for use in ("PermissionsPolicy", "PermissionsBoundary")
    )
    assert listed(**boundary_use) == ["attached", "bound", "unused"]
    assert listed(OnlyAttached=True) == ["attached", "bound"]
    assert listed(OnlyAttached=True, **policy_use) == ["attached"]
    assert listed(OnlyAttached=True, **boundary_use) == ["bound"]

    def users(arn: str, **params: object) -> int:
        return len(iam.list_entities_for_policy(PolicyArn=arn, **params)["PolicyUsers"])

    assert (users(boundary), users(boundary, **policy_use)) == (1, 0)
    assert (users(attached), users(attached, **boundary_use)) == (1, 0)
    assert users(attached, EntityFilter="User") == 1
    assert users(attached, EntityFilter="Role") == 0


def test_five_versions_are_the_most_and_the_default_one_stays(iam: Any) -> None:  # noqa: ANN401
    arn = create(iam)
    new = {"PolicyArn": arn, "PolicyDocument": document("s3:*")}
    for _ in range(4):
        iam.create_policy_version(**new)
    code, message, _ = call(iam, "CreatePolicyVersion", new)
    assert (code, "up to 5 versions" in message) == ("LimitExceeded", True)
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in listed] == ["v5", "v4", "v3", "v2", "v1"]
    assert call(iam, "DeletePolicyVersion", {"PolicyArn": arn, "VersionId": "v1"})[:2] == (
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    )
    assert call(iam, "DeletePolicy", {"PolicyArn": arn})[0] == "DeleteConflict"
    for version in ("v2", "v3", "v4", "v5"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.create_policy_version(**new)
    assert [v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == [
        "v6",
        "v1",
    ]


def test_an_attached_policy_stays(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    arn = create(iam)
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    assert call(iam, "DeletePolicy", {"PolicyArn": arn})[:2] == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )
    iam.detach_user_policy(UserName="ada", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    assert call(iam, "GetPolicy", {"PolicyArn": arn})[:2] == (
        "NoSuchEntity",
        f"Policy {arn} was not found.",
    )
    assert call(iam, "AttachUserPolicy", {"UserName": "ada", "PolicyArn": arn})[:2] == (
        "NoSuchEntity",
        f"Policy {arn} does not exist or is not attachable.",
    )


def test_a_task_policy_can_be_attached_and_grants_nothing(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    iam.attach_user_policy(UserName="ada", PolicyArn=TaskPolicy.AUDIT.arn())
    held = iam.list_attached_user_policies(UserName="ada")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in held] == [TaskPolicy.AUDIT.arn()]
    assert call(boto_client(bench.sandbox, "iam", key), "GetUser", {})[0] == "AccessDenied"


def test_ten_policies_are_the_most_a_user_holds(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    for number in range(10):
        iam.attach_user_policy(UserName="ada", PolicyArn=create(iam, f"P{number}"))
    eleventh = {"UserName": "ada", "PolicyArn": create(iam, "P10")}
    assert call(iam, "AttachUserPolicy", eleventh)[:2] == (
        "LimitExceeded",
        "Cannot exceed quota for PoliciesPerUser: 10",
    )
    iam.attach_user_policy(
        UserName="ada", PolicyArn=create(iam, "p-again").replace("p-again", "P0")
    )


def test_the_policies_of_aws_are_listed_and_unchangeable(iam: Any) -> None:  # noqa: ANN401
    tasks = iam.list_policies(Scope="AWS", PathPrefix="/root-task/")["Policies"]
    assert [policy["PolicyName"] for policy in tasks] == sorted(task.value for task in TaskPolicy)
    assert all("Description" not in policy for policy in tasks)
    create(iam)
    assert [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]] == ["P"]
    (version,) = iam.list_policy_versions(PolicyArn=tasks[0]["Arn"])["Versions"]
    assert (version["VersionId"], version["IsDefaultVersion"]) == ("v1", True)
    assert call(iam, "DeletePolicy", {"PolicyArn": tasks[0]["Arn"]})[0] == "AccessDenied"


def test_a_task_policy_can_be_attached_and_denies(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    key = bench.add_user(MANAGEMENT, "ada").access_key_id
    arn = TaskPolicy.AUDIT.arn()
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    code, message, _ = call(boto_client(bench.sandbox, "iam", key), "ListUsers", {})
    assert code == "AccessDenied"
    assert message.endswith(f"with an explicit deny in an identity-based policy: {arn}")


def test_a_boundary_bounds(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    key = bench.add_user(MANAGEMENT, "ada").access_key_id
    as_ada = boto_client(bench.sandbox, "iam", key)
    arn = create(iam)
    iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=arn)
    assert iam.get_user(UserName="ada")["User"]["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": arn,
    }
    as_ada.list_users()
    code, message, _ = call(as_ada, "ListRoles", {})
    assert (code, "because no permissions boundary allows" in message) == ("AccessDenied", True)
    assert call(iam, "DeletePolicy", {"PolicyArn": arn})[0] == "DeleteConflict"
    iam.delete_user_permissions_boundary(UserName="ada")
    as_ada.list_roles()
    assert call(iam, "DeleteUserPermissionsBoundary", {"UserName": "ada"})[0] == "NoSuchEntity"
    bounded = iam.create_user(UserName="bob", PermissionsBoundary=arn)["User"]
    assert bounded["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


def denied(bench: Bench, operation: str, **params: object) -> str:
    nothing = json.dumps({"Version": "2012-10-17", "Statement": []})
    if "nobody" not in bench.callers:
        bench.add_user(MANAGEMENT, "nobody", nothing)
    client = boto_client(bench.sandbox, "iam", bench.callers["nobody"].access_key_id)
    code, message, _ = call(client, operation, params)
    assert code == "AccessDenied"
    return message.partition(" on resource: ")[2].partition(" because ")[0]


@pytest.mark.parametrize(
    ("operation", "params", "shown"),
    [
        ("ListAccessKeys", {}, "user nullnobody"),
        ("ListAccessKeys", {"UserName": "ada"}, "user ada"),
        ("GetRole", {"RoleName": "R"}, "role R"),
        ("GetPolicy", {"PolicyArn": TaskPolicy.AUDIT.arn()}, f"policy {TaskPolicy.AUDIT.arn()}"),
        ("CreatePolicy", {"PolicyName": "P", "PolicyDocument": "{}"}, "policy P"),
        ("ListPolicies", {}, "policy path /"),
        ("ListUsers", {}, f"arn:aws:iam::{MANAGEMENT}:user/"),
        ("CreateUser", {"UserName": "ada"}, f"arn:aws:iam::{MANAGEMENT}:user/ada"),
        ("GetAccountSummary", {}, "*"),
    ],
)
def test_denials_name_resources_as_iam_does(
    bench: Bench, operation: str, params: dict[str, Any], shown: str
) -> None:
    assert denied(bench, operation, **params) == shown
