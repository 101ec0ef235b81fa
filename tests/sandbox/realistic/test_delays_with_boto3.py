"""Changes that take effect late, as an unmodified boto3 sees them (rule cards ROOT-80 and on)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rootsteward.domain.task_policy import TaskPolicy
from rootsteward.sandbox.served import ServedSandbox, served_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

IAM = "iam.amazonaws.com"
DELEGATE, MEMBER = "222222222222", "444444444444"
WORLD = """
regions: [us-east-1]
realistic: true
organization:
  management:
    id: "111111111111"
    name: management
    email: management@example.com
    users:
      - name: administrator
        managed_policies: [AdministratorAccess]
        access_keys: [{profile: management}]
  trusted_services: [iam.amazonaws.com]
  root_features: [RootCredentialsManagement, RootSessions]
  delegated_administrators: {iam.amazonaws.com: [delegate]}
accounts:
  - id: "222222222222"
    name: delegate
    email: delegate@example.com
    users:
      - name: operator
        managed_policies: [AdministratorAccess]
        access_keys: [{profile: delegate}]
  - id: "444444444444"
    name: member
    email: member@example.com
    users:
      - name: owner
        managed_policies: [AdministratorAccess]
        access_keys: [{profile: member}]
    queues: [{name: jobs}]
"""


@pytest.fixture(scope="module")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    path = tmp_path_factory.mktemp("world") / "small.yaml"
    path.write_text(WORLD)
    with served_sandbox(path) as served:
        yield served


@pytest.fixture
def organization(_served: ServedSandbox) -> ServedSandbox:
    _served.reset()
    _served.clock.freeze()
    return _served


def client(organization: ServedSandbox, service: str, profile: str = "management") -> Any:  # noqa: ANN401 (boto3's own)
    return organization.session(profile).client(service, config=ONE_TRY)


ONE_TRY = Config(retries={"total_max_attempts": 1})


def assume_root(
    organization: ServedSandbox,
    profile: str = "management",
    task: TaskPolicy = TaskPolicy.CREATE_PASSWORD,
) -> dict[str, Any]:
    answer = client(organization, "sts", profile).assume_root(
        TargetPrincipal=MEMBER, TaskPolicyArn={"arn": task.arn()}
    )
    credentials: dict[str, Any] = answer["Credentials"]
    return credentials


def in_session(organization: ServedSandbox, task: TaskPolicy) -> Any:  # noqa: ANN401 (boto3's own)
    keys = assume_root(organization, task=task)
    return boto3.session.Session().client(
        "iam",
        endpoint_url=organization.url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def outcome(organization: ServedSandbox, profile: str = "management") -> str:
    try:
        assume_root(organization, profile)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "Success"


def test_a_deregistered_delegate_flaps_before_it_is_refused_for_good(
    organization: ServedSandbox,
) -> None:
    organizations = client(organization, "organizations")
    organizations.deregister_delegated_administrator(AccountId=DELEGATE, ServicePrincipal=IAM)
    with pytest.raises(ClientError) as refused:
        client(organization, "iam", "delegate").list_organizations_features()
    assert refused.value.response["Error"]["Code"] == (
        "AccountNotManagementOrDelegatedAdministratorException"
    )
    seen = [outcome(organization, "delegate")]
    for seconds in (2, 13, 45, 120):
        organization.clock.advance(seconds)
        seen.append(outcome(organization, "delegate"))
    assert seen == ["Success", "AccessDenied", "Success", "AccessDenied", "AccessDenied"]


def test_a_delegate_that_is_registered_again_is_one_at_once(organization: ServedSandbox) -> None:
    organizations = client(organization, "organizations")
    organizations.deregister_delegated_administrator(AccountId=DELEGATE, ServicePrincipal=IAM)
    organization.clock.advance(2)
    assert outcome(organization, "delegate") == "AccessDenied"
    organizations.register_delegated_administrator(AccountId=DELEGATE, ServicePrincipal=IAM)
    assert outcome(organization, "delegate") == "Success"


def test_trusted_access_ends_minutes_later_for_new_sessions(organization: ServedSandbox) -> None:
    organizations = client(organization, "organizations")
    organizations.deregister_delegated_administrator(AccountId=DELEGATE, ServicePrincipal=IAM)
    organization.clock.advance(300)
    organizations.disable_aws_service_access(ServicePrincipal=IAM)
    seen = [outcome(organization)]
    for seconds in (60, 60, 60):
        organization.clock.advance(seconds)
        seen.append(outcome(organization))
    assert seen == ["Success", "Success", "Success", "AccessDenied"]


def test_a_feature_that_is_off_is_off_at_once(organization: ServedSandbox) -> None:
    client(organization, "iam").disable_organizations_root_credentials_management()
    assert outcome(organization) == "AccessDenied"


def test_the_summary_shows_a_password_and_its_end_a_second_late(
    organization: ServedSandbox,
) -> None:
    iam = in_session(organization, TaskPolicy.CREATE_PASSWORD)
    own = client(organization, "iam", "member")

    def flag() -> int:
        return int(own.get_account_summary()["SummaryMap"]["AccountPasswordPresent"])

    iam.create_login_profile()
    assert iam.get_login_profile()["LoginProfile"]["PasswordResetRequired"] is False
    assert flag() == 0
    organization.clock.advance(1)
    assert flag() == 1
    in_session(organization, TaskPolicy.DELETE_CREDENTIALS).delete_login_profile()
    assert flag() == 1
    organization.clock.advance(1)
    assert flag() == 0


def test_a_policy_is_in_force_seconds_after_it_was_attached(organization: ServedSandbox) -> None:
    organizations = client(organization, "organizations")
    queues = client(organization, "sqs", "member")
    deny = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
    }
    policy = organizations.create_policy(
        Name="no-queues", Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(deny)
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=MEMBER)
    listed = organizations.list_policies_for_target(
        TargetId=MEMBER, Filter="SERVICE_CONTROL_POLICY"
    )
    assert policy["Id"] in {each["Id"] for each in listed["Policies"]}
    assert queues.list_queues()["QueueUrls"]
    organization.clock.advance(5)
    with pytest.raises(ClientError, match="service control policy"):
        queues.list_queues()
    organizations.detach_policy(PolicyId=policy["Id"], TargetId=MEMBER)
    with pytest.raises(ClientError, match="service control policy"):
        queues.list_queues()
    organization.clock.advance(5)
    assert queues.list_queues()["QueueUrls"]


def test_an_account_younger_than_the_last_change_may_use_what_it_has(
    organization: ServedSandbox,
) -> None:
    organizations = client(organization, "organizations")
    policy = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"][0]
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root_id, Name="New")
    deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*"}}
    deny["Statement"]["Resource"] = "*"  # type: ignore[index]
    other = organizations.create_policy(
        Name="n", Description="", Type=policy["Type"], Content=json.dumps(deny)
    )["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=other["Id"], TargetId=DELEGATE)
    parent = {"SourceParentId": root_id, "DestinationParentId": unit["OrganizationalUnit"]["Id"]}
    organizations.move_account(AccountId=MEMBER, **parent)
    assert client(organization, "sqs", "member").list_queues()["QueueUrls"]


def test_a_queue_keeps_its_policy_for_some_seconds(organization: ServedSandbox) -> None:
    sqs = client(organization, "sqs", "member")
    url = sqs.list_queues()["QueueUrls"][0]
    deny = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"},
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(deny)})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert "Policy" not in attributes
    sqs.send_message(QueueUrl=url, MessageBody="in time")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "1"
    organization.clock.advance(15)
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message(QueueUrl=url, MessageBody="too late")


def test_without_it_every_change_holds_at_once(organization: ServedSandbox) -> None:
    organization.stage.sandbox.behave(organization.world.behaviour.but(realistic=False))
    organizations = client(organization, "organizations")
    organizations.deregister_delegated_administrator(AccountId=DELEGATE, ServicePrincipal=IAM)
    assert outcome(organization, "delegate") == "AccessDenied"
    organizations.disable_aws_service_access(ServicePrincipal=IAM)
    assert outcome(organization) == "AccessDenied"
