"""IAM users, roles and their policies, as clients commonly make and read them."""

import csv
import io
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rootsteward.sandbox.world.credentials import CertificateRecord
from sandbox_bench import MANAGEMENT, Bench, boto_client

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "sts:AssumeRole"}
    ],
}


def refused_response(call: Any, **params: object) -> Any:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response


def refused(call: Any, **params: object) -> tuple[str, str, int]:  # noqa: ANN401
    response = refused_response(call, **params)
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], response["Error"]["Message"], status


def test_a_user_lives_and_dies(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    made = iam.create_user(UserName="ada", Path="/team/", Tags=[{"Key": "a", "Value": "b"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{MANAGEMENT}:user/team/ada"
    assert iam.get_user(UserName="ADA")["User"]["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "ada" in [user["UserName"] for user in iam.list_users()["Users"]]
    assert [user["UserName"] for user in iam.list_users(PathPrefix="/team/")["Users"]] == ["ada"]
    assert refused(iam.create_user, UserName="Ada")[::2] == ("EntityAlreadyExists", 409)
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    as_ada = boto_client(bench.sandbox, "sts", key["AccessKeyId"])
    assert as_ada.get_caller_identity()["Arn"] == made["Arn"]
    assert refused(iam.delete_user, UserName="ada")[0] == "DeleteConflict"
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refused(as_ada.get_caller_identity)[0] == "InvalidClientTokenId"
    iam.delete_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="ada")
    assert refused(iam.get_user, UserName="ada") == (
        "NoSuchEntity",
        "The user with name ada cannot be found.",
        404,
    )


def test_a_user_has_two_keys_at_most(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    for _ in range(2):
        iam.create_access_key(UserName="ada")
    assert refused(iam.create_access_key, UserName="ada")[::2] == ("LimitExceeded", 409)


def test_a_user_may_do_what_its_policies_say(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    as_ada = boto_client(bench.sandbox, "iam", key)
    code, message, _ = refused(as_ada.list_users)
    assert code == "AccessDenied"
    assert message == (
        f"User: arn:aws:iam::{MANAGEMENT}:user/ada is not authorized to perform: iam:ListUsers on "
        f"resource: arn:aws:iam::{MANAGEMENT}:user/ because no identity-based policy allows the "
        "iam:ListUsers action"
    )
    iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    assert as_ada.list_users()["Users"]
    iam.delete_user_policy(UserName="ada", PolicyName="all")
    assert refused(as_ada.list_users)[0] == "AccessDenied"
    iam.attach_user_policy(UserName="ada", PolicyArn=ADMINISTRATOR)
    assert as_ada.list_users()["Users"]
    iam.detach_user_policy(UserName="ada", PolicyArn=ADMINISTRATOR)
    assert refused(as_ada.list_users)[0] == "AccessDenied"


def test_a_role_lives_and_dies(iam: Any) -> None:  # noqa: ANN401
    made = iam.create_role(
        RoleName="Operator",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        Description="opens root sessions",
        MaxSessionDuration=7200,
    )["Role"]
    assert made["AssumeRolePolicyDocument"] == TRUST
    shown = iam.get_role(RoleName="Operator")["Role"]
    assert (shown["Description"], shown["MaxSessionDuration"]) == ("opens root sessions", 7200)
    assert [role["RoleName"] for role in iam.list_roles(PathPrefix="/")["Roles"]] == [
        "AWSServiceRoleForOrganizations",
        "Operator",
    ]
    iam.put_role_policy(RoleName="Operator", PolicyName="p", PolicyDocument=json.dumps(ALLOW_ALL))
    iam.attach_role_policy(RoleName="Operator", PolicyArn=ADMINISTRATOR)
    assert iam.list_role_policies(RoleName="Operator")["PolicyNames"] == ["p"]
    assert iam.get_role_policy(RoleName="Operator", PolicyName="p")["PolicyDocument"] == ALLOW_ALL
    assert iam.list_attached_role_policies(RoleName="Operator")["AttachedPolicies"] == [
        {"PolicyName": "AdministratorAccess", "PolicyArn": ADMINISTRATOR}
    ]
    assert refused(iam.delete_role, RoleName="Operator")[0] == "DeleteConflict"
    iam.delete_role_policy(RoleName="Operator", PolicyName="p")
    assert refused(iam.delete_role, RoleName="Operator")[0] == "DeleteConflict"
    iam.detach_role_policy(RoleName="Operator", PolicyArn=ADMINISTRATOR)
    iam.delete_role(RoleName="Operator")
    assert refused(iam.get_role, RoleName="Operator")[1] == (
        "The role with name Operator cannot be found."
    )


def test_a_role_that_may_not_be_read(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert iam.get_role(RoleName="R")["Role"]["RoleLastUsed"] == {}
    (listed,) = (role for role in iam.list_roles()["Roles"] if role["RoleName"] == "R")
    assert "RoleLastUsed" not in listed
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    _, message, _ = refused(boto_client(bench.sandbox, "iam", key).get_role, RoleName="R")
    denied, _, details = message.partition(" action. Go to https://us-east-1.console.aws.amazon")
    assert denied.endswith(
        "iam:GetRole on resource: role R because no identity-based policy allows the iam:GetRole"
    )
    _, _, authorization_id = details.rpartition("following authorization id: ")
    assert re.fullmatch("[a-z0-9]{25}", authorization_id)
    assert details.count(authorization_id) == 2


def test_documents_that_iam_cannot_read_are_refused(iam: Any) -> None:  # noqa: ANN401
    assert refused(iam.create_role, RoleName="R", AssumeRolePolicyDocument="{")[0] == (
        "MalformedPolicyDocument"
    )
    iam.create_user(UserName="ada")
    nothing = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]})
    put = {"UserName": "ada", "PolicyName": "p", "PolicyDocument": nothing}
    assert refused(iam.put_user_policy, **put)[0] == "MalformedPolicyDocument"
    assert refused(iam.get_user_policy, UserName="ada", PolicyName="p") == (
        "NoSuchEntity",
        "The user policy with name p cannot be found.",
        404,
    )


def test_inline_policies_go_by_their_name_in_any_case(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    deny = {**ALLOW_ALL, "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    for name, document in (("MixedName", ALLOW_ALL), ("MIXEDNAME", deny)):
        put = {"PolicyName": name, "PolicyDocument": json.dumps(document)}
        iam.put_user_policy(UserName="ada", **put)
    assert iam.list_user_policies(UserName="ada")["PolicyNames"] == ["MixedName"]
    shown = iam.get_user_policy(UserName="ada", PolicyName="MIXEDNAME")
    assert (shown["PolicyName"], shown["PolicyDocument"]) == ("MIXEDNAME", deny)
    iam.delete_user_policy(UserName="ada", PolicyName="mixedname")
    assert iam.list_user_policies(UserName="ada")["PolicyNames"] == []


def test_a_key_cannot_be_made_expired(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    for status in ("Inactive", "Active"):
        iam.update_access_key(UserName="ada", AccessKeyId=key, Status=status)
        expire = {"UserName": "ada", "AccessKeyId": key, "Status": "Expired"}
        assert refused(iam.update_access_key, **expire)[::2] == ("InvalidInput", 400)
        (listed,) = iam.list_access_keys(UserName="ada")["AccessKeyMetadata"]
        assert listed["Status"] == status


def test_the_rows_of_a_credential_report(bench: Bench, iam: Any) -> None:  # noqa: ANN401
    answer = refused_response(iam.get_credential_report)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 410
    assert answer["Error"] == {"Type": "Sender", "Code": "ReportNotPresent"}
    for name in ("zoe", "Bea", "ada"):
        iam.create_user(UserName=name)
    iam.create_login_profile(UserName="ada", Password="a-B-c-1-2-3")
    keys = [iam.create_access_key(UserName="ada")["AccessKey"] for _ in range(2)]
    keys.sort(key=lambda key: key["AccessKeyId"])
    inactive = {"AccessKeyId": keys[1]["AccessKeyId"], "Status": "Inactive"}
    iam.update_access_key(UserName="ada", **inactive)
    user = bench.world.identities.user(MANAGEMENT, "ada")
    assert user is not None
    for name, active in (("newer", True), ("older", False)):
        made = CertificateRecord(name, "", bench.clock(), active)
        user.holdings.certificates[name] = made
    iam.generate_credential_report()
    iam.generate_credential_report()
    content = iam.get_credential_report()["Content"].decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    names = ["<root_account>", "ada", "Bea", "management", "zoe"]
    assert [row["user"] for row in rows] == names
    shown = rows[1]
    assert (shown["password_enabled"], shown["password_next_rotation"]) == ("true", "N/A")
    assert (shown["access_key_1_active"], shown["access_key_2_active"]) == ("true", "false")
    assert (shown["cert_1_active"], shown["cert_2_active"]) == ("false", "true")


def test_what_the_sandbox_does_not_have_it_says(iam: Any) -> None:  # noqa: ANN401
    iam.create_user(UserName="ada")
    readers = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert refused(iam.attach_user_policy, UserName="ada", PolicyArn=readers)[0] == "NotImplemented"


def test_lists_come_in_pages(iam: Any) -> None:  # noqa: ANN401
    for number in range(5):
        iam.create_user(UserName=f"user-{number}")
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 2, 2]
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_the_role_of_the_recording_is_shown_as_recorded(bench: Bench) -> None:
    bench.call("organizations", "CreateAccount", AccountName="new", Email="new@example.com")
    bench.clock.forward(seconds=3)
    (status,) = bench.call("organizations", "ListCreateAccountStatus")["CreateAccountStatuses"]
    account_id = status["AccountId"]
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    sts = boto_client(bench.sandbox, "sts", bench.callers["management"].access_key_id)
    given = sts.assume_role(RoleArn=role, RoleSessionName="look")
    iam = boto_client(bench.sandbox, "iam", given["Credentials"]["AccessKeyId"])
    shown = iam.get_role(RoleName="OrganizationAccountAccessRole")["Role"]
    assert {"Path": shown["Path"], "Arn": shown["Arn"], "Max": shown["MaxSessionDuration"]} == {
        "Path": "/",
        "Arn": role,
        "Max": 3600,
    }
    assert shown["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "AWS": f"arn:aws:iam::{MANAGEMENT}:root"
    }
    assert iam.list_role_policies(RoleName=shown["RoleName"])["PolicyNames"] == []


def test_a_service_linked_role_is_not_for_its_account_to_change(iam: Any) -> None:  # noqa: ANN401
    name = "AWSServiceRoleForOrganizations"
    code, message, status = refused(iam.delete_role, RoleName=name)
    assert (code, status) == ("UnmodifiableEntity", 400)
    assert f"the protected role '{name}'" in message
    tags = {"RoleName": name, "Tags": [{"Key": "a", "Value": "b"}]}
    assert refused(iam.tag_role, **tags)[0] == "UnmodifiableEntity"
    assert iam.get_account_summary()["SummaryMap"]["Roles"] == 1
