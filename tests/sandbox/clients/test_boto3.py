"""boto3, unmodified, against a served sandbox."""

import json
from collections.abc import Callable
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from rootsteward.domain.identifiers import AccountId
from rootsteward.domain.task_policy import TaskPolicy
from sandbox.cli.served import Served
from sandbox.clients.conftest import HOME, PAYMENTS, Boto3, keys_of

RECEIPTS = "hinode-payments-receipts"


def refusal(call: Callable[..., object], **parameters: object) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_endpoint_and_keys_in_the_environment_are_all_it_needs(
    sdk: Boto3, sandbox: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sdk.sandbox is sandbox
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE")
    for name, value in keys_of(sandbox).items():
        monkeypatch.setenv(name, value)
    assert boto3.client("sts").get_caller_identity()["Account"] == "111111111111"


@pytest.mark.parametrize(
    ("profile", "ends_with"),
    [
        ("management", "111111111111:user/administrator"),
        ("operator", "111111111111:user/root-operator"),
        ("security", "222222222222:user/auditor"),
        ("payments-admin", f"{PAYMENTS}:assumed-role/PaymentsAdmin/"),
        ("root-steward", "111111111111:assumed-role/RootSteward/"),
        ("legacy-billing-root", "999999999999:root"),
    ],
)
def test_every_profile_of_the_credentials_file_is_somebody(
    sdk: Boto3, profile: str, ends_with: str
) -> None:
    assert ends_with in sdk.profile(profile, "sts").get_caller_identity()["Arn"]


def test_a_wrong_secret_is_refused(sandbox: Served, sdk: Boto3) -> None:
    client = boto3.client(
        "sts",
        region_name=HOME,
        endpoint_url=sdk.sandbox.url,
        aws_access_key_id=keys_of(sandbox)["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key="no-such-secret",
    )
    assert refusal(client.get_caller_identity)[0] == "SignatureDoesNotMatch"


def test_pages_of_the_organization_are_read_to_the_end(sdk: Boto3) -> None:
    pages = sdk.profile("management", "organizations").get_paginator("list_accounts")
    listed = [
        account["Id"]
        for page in pages.paginate(PaginationConfig={"PageSize": 5})
        for account in page["Accounts"]
    ]
    assert len(listed) == len(set(listed)) == 14


def test_the_bucket_is_locked_for_its_administrator_and_unlocked_by_a_root_session(
    sdk: Boto3, unfenced: Served
) -> None:
    administrator = sdk.profile("payments-admin", "s3")
    code, message = refusal(administrator.get_bucket_policy, Bucket=RECEIPTS)
    assert code == "AccessDenied"
    assert "explicit deny in a resource-based policy" in message
    rescue = sdk.root("s3", TaskPolicy.UNLOCK_BUCKET)
    policy = json.loads(rescue.get_bucket_policy(Bucket=RECEIPTS)["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]][-1] == "OnlyFromTheOffice"
    rescue.delete_bucket_policy(Bucket=RECEIPTS)
    listed = administrator.list_objects_v2(Bucket=RECEIPTS)["Contents"]
    body = administrator.get_object(Bucket=RECEIPTS, Key=listed[0]["Key"])["Body"].read()
    assert body.startswith(b"receipt 0001")
    kept = unfenced.world.buckets.find(RECEIPTS)
    assert kept is not None
    kept.policy = json.dumps(policy)


def test_the_queue_is_locked_for_its_administrator_and_unlocked_by_a_root_session(
    sdk: Boto3, unfenced: Served
) -> None:
    queue = unfenced.world.queues.find(HOME, AccountId(PAYMENTS), "payments-orders")
    assert queue is not None
    locked = queue.policy
    administrator = sdk.profile("payments-admin", "sqs")
    assert "AccessDenied" in refusal(administrator.get_queue_url, QueueName=queue.name)[0]
    rescue = sdk.root("sqs", TaskPolicy.UNLOCK_QUEUE)
    url = rescue.get_queue_url(QueueName=queue.name)["QueueUrl"]
    rescue.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    received = administrator.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert {message["Body"] for message in received} <= {"order 4711", "order 4712"}
    queue.policy = locked


def test_without_a_repair_a_session_is_denied_by_the_policy(sdk: Boto3, sandbox: Served) -> None:
    code, message = refusal(sdk.root("iam", TaskPolicy.AUDIT).get_account_summary)
    assert code == "AccessDenied"
    assert "with an explicit deny in a service control policy" in message
    assert sandbox.world.organization.policies.named("SERVICE_CONTROL_POLICY", "DenyRootUser")


def test_a_session_can_do_no_more_than_its_task(sdk: Boto3, unfenced: Served) -> None:
    audit = sdk.root("iam", TaskPolicy.AUDIT)
    assert audit.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 0
    code, message = refusal(audit.create_login_profile)
    assert code == "AccessDenied"
    assert "iam:CreateLoginProfile" in message
    held = unfenced.world.root_users.of(AccountId(PAYMENTS)).holdings
    assert held.password is None


def test_findings_and_events_tell_of_the_session(sdk: Boto3, unfenced: Served) -> None:
    sdk.root("iam", TaskPolicy.AUDIT).get_account_summary()
    guardduty = sdk.profile("management", "guardduty")
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    ids = guardduty.list_findings(DetectorId=detector)["FindingIds"]
    found = guardduty.get_findings(DetectorId=detector, FindingIds=ids[:50])["Findings"]
    assert "Policy:IAMUser/ShortTermRootCredentialUsage" in {finding["Type"] for finding in found}
    assert PAYMENTS in {finding["AccountId"] for finding in found}

    since = unfenced.world.now() - timedelta(hours=1)
    events = sdk.profile("management", "cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "AssumeRoot"}],
        StartTime=since,
    )["Events"]
    record = json.loads(events[0]["CloudTrailEvent"])
    assert record["requestParameters"]["targetPrincipal"] == PAYMENTS
    assert "SecretAccessKey".lower() not in events[0]["CloudTrailEvent"].lower()


def test_an_operation_that_is_not_there_is_refused_in_clear_words(sdk: Boto3) -> None:
    _, message = refusal(sdk.profile("management", "iam").list_saml_providers)
    assert "ListSAMLProviders" in message
    assert "sandbox" in message
    dynamodb = sdk.profile("management", "dynamodb")
    assert "dynamodb" in refusal(dynamodb.list_tables)[1]
